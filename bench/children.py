"""Real processes, quickly: a server that has everything imported forks one for each piece of work."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess

MODULES = ["bench.crash_child", "bench.writers_child"]
DAGSTER = "fashion_assets.operate"
"""Takes seconds to import; only for those who need it."""
_CONTEXT = multiprocessing.get_context("forkserver")


def preload(*modules: str) -> None:
    """What the server imports before it forks; without effect once it runs, then each child imports by itself."""
    _CONTEXT.set_forkserver_preload([*MODULES, *modules])


def start(work: Callable[..., None], *args: object) -> ForkServerProcess:
    """work: a function of a module, since it is looked up by name over there."""
    child = _CONTEXT.Process(target=work, args=args)
    child.start()
    return child


def finish(child: ForkServerProcess, seconds: float = 120.0) -> None:
    """Wait for its success. Raises AssertionError for any other end; its own traceback is on standard error."""
    child.join(seconds)
    assert child.exitcode == 0, f"the process ended with {child.exitcode} (None: it did not end)"


preload()
