"""OpenAI's Responses API on a loopback socket: it takes only the requests it should get, and plays every outcome.

A wrong request is answered 400 (401, 404) with what is wrong, and noted in `Peer.wrong`.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from pydantic import SecretStr

from tests.peers.openai_requests import Asked, WrongRequest, read_model, read_request
from tests.peers.serving import Closing, serving

KEY = "sk-proj-Th1sIsTheSecretKey0fThePeerQz7x"
MODELS = ("gpt-4o-2024-11-20", "gpt-4o-mini-2024-07-18")

Answer = Callable[[Asked], Mapping[str, Any]]
"""What the model sees in a photo: the JSON of tryon.engines.openai_vision.answer."""


@dataclass(frozen=True)
class Reply:
    """status, body, headers: as they go over the socket. seconds: waited before. drop: the connection ends instead."""

    status: int = 200
    body: Mapping[str, Any] | bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    drop: bool = False


def item(label: str, category: str, **facts: object) -> dict[str, Any]:
    """One entry of an answer's `items`; fully visible, not layered, filling a third of the photo."""
    return {
        "id": 1, "label": label, "category": category, "subtype": label.split()[-1], "colour": label.split()[0],
        "pattern": None, "layer": "none", "worn": False, "visibility": "full", "prominence": 0.33,
        "detection_phrase": label, **facts,
    }  # fmt: skip


def photo_of(*items: Mapping[str, Any], people: int = 0, is_fashion: bool = True) -> dict[str, Any]:
    """An answer."""
    return {"is_fashion": is_fashion, "people": people, "items": list(items)}


def seeing(answer: Mapping[str, Any]) -> Answer:
    """The same in every photo."""
    return lambda asked: answer


def said(text: str, status: str = "completed", **facts: object) -> Reply:
    """A response whose model wrote this."""
    return Reply(body=_response(status, [{"type": "output_text", "text": text, "annotations": []}], **facts))


def refusing() -> Reply:
    return Reply(
        body=_response("completed", [{"type": "refusal", "refusal": "I'm sorry, I can't look at that."}])
    )


def incomplete(reason: str, text: str = '{"is_fashion": tr') -> Reply:
    return said(text, "incomplete", incomplete_details={"reason": reason})


def failed(code: str) -> Reply:
    return Reply(body=_response("failed", [], error={"code": code, "message": "it failed"}))


def error(status: int, code: str | None = None, type: str | None = None, **headers: str) -> Reply:
    """headers: with underscores for dashes."""
    problem = {"message": "what went wrong", "type": type, "param": None, "code": code}
    return Reply(
        status, {"error": problem}, {name.replace("_", "-"): value for name, value in headers.items()}
    )


def _response(status: str, content: Sequence[object], **facts: object) -> dict[str, Any]:
    message = {
        "type": "message",
        "id": "msg_1",
        "status": status,
        "role": "assistant",
        "content": list(content),
    }
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": []}
    return {
        "id": "resp_1", "object": "response", "created_at": 1_790_000_000, "status": status, "error": None,
        "incomplete_details": None, "model": MODELS[0], "output": [reasoning, *([message] if content else [])],
        "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "store": False,
        "usage": {
            "input_tokens": 1200, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 90,
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 1290,
        },
        **facts,
    }  # fmt: skip


class Peer(Closing):
    """answer: of every request that nothing else was planned for. asked: the right requests, in order.
    wrong: what was wrong with the others."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.asked: list[Asked] = []
        self.wrong: list[str] = []
        self.closing = threading.Event()
        self._planned: deque[Reply] = deque()
        self._lock = threading.Lock()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def key(self) -> SecretStr:
        return SecretStr(KEY)

    def plan(self, *replies: Reply) -> None:
        """For the next requests, one each."""
        self._planned.extend(replies)

    def tell(self, path: str, authorization: str) -> Reply:
        """About a model."""
        try:
            name = read_model(path, authorization, KEY, MODELS)
        except WrongRequest as wrong:
            self.wrong.append(str(wrong))
            return Reply(wrong.status, {"error": wrong.problem})
        planned = self._planned.popleft() if self._planned else None
        return planned or Reply(body={"id": name, "object": "model", "created": 1, "owned_by": "openai"})

    def reply(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        try:
            asked = read_request(path, headers, body, KEY, MODELS, time.monotonic())
        except WrongRequest as wrong:
            self.wrong.append(str(wrong))
            return Reply(wrong.status, {"error": wrong.problem})
        with self._lock:
            self.asked.append(asked)
            planned = self._planned.popleft() if self._planned else None
        return planned or said(json.dumps(self.answer(asked)))


class _Handler(BaseHTTPRequestHandler):
    server: Peer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(self.server.tell(self.path, self.headers.get("Authorization", "")))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(self.server.reply(self.path, {k.lower(): v for k, v in self.headers.items()}, body))

    def _answer(self, reply: Reply) -> None:
        self.server.closing.wait(reply.seconds)
        if reply.drop:
            self.close_connection = True
            return
        data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle(self) -> None:
        """A client that gave up waiting is no error of a test."""
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """A test's output is for the test."""


@contextmanager
def listening(answer: Answer | None = None) -> Iterator[Peer]:
    """answer: by default one grey sweater."""
    with serving(Peer(answer or seeing(photo_of(item("grey sweater", "tops"))))) as peer:
        yield peer
