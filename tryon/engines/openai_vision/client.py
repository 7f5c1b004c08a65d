"""One question to the model through OpenAI's SDK.

The answer's text is read here and not by the SDK's `parse`: that raises on an answer that was cut off before it can be
told why. The SDK's own retries are off: it would also repeat a request whose quota is used up.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from tryon.core.errors import AccessDenied, RequestRejected
from tryon.core.words import Refused
from tryon.engines.openai_vision.answer import SCHEMA
from tryon.engines.openai_vision.failures import Busy, NotReached, TooLate
from tryon.engines.openai_vision.outcomes import Said, of_status, read_reply
from tryon.engines.openai_vision.patience import Turns, retry_after
from tryon.engines.openai_vision.picture import DETAIL, data_uri
from tryon.engines.openai_vision.prompt import FORMAT_NAME, INSTRUCTIONS, MOST_TOKENS, QUESTION
from tryon.engines.torch_runtime import need

if TYPE_CHECKING:
    from openai import OpenAI

ADDRESS = "https://api.openai.com/v1"
SECONDS = 45.0
"""Longest wait for an answer; one takes about 5 to 10."""


class Client:
    """Safe to use from many threads. Nothing is imported or connected before the first question."""

    def __init__(
        self,
        api_key: SecretStr | None,
        model: str,
        temperature: float | None,
        base_url: str | None = None,
        seconds: float = SECONDS,
        turns: Turns | None = None,
    ) -> None:
        self._api_key, self._model, self._temperature = api_key, model, temperature
        self._base_url, self._seconds, self._turns = base_url or ADDRESS, seconds, turns or Turns()
        self._sdk: OpenAI | None = None
        self._lock = threading.Lock()

    def open(self) -> None:
        """Raises PackageMissing or AccessDenied where no question could be asked."""
        with self._lock:
            if self._sdk is None:
                self._sdk = _sdk(_key(self._api_key), self._base_url, self._seconds)
                # Nobody closes an engine; its connections go with it.
                weakref.finalize(self, self._sdk.close)

    def ask(self, jpeg: bytes, stopped: threading.Event) -> Said | Refused:
        """Raises what tryon.engines.openai_vision.outcomes names."""
        self.open()
        return self._turns.call(lambda: self._ask_once(jpeg), stopped)

    def check(self) -> None:
        """Whether the service takes the key and has the model; it costs nothing. Raises as `ask`, but for what is said
        about a photo."""
        self.open()
        answered = self._sent(lambda sdk: sdk.models.with_raw_response.retrieve(self._model).text)
        if not isinstance(answered, str):
            of_status(*answered, self._model)
            raise RequestRejected(f"the model's service answered {answered[0]}; check OPENAI_BASE_URL")

    def close(self) -> None:
        with self._lock:
            if self._sdk:
                self._sdk.close()
            self._sdk = None

    def _ask_once(self, jpeg: bytes) -> Said | Refused:
        """What is raised is raised outside of the handlers: the SDK's errors quote the key, and hold the request."""
        request = question(jpeg, self._model, self._temperature)
        answered = self._sent(lambda sdk: sdk.responses.with_raw_response.create(**request).text)
        if isinstance(answered, str):
            return read_reply(answered)
        status, body, after = answered
        return of_status(status, body, after, self._model)

    def _sent(self, send: Callable[[OpenAI], str]) -> str | tuple[int, object, float | None]:
        """The body of a response; or status, error and retry-after of what is none. Raises TooLate, NotReached."""
        import openai

        assert self._sdk, "opened by ask and check"
        try:
            return send(self._sdk)
        except openai.APIStatusError as error:
            return error.status_code, error.body, retry_after(error.response.headers)
        except openai.APITimeoutError:
            failed: Busy = TooLate(f"the model's service did not answer within {self._seconds:g} s")
        except openai.APIConnectionError as error:
            cause = type(error.__cause__ or error).__name__
            failed = NotReached(
                f"the model's service cannot be reached ({cause}); check the network and OPENAI_BASE_URL"
            )
        raise failed


def question(jpeg: bytes, model: str, temperature: float | None) -> dict[str, Any]:
    """The body of POST /responses. store: false, or the service would keep the photo for a month."""
    schema = {"type": "json_schema", "name": FORMAT_NAME, "strict": True, "schema": SCHEMA}
    content = [
        {"type": "input_text", "text": QUESTION},
        {"type": "input_image", "image_url": data_uri(jpeg), "detail": DETAIL},
    ]
    request: dict[str, Any] = {
        "model": model,
        "instructions": INSTRUCTIONS,
        "input": [{"role": "user", "content": content}],
        "text": {"format": schema},
        "max_output_tokens": MOST_TOKENS,
        "store": False,
    }
    return request if temperature is None else {**request, "temperature": temperature}


def _key(api_key: SecretStr | None) -> str:
    key = api_key.get_secret_value().strip() if api_key else ""
    if not key:
        raise AccessDenied("OPENAI_API_KEY is not set: the analyzer of product photos needs it")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise AccessDenied("OPENAI_API_KEY holds characters that no key has; copy it again")
    return key


def _sdk(key: str, base_url: str, seconds: float) -> OpenAI:
    """Redirects are not followed: the photo would go to an address that nobody chose."""
    openai = need("openai")
    http = openai.DefaultHttpxClient(follow_redirects=False)
    made: OpenAI = openai.OpenAI(
        api_key=key, base_url=base_url, timeout=seconds, max_retries=0, http_client=http
    )
    return made
