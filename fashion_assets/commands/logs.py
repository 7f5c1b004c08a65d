"""`fashion logs`: the durable log, once or as it grows."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterator

import typer

from fashion_assets.commands import opening
from fashion_assets.commands.terminal import OK, Terminal
from tryon.console import short_line
from tryon.core.events import EventLog, LogEvent

PAGE = 1000
POLL_SECONDS = 0.5
Place = tuple[int, LogEvent]


def logs(terminal: Terminal, user: str | None, follow: bool, after: int | None, limit: int) -> int:
    """The newest `limit` events, or those after a position. Following goes on from the last one shown."""
    log = opening.open_known(terminal.settings).log
    last = 0
    try:
        for last, event in _past(log, user, after, 0 if follow and after is not None else limit):
            _show(terminal, last, event)
        while follow:
            for position, event in read(log, user, last):
                _show(terminal, position, event)
                last = position
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        pass
    return OK


def read(log: EventLog, user: str | None, after: int) -> Iterator[Place]:
    """All events after a position. Positions only grow: asking after the last one misses and repeats none."""
    while page := log.read(user=user, after=after, limit=PAGE):
        yield from page
        after = page[-1][0]


def _past(log: EventLog, user: str | None, after: int | None, limit: int) -> Iterator[Place]:
    """limit: 0 is no limit."""
    if after is None:
        yield from deque(read(log, user, 0), maxlen=limit or None)
        return
    for count, place in enumerate(read(log, user, after), start=1):
        yield place
        if count == limit:
            return


def _show(terminal: Terminal, position: int, event: LogEvent) -> None:
    facts = {"position": position, **event.facts()}
    typer.echo(json.dumps(facts) if terminal.as_json else f"{position} {short_line(event)}")
