"""The line to Modal: one client of its SDK, each question within a time of its own, asked again for a bounded time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay
from tenacity.wait import wait_random_exponential

from tryon.core.errors import PackageMissing, StoreUnusable
from tryon.stores.modal import errors

if TYPE_CHECKING:
    from modal import Client

T = TypeVar("T")
Question = Callable[["Client"], Coroutine[Any, Any, T]]

FIRST_WAIT, LONGEST_WAIT = 0.1, 5.0
"""Seconds between two tries: at random up to a bound that doubles. The SDK itself tries each request four times."""


class NoAnswer(TimeoutError):
    """Modal said nothing for as long as one question may take."""


class Line:
    """Safe to use from many threads, none of which may run an event loop. Nothing is imported or connected before the
    first question.

    seconds: for which a question is asked again. answer: seconds for one answer. The SDK waits for ever where a server
    takes a request and says nothing, and for a minute where there is none.
    """

    def __init__(
        self, token_id: SecretStr | None, token_secret: SecretStr | None, seconds: float, answer: float
    ) -> None:
        self._token_id, self._token_secret = token_id, token_secret
        self._seconds, self._answer = seconds, answer
        self._client: Client | None = None
        self._lock = threading.Lock()

    def ask(self, question: Question[T], longer: float = 0.0) -> T:
        """longer: seconds that the question itself waits at Modal. Raises StoreAway in the end, PackageMissing,
        StoreUnusable without a token, and whatever else the SDK raises as it is."""
        retrying = Retrying(
            stop=stop_after_delay(self._seconds + longer),
            wait=wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT),
            retry=retry_if_exception(errors.passing),
            before_sleep=self._renew,
            reraise=True,
        )
        try:
            return retrying(lambda: asyncio.run(self._once(question, longer)))
        except Exception as error:
            if not errors.passing(error):
                raise
            raise errors.away(error, self._seconds) from error

    async def _once(self, question: Question[T], longer: float) -> T:
        try:
            async with asyncio.timeout(self._answer + longer) as limit:
                return await question(self._client or await self._open())
        except TimeoutError:
            if limit.expired():
                raise NoAnswer(f"no answer within {self._answer:g} s") from None
            raise

    async def _open(self) -> Client:
        """Several threads may open one each; the first stays."""
        made = await self._connect()
        with self._lock:
            kept = self._client = self._client or made
        if kept is not made:
            await made.close.aio()
        return kept

    async def _connect(self) -> Client:
        """Without a token the SDK looks for one itself: `modal token new` writes a file."""
        try:
            from modal import Client
            from modal.exception import InvalidError
        except ModuleNotFoundError:
            raise PackageMissing(
                "work on Modal needs the package modal; run `pip install 'fashion-assets[cloud]'`"
            ) from None
        try:
            if self._token_id is None and self._token_secret is None:
                return await Client.from_env.aio()
            return await Client.from_credentials.aio(_plain(self._token_id), _plain(self._token_secret))
        except InvalidError as error:
            raise StoreUnusable(f"Modal's configuration file cannot be used: {error}") from None

    def _renew(self, state: RetryCallState) -> None:
        from modal.exception import ClientClosed

        if state.outcome and isinstance(state.outcome.exception(), ClientClosed):
            with self._lock:
                self._client = None

    def close(self) -> None:
        """The next question opens it again. Without it the SDK closes its connection when the process ends."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None


def _plain(part: SecretStr | None) -> str:
    text = part.get_secret_value().strip() if part else ""
    if not text:
        raise StoreUnusable(f"MODAL_TOKEN_ID or MODAL_TOKEN_SECRET is not set: {errors.TOKEN}")
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise StoreUnusable(
            f"MODAL_TOKEN_ID or MODAL_TOKEN_SECRET holds characters that no token has: {errors.TOKEN}"
        )
    return text
