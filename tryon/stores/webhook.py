"""A chat or pager webhook: one JSON message to one address. The address is a password: nothing here repeats it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
from pydantic import SecretStr

from tryon.core.errors import InvalidSetting, MessageNotDelivered

SECONDS = 10.0
"""Longest wait for each of: a connection, sending, the answer. Dagster gives a whole sensor tick 60."""


class Webhook:
    def __init__(self, address: SecretStr, seconds: float = SECONDS) -> None:
        """Raises InvalidSetting, without the value."""
        self._address, self._seconds = _checked(address), seconds

    def post(self, message: Mapping[str, object]) -> None:
        """Delivered once this returns. Raises MessageNotDelivered; whether to try again is the caller's choice."""
        try:
            status = self._send(message)
        except httpx.TimeoutException:
            raise MessageNotDelivered(
                f"the alert webhook did not answer within {self._seconds:g} s"
            ) from None
        except httpx.HTTPError as error:
            # Only the kind of error: its message may quote the address.
            raise MessageNotDelivered(
                f"the alert webhook cannot be reached ({type(error).__name__}); check the network and "
                "FASHION_ALERT_WEBHOOK"
            ) from None
        if not 200 <= status < 300:
            advice = "redirects are not followed; " if 300 <= status < 400 else ""
            raise MessageNotDelivered(
                f"the alert webhook answered {status}; {advice}check FASHION_ALERT_WEBHOOK"
            )

    def _send(self, message: Mapping[str, object]) -> int:
        """The status. The body stays unread: it may be long, or never end."""
        with (
            httpx.Client(timeout=self._seconds, follow_redirects=False) as client,
            _unlogged(self._address),
            client.stream("POST", self._address, json=dict(message)) as answer,
        ):
            return answer.status_code


def _checked(address: SecretStr) -> httpx.URL:
    try:
        url = httpx.URL(address.get_secret_value().strip())
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise InvalidSetting(
            "FASHION_ALERT_WEBHOOK is no http or https address (it is a secret and not repeated here); "
            "copy it again from the chat service"
        )
    return url


@contextmanager
def _unlogged(address: httpx.URL) -> Iterator[None]:
    """httpx writes the address of every request to its log."""

    def silent(record: logging.LogRecord) -> bool:
        return str(address) not in record.getMessage()

    log = logging.getLogger("httpx")
    log.addFilter(silent)
    try:
        yield
    finally:
        log.removeFilter(silent)
