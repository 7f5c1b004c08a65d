"""The log: every step's start and end, with time, user id and component, to the console and to the log store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from tryon.core.uploads import UploadKind


class EventKind(StrEnum):
    STARTED = "started"
    FINISHED = "finished"
    REFUSED = "refused"
    FAILED = "failed"


_LEVELS = {EventKind.REFUSED: "warning", EventKind.FAILED: "error"}


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One line of the log. Ids only: never an image URL, a keypoint or a name. duration_ms: None at the start."""

    timestamp: str
    user_id: str | None
    item_id: str | None
    component: str
    step: str
    event: EventKind
    run_id: str
    recipe: str | None
    duration_ms: float | None
    message: str
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def level(self) -> str:
        return _LEVELS.get(self.event, "info")

    def facts(self) -> dict[str, object]:
        """The line as JSON values, in the order of the contract."""
        facts = asdict(self)
        return {"timestamp": facts.pop("timestamp"), "level": self.level, **facts}


def subjects(event: LogEvent) -> set[tuple[UploadKind, str]]:
    """Every user and item that a line of the log names; those of a stage name an outfit's items in their step."""
    found = {(UploadKind.USER, event.user_id), (UploadKind.ITEM, event.item_id)}
    if event.component.startswith("stage."):
        garments = [part.rpartition(".")[0] for part in event.step.split("+")]
        found |= {(UploadKind.ITEM, item) for item in garments if item}
    return {(kind, upload_id) for kind, upload_id in found if upload_id is not None}


class EventLog(Protocol):
    """Durable, ordered, append-only but for erasures. When `append` returns, the events survive a crash."""

    def append(self, events: Sequence[LogEvent]) -> None:
        """Events about an upload that was erased, and is not there again, are dropped: the end of a run that was
        under way must not bring the id back."""
        ...

    def read(
        self, *, user: str | None = None, key: str | None = None, after: int = 0, limit: int = 1000
    ) -> list[tuple[int, LogEvent]]:
        """Events with a position above `after`, oldest first, of one user or of all, of one product or of all."""
        ...

    def latest(self, limit: int, user: str | None = None) -> list[tuple[int, LogEvent]]:
        """The last events of one user or of all, newest first."""
        ...

    def failures(self, limit: int) -> list[tuple[int, LogEvent]]:
        """The last failures, newest first."""
        ...

    def last_ends(self, keys: Sequence[str]) -> dict[str, tuple[int, LogEvent]]:
        """The last event of each of these products that is no start."""
        ...

    def ends(self, keys: Sequence[str]) -> set[tuple[str, str]]:
        """(run id, key) of every end, finished or refused, of these products."""
        ...

    def keys(self, kind: UploadKind, upload_id: str) -> set[str]:
        """The recipe keys in the events about one upload (see `subjects`)."""
        ...

    def count(self, kind: UploadKind, upload_id: str) -> int:
        """How many events are about one upload."""
        ...

    def forget(self, kind: UploadKind, upload_id: str) -> int:
        """Delete the events about one upload; how many there were. Positions of the others stay."""
        ...


Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def timestamp(at: datetime) -> str:
    """RFC 3339, UTC, microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Journal:
    """The one way to log a step: durable first, then the console, so what was printed was also kept."""

    def __init__(self, log: EventLog, console: Callable[[LogEvent], None], clock: Clock) -> None:
        self._log, self._console, self._clock = log, console, clock

    def write(self, events: Sequence[LogEvent]) -> None:
        self._log.append(events)
        for event in events:
            self._console(event)

    def write_or_say(self, events: Sequence[LogEvent]) -> None:
        """For failures, which may be the log's own: the console hears them though they could not be kept."""
        try:
            self._log.append(events)
        finally:
            for event in events:
                self._console(event)

    @contextmanager
    def step(self, user_id: str | None, component: str, name: str, run_id: str) -> Iterator[None]:
        """A step that makes no product: its start, and its end or failure, whatever happens inside."""
        started = LogEvent(
            self.timestamp(),
            user_id,
            None,
            component,
            name,
            EventKind.STARTED,
            run_id,
            None,
            None,
            f"{name} started",
        )
        self.write([started])
        try:
            yield
        except Exception as error:
            self.write_or_say([self._end(started, EventKind.FAILED, f"{type(error).__name__}: {error}")])
            raise
        self.write([self._end(started, EventKind.FINISHED, f"{name} is done")])

    def _end(self, started: LogEvent, kind: EventKind, message: str) -> LogEvent:
        now = self.timestamp()
        took = datetime.fromisoformat(now) - datetime.fromisoformat(started.timestamp)
        milliseconds = took.total_seconds() * 1000
        return replace(started, timestamp=now, event=kind, duration_ms=milliseconds, message=message)

    def timestamp(self) -> str:
        return timestamp(self._clock())
