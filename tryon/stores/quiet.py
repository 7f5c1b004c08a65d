"""httpx writes the address of every request to its log. Those of photos and results must not stay in logs."""

from __future__ import annotations

import logging


def keep_out_of_logs(address: str) -> None:
    """From now on httpx logs no line that holds this address."""
    log = logging.getLogger("httpx")
    if not any(isinstance(known, _Without) and known.address == address for known in log.filters):
        log.addFilter(_Without(address))


class _Without(logging.Filter):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def filter(self, record: logging.LogRecord) -> bool:
        return self.address not in record.getMessage()
