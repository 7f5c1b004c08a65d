"""The console half of the log: one JSON line an event on standard output, or a short line for a terminal."""

from __future__ import annotations

import sys

import structlog

from tryon.core.events import LogEvent

_lines = structlog.wrap_logger(
    structlog.WriteLogger(sys.stdout),
    processors=[structlog.processors.JSONRenderer(sort_keys=False)],
)


def json_console(event: LogEvent) -> None:
    facts = event.facts()
    _lines.msg(facts.pop("event"), **facts)


def short_line(event: LogEvent) -> str:
    """For people who watch: time, user, component, step, what happened, how long it took."""
    clock = event.timestamp[11:19]
    took = f" {event.duration_ms / 1000:.2f}s" if event.duration_ms else ""
    why = f" - {event.message}" if event.level != "info" else ""
    return f"{clock} {event.user_id or '-'} {event.component} {event.step} {event.event}{took}{why}"
