"""Modal's control plane on a loopback socket, as far as calls of deployed workers need it.

It speaks Modal's own protocol (the messages come with the SDK), takes only what it should get, and can misbehave.
Every other request is UNIMPLEMENTED and noted in `wrong`; tests.peers.modal_deploys adds what `modal deploy` asks.
"""

from __future__ import annotations

import asyncio
import pickle
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from grpclib import GRPCError, Status
from grpclib.const import Cardinality, Handler
from grpclib.server import Server
from modal_proto import api_grpc, api_pb2

from tryon.core.recipes import Stage

TOKEN_ID, TOKEN_SECRET = "ak-1Zx8Yw7Vu6Ts5Rq4Po3N", "as-9aBcDeFgHiJkLmNoPqRs"
APPS = {
    Stage.CROP: "fashion-crop-api-gpu",
    Stage.MASK: "cpu-mask-generation-optimized",
    Stage.TRYON: "fashion-tryon",
    Stage.SPLAT: "sharp-view-synthesis",
}
MOST_BYTES = 2 * 1024 * 1024
"""Of an argument that goes along with the request."""

Result = api_pb2.GenericResult


@dataclass(frozen=True)
class Fault:
    """slow: answers after `seconds`. refused: answers `status` and does nothing. lost: does it, and answers `status`.
    cut: does it, and the connection breaks. Each hits the next request of this name."""

    kind: Literal["slow", "refused", "lost", "cut"]
    name: str
    status: Status = Status.UNAVAILABLE
    seconds: float = 0.05


@dataclass
class Call:
    """order: the one argument. cancelled: somebody asked for it."""

    app: str
    order: str
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    outputs: list[api_pb2.FunctionGetOutputsItem] = field(default_factory=list)
    cancelled: bool = False


@dataclass(frozen=True)
class Asked:
    name: str
    request: Any
    metadata: Mapping[str, str]


