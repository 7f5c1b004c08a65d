"""What uvicorn itself has to say, as lines of the access log."""

from __future__ import annotations

import logging

from tryon.services.front.access import failure, to_stderr


class _Lines(logging.Handler):
    """One JSON line each. Of an exception its kind and place: its message may quote a request."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        to_stderr(
            {
                "event": "server",
                "level": record.levelname.lower(),
                "message": record.getMessage().strip(),
                **(failure(error) if error else {}),
            }
        )


def tell_as_json() -> None:
    """Warnings and errors; that a server starts or ends is told elsewhere. Nothing else hears them."""
    log = logging.getLogger("uvicorn")
    log.handlers, log.propagate = [_Lines()], False
    log.setLevel(logging.WARNING)
