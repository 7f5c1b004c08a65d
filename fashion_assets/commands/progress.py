"""Progress of a pregeneration on stderr: a bar for a person, a few lines for a log file."""

from __future__ import annotations

import time
from threading import Lock
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as Remaining

from tryon.console import short_line
from tryon.core.errors import UNUSABLE, InputMissing
from tryon.core.events import EventKind, LogEvent

LINE_EVERY, LINES = 25, 40
"""Without a terminal: a line for 25 passes, but about 40 lines at most however large the catalogue is."""
_ONE_PASS_EACH = {"stage.crop": "item_id", "stage.mask": "user_id"}
"""Stages whose one engine pass makes several products: all garments of an item, all masks of a user."""


class Watch:
    """Hears every event of a pipeline, from many threads. engine_calls: engine passes that really ran.

    What the bar counts are planned passes that got their verdict: a refused input ends its outfits without
    an engine pass, and they are done nevertheless.
    """

    def __init__(self, console: Console) -> None:
        self._console, self._done, self._said = console, set[str](), 0
        self._refused, self._total, self._started = 0, 0, time.monotonic()
        self._reasons = set[tuple[str | None, str]]()
        self._lock = Lock()
        self._bar = _bar(console) if console.is_terminal else None
        self._task = self._bar.add_task("reading uploads", total=None) if self._bar else None
        self.engine_calls = 0

    def __enter__(self) -> Watch:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def expect(self, total: int) -> None:
        """total: planned engine passes."""
        self._total, self._started = total, time.monotonic()
        if not self._bar:
            self._line(f"{total} engine passes to run")

    def run(self, what: str) -> None:
        """A Dagster run starts."""
        if self._bar and self._task is not None:
            self._bar.update(self._task, description=what, total=self._total)
        else:
            self._line(what)

    def __call__(self, event: LogEvent) -> None:
        ended = event.event is not EventKind.STARTED
        if not event.component.startswith("stage.") or not ended:
            return
        with self._lock:
            self._count(event)

    def _count(self, event: LogEvent) -> None:
        if event.duration_ms:
            self.engine_calls += 1
        self._refused += event.event is EventKind.REFUSED
        if event.event is not EventKind.FINISHED and self._is_news(event):
            self._line(short_line(event))
        self._advance(event)

    def _is_news(self, event: LogEvent) -> bool:
        """One bad photo has hundreds of outfits: its reason is said once, its consequences hardly."""
        kind = event.message.partition(":")[0]
        # What stops everything fails all that is left for one reason.
        about = None if kind in UNUSABLE else event.user_id or event.item_id
        reason = (about, kind if kind == InputMissing.__name__ else event.message)
        known = reason in self._reasons
        self._reasons.add(reason)
        return not known and event.data.get("code") != "input_refused"

    def _advance(self, event: LogEvent) -> None:
        whole = _ONE_PASS_EACH.get(event.component)
        self._done.add(f"{event.component}:{getattr(event, whole) if whole else event.recipe}")
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=len(self._done))
        elif len(self._done) >= self._said + max(LINE_EVERY, self._total // LINES):
            self._said = len(self._done)
            self._line(f"{self._said} of {self._total} done, {self._refused} refused, {self._left()}")

    def _left(self) -> str:
        took = time.monotonic() - self._started
        rest = took / len(self._done) * max(0, self._total - len(self._done))
        return f"about {rest:.0f} s left"

    def _line(self, text: str) -> None:
        """Above the bar, where there is one."""
        self._console.print(escape(text), soft_wrap=True, highlight=False)


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        Remaining(),
        console=console,
    )