class ModalPeer:
    """deployed: names of the apps that are there. calls: what was started, by id. asked: every request, in order.
    wrong: what was wrong with requests."""

    def __init__(self) -> None:
        self.deployed = set(APPS.values())
        self.environments = {"", "main"}
        self.calls: dict[str, Call] = {}
        self.asked: list[Asked] = []
        self.wrong: list[str] = []
        self.port = 0
        self._keys: dict[str, str] = {}
        self._planned: deque[Fault] = deque()
        self._loop = asyncio.new_event_loop()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def plan(self, *faults: Fault) -> None:
        self._planned.extend(faults)

    @property
    def planned(self) -> int:
        """Faults that hit nothing yet."""
        return len(self._planned)

    def count(self, name: str) -> int:
        return sum(asked.name == name for asked in self.asked)

    # What the workers do

    def answer(self, call_id: str, value: object) -> None:
        self._end(call_id, Result.GENERIC_STATUS_SUCCESS, data=pickle.dumps(value))

    def raises(self, call_id: str, error: BaseException) -> None:
        self._end(call_id, Result.GENERIC_STATUS_FAILURE, data=pickle.dumps(error), exception=repr(error))

    def ends(self, call_id: str, status: Result.GenericStatus.ValueType, said: str = "") -> None:
        """Without anything from the worker: it ran out of time, was killed, or never began."""
        self._end(call_id, status, exception=said)

    def expire(self, call_id: str) -> None:
        """Its answer was thrown away."""
        self._loop.call_soon_threadsafe(self.calls[call_id].ended.set)

    def _end(self, call_id: str, status: Result.GenericStatus.ValueType, **facts: Any) -> None:
        call = self.calls[call_id]
        item = api_pb2.FunctionGetOutputsItem(
            result=Result(status=status, **facts), data_format=api_pb2.DATA_FORMAT_PICKLE
        )
        call.outputs.append(item)
        self._loop.call_soon_threadsafe(call.ended.set)

    # What the SDK asks

    async def on_ClientHello(self, asked: Asked) -> Any:
        return api_pb2.ClientHelloResponse()

    async def on_ClassGet(self, asked: Asked) -> Any:
        self._find(asked.request, "Worker")
        return api_pb2.ClassGetResponse(class_id=f"cs-{asked.request.app_name}")

    async def on_FunctionGet(self, asked: Asked) -> Any:
        self._find(asked.request, "Worker.*")
        method = api_pb2.FunctionHandleMetadata(
            function_name="Worker.make",
            function_type=api_pb2.Function.FUNCTION_TYPE_FUNCTION,
            is_method=True,
            use_method_name="make",
        )
        ranked = api_pb2.FunctionData.RankedFunction(
            rank=0, function=api_pb2.Function(function_name="Worker.*", is_class=True)
        )
        return api_pb2.FunctionGetResponse(
            function_id=f"fu-{asked.request.app_name}",
            handle_metadata=api_pb2.FunctionHandleMetadata(
                function_name="Worker.*", method_handle_metadata={"make": method}
            ),
            function=api_pb2.FunctionData(ranked_functions=[ranked]),
        )

    def _find(self, request: Any, tag: str) -> None:
        there = request.app_name in self.deployed and request.environment_name in self.environments
        if not there or request.object_tag != tag:
            raise GRPCError(Status.NOT_FOUND, f"App {request.app_name!r} not found")

    async def on_FunctionMap(self, asked: Asked) -> Any:
        """A request that is repeated under its key is answered again."""
        order = self._order(asked.request)
        known = self._keys.setdefault(asked.metadata["x-idempotency-key"], f"fc-{len(self.calls) + 1}")
        app = asked.request.function_id.removeprefix("fu-")
        self.calls.setdefault(known, Call(app, order))
        accepted = api_pb2.FunctionPutInputsResponseItem(idx=0, input_id=f"in-{known}")
        return api_pb2.FunctionMapResponse(function_call_id=known, pipelined_inputs=[accepted])

    def _order(self, request: api_pb2.FunctionMapRequest) -> str:
        (item,) = request.pipelined_inputs
        (args, kwargs), given = pickle.loads(item.input.args), item.input
        right = (
            request.function_call_type == api_pb2.FUNCTION_CALL_TYPE_UNARY
            and request.function_call_invocation_type == api_pb2.FUNCTION_CALL_INVOCATION_TYPE_ASYNC
            and given.method_name == "make"
            and len(given.args) < MOST_BYTES
            and [type(arg) for arg in args] == [str]
            and not kwargs
        )
        if not right:
            raise GRPCError(Status.INVALID_ARGUMENT, f"make{args!r} with {kwargs!r} is no call of a worker")
        return str(args[0])

    async def on_FunctionGetOutputs(self, asked: Asked) -> Any:
        call = self._call(asked.request.function_call_id)
        try:
            async with asyncio.timeout(asked.request.timeout):
                await call.ended.wait()
        except TimeoutError:
            return api_pb2.FunctionGetOutputsResponse(num_unfinished_inputs=1)
        return api_pb2.FunctionGetOutputsResponse(outputs=call.outputs, idxs=[0] * len(call.outputs))

    async def on_FunctionCallCancel(self, asked: Asked) -> Any:
        call = self._call(asked.request.function_call_id)
        if call.ended.is_set():
            raise GRPCError(Status.FAILED_PRECONDITION, "the call has ended")
        call.cancelled = True
        self.ends(asked.request.function_call_id, Result.GENERIC_STATUS_TERMINATED, "cancelled by its caller")
        return empty_pb2.Empty()

    def _call(self, call_id: str) -> Call:
        if call_id not in self.calls:
            raise GRPCError(Status.NOT_FOUND, f"no function call {call_id}")
        return self.calls[call_id]

    # The socket

    def __mapping__(self) -> Mapping[str, Handler]:
        """Every request of the protocol, by its path."""
        named: Mapping[str, Handler] = api_grpc.ModalClientBase.__mapping__(_Names())  # type: ignore[arg-type]
        return {path: handler._replace(func=self._handler(handler)) for path, handler in named.items()}

    def _handler(self, handler: Handler) -> Any:
        name = str(handler.func)

        async def serve(stream: Any) -> None:
            request = await stream.recv_message()
            metadata = {key: str(value) for key, value in stream.metadata.items()}
            asked = Asked(name, request, metadata)
            self.asked.append(asked)
            fault = self._fault(name)
            if fault and fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            if fault and fault.kind == "refused":
                raise GRPCError(fault.status, "not now")
            self._check_token(metadata)
            await self._answer(stream, handler, asked, fault)

        return serve

    async def _answer(self, stream: Any, handler: Handler, asked: Asked, fault: Fault | None) -> None:
        act = getattr(self, f"on_{asked.name}", None)
        if act is None:
            self.wrong.append(asked.name)
            raise GRPCError(Status.UNIMPLEMENTED, f"{asked.name} is not expected")
        if handler.cardinality is Cardinality.UNARY_STREAM:
            async for message in act(asked):
                await stream.send_message(message)
            return
        message = await act(asked)
        if fault and fault.kind == "lost":
            raise GRPCError(fault.status, "not now")
        if fault and fault.kind == "cut":
            await stream.cancel()
            return
        await stream.send_message(message)

    def _check_token(self, metadata: Mapping[str, str]) -> None:
        given = (metadata.get("x-modal-token-id"), metadata.get("x-modal-token-secret"))
        if given != (TOKEN_ID, TOKEN_SECRET) or not metadata.get("x-modal-client-version"):
            raise GRPCError(Status.UNAUTHENTICATED, f"token {given[0]} is not valid")

    def _fault(self, name: str) -> Fault | None:
        found = next((fault for fault in self._planned if fault.name == name), None)
        if found:
            self._planned.remove(found)
        return found

    async def _listen(self) -> Server:
        server = Server([self])
        await server.start("127.0.0.1", 0)
        assert isinstance(server._server, asyncio.Server)
        self.port = server._server.sockets[0].getsockname()[1]
        return server


class _Names:
    """Stands in for a servicer, to learn the names of its methods."""

    def __getattr__(self, name: str) -> str:
        return name


@contextmanager
def listening(peer: ModalPeer) -> Iterator[ModalPeer]:
    loop = peer._loop
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(peer._listen(), loop).result()
    try:
        yield peer
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(server: Server) -> None:
    server.close()
    await server.wait_closed()
