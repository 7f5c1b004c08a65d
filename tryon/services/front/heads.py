"""HEAD: what GET would answer, without its body."""

from __future__ import annotations

from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _Answered(Exception):
    """The head is sent, and nobody wants the rest: a stream would go on for ever."""


async def head(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Asks the app for the same with GET; which route took it is known afterwards."""
    answered, asked = False, {**scope, "method": "GET"}

    async def sending(message: Message) -> None:
        nonlocal answered
        if message["type"] != "http.response.body":
            await send(message)
            return
        if not answered:
            answered = True
            await send({"type": "http.response.body", "body": b""})
        if message.get("more_body"):
            raise _Answered

    try:
        with suppress(_Answered):
            await app(asked, receive, sending)
    finally:
        scope.update({name: asked[name] for name in ("route", "path_params") if name in asked})
