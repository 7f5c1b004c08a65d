"""Real processes, quickly: a server that has everything imported forks one for each piece of work."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from threading import Lock

MODULES = ["bench.crash_child", "bench.writers_child"]
DAGSTER = "fashion_assets.operate"
"""Takes seconds to import; only for those who need it."""
_CONTEXT = multiprocessing.get_context("forkserver")
_STATUS = Lock()
"""An exit status can be read once, and every start reads those of all ended children: two threads that read the same
one make it 255 for the slower."""


@dataclass(frozen=True)
class Child:
    """A process that threads may start and wait for side by side."""

    process: ForkServerProcess

    @property
    def exitcode(self) -> int | None:
        """None while it runs; -n when signal n ended it."""
        with _STATUS:
            return self.process.exitcode

    def is_alive(self) -> bool:
        return self.exitcode is None

    def join(self, seconds: float | None = None) -> None:
        """Wait for its end, at most `seconds`."""
        wait([self.process.sentinel], seconds)

    def kill(self) -> None:
        self.process.kill()


def preload(*modules: str) -> None:
    """What the server imports before it forks; without effect once it runs, then each child imports by itself."""
    _CONTEXT.set_forkserver_preload([*MODULES, *modules])


def start(work: Callable[..., None], *args: object) -> Child:
    """work: a function of a module, since it is looked up by name over there."""
    process = _CONTEXT.Process(target=work, args=args)
    with _STATUS:
        process.start()
    return Child(process)


def finish(child: Child, seconds: float = 120.0) -> None:
    """Wait for its success. Raises AssertionError for any other end; its own traceback is on standard error."""
    child.join(seconds)
    assert child.exitcode == 0, f"the process ended with {child.exitcode} (None: it did not end)"


preload()
