"""A Firestore that answers every call with one gRPC status."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc


class Refusing(grpc.GenericRpcHandler):
    """calls: how many it had."""

    def __init__(self, code: grpc.StatusCode) -> None:
        self._code, self.calls, self.host = code, 0, ""

    def service(self, handler_call_details: object) -> Any:
        return grpc.unary_stream_rpc_method_handler(self._refuse)

    def _refuse(self, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        self.calls += 1
        context.abort(self._code, "as the service says it")
        yield b""


@contextmanager
def refusing(code: grpc.StatusCode) -> Iterator[Refusing]:
    peer = Refusing(code)
    server = grpc.server(ThreadPoolExecutor(2), handlers=[peer])
    peer.host = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield peer
    finally:
        server.stop(None).wait()
