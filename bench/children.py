"""Real processes, quickly: a server that has everything imported forks one for each piece of work."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess

PRELOADED = ["bench.crash_child", "bench.writers_child"]
_CONTEXT = multiprocessing.get_context("forkserver")


def start(work: Callable[..., None], *args: object) -> ForkServerProcess:
    """work: a function of a module, since it is looked up by name over there."""
    _CONTEXT.set_forkserver_preload(PRELOADED)
    child = _CONTEXT.Process(target=work, args=args)
    child.start()
    return child


def finish(child: ForkServerProcess, seconds: float = 120.0) -> None:
    """Wait for its success. Raises AssertionError for any other end; its own traceback is on standard error."""
    child.join(seconds)
    assert child.exitcode == 0, f"the process ended with {child.exitcode} (None: it did not end)"
