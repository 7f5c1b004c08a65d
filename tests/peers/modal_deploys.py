"""What `modal deploy` asks Modal's control plane, on the same loopback peer: nothing is built, everything is noted."""

from __future__ import annotations

import pickle
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from grpclib import GRPCError, Status
from modal_proto import api_pb2

from tests.peers.modal_peer import Asked, Call, ModalPeer, Result

SECRETS = {"fashion-api-keys"}


@dataclass
class Deployed:
    """functions: of every class and function, by its tag. published: what AppPublish named."""

    name: str
    functions: dict[str, api_pb2.FunctionData] = field(default_factory=dict)
    published: set[str] = field(default_factory=set)


class ModalDeploys(ModalPeer):
    """apps: what was deployed, by id. images: layers by id. mounts: files by id. volumes, secrets, named: names of
    volumes, secrets and functions by id. required, values: keys that a secret must have, and what it was given here.
    remote: what a function answers to `modal run`, by its name and arguments."""

    def __init__(self) -> None:
        super().__init__()
        self.apps: dict[str, Deployed] = {}
        self.images: dict[str, api_pb2.Image] = {}
        self.mounts: dict[str, list[str]] = {}
        self.volumes: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        self.named: dict[str, str] = {}
        self.remote: Callable[..., object] = lambda name, *args: None
        self.required: dict[str, list[str]] = {}
        self.values: dict[str, dict[str, str]] = {}

    async def on_AppGetByDeploymentName(self, asked: Asked) -> Any:
        return api_pb2.AppGetByDeploymentNameResponse()

    async def on_EnvironmentGetOrCreate(self, asked: Asked) -> Any:
        metadata = api_pb2.EnvironmentMetadata(
            name="main", settings=api_pb2.EnvironmentSettings(image_builder_version="2025.06")
        )
        return api_pb2.EnvironmentGetOrCreateResponse(environment_id="en-1", metadata=metadata)

    async def on_AppCreate(self, asked: Asked) -> Any:
        app_id = f"ap-{len(self.apps) + 1}"
        self.apps[app_id] = Deployed(asked.request.description)
        return api_pb2.AppCreateResponse(app_id=app_id, app_page_url="https://modal.invalid/app")

    async def on_AppHeartbeat(self, asked: Asked) -> Any:
        return empty_pb2.Empty()

    async def on_AppPublish(self, asked: Asked) -> Any:
        app = self.apps[asked.request.app_id]
        app.published = {*asked.request.function_ids, *asked.request.class_ids}
        assert {*asked.request.function_ids.values()} <= {*self.named}
        self.deployed.add(asked.request.name)
        return api_pb2.AppPublishResponse(url="https://modal.invalid/app", deployed_at=1.0)

    async def on_AppClientDisconnect(self, asked: Asked) -> Any:
        return empty_pb2.Empty()

    # Files

    async def on_MountBatchedCheckExistence(self, asked: Asked) -> Any:
        """Nothing is missing: their content is of no interest here."""
        return api_pb2.MountBatchedCheckExistenceResponse()

    async def on_MountGetOrCreate(self, asked: Asked) -> Any:
        """One that is named is Modal's own, as its client's package."""
        mount_id = f"mo-{len(self.mounts) + 1}"
        self.mounts[mount_id] = [file.filename for file in asked.request.files]
        return api_pb2.MountGetOrCreateResponse(
            mount_id=mount_id, handle_metadata=api_pb2.MountHandleMetadata()
        )

    async def on_ImageGetOrCreate(self, asked: Asked) -> Any:
        image_id = f"im-{len(self.images) + 1}"
        self.images[image_id] = asked.request.image
        return api_pb2.ImageGetOrCreateResponse(image_id=image_id)

    async def on_ImageJoinStreaming(self, asked: Asked) -> AsyncIterator[Any]:
        yield api_pb2.ImageJoinStreamingResponse(result=Result(status=Result.GENERIC_STATUS_SUCCESS))

    # What is there already

    async def on_VolumeGetOrCreate(self, asked: Asked) -> Any:
        volume_id = f"vo-{len(self.volumes) + 1}"
        self.volumes[volume_id] = asked.request.deployment_name
        return api_pb2.VolumeGetOrCreateResponse(
            volume_id=volume_id, metadata=api_pb2.VolumeMetadata(name=asked.request.deployment_name)
        )

    async def on_SecretGetOrCreate(self, asked: Asked) -> Any:
        request = asked.request
        if request.deployment_name and request.deployment_name not in SECRETS:
            raise GRPCError(Status.NOT_FOUND, f"Secret {request.deployment_name!r} not found")
        secret_id = f"st-{len(self.secrets) + 1}"
        self.secrets[secret_id] = request.deployment_name
        self.required[secret_id] = [*request.required_keys]
        self.values[secret_id] = dict(request.env_dict)
        return api_pb2.SecretGetOrCreateResponse(
            secret_id=secret_id, metadata=api_pb2.SecretMetadata(name=request.deployment_name)
        )

    # Functions

    async def on_FunctionMap(self, asked: Asked) -> Any:
        """What `modal run` waits for is answered by `remote` at once."""
        request = asked.request
        if request.function_call_invocation_type == api_pb2.FUNCTION_CALL_INVOCATION_TYPE_ASYNC:
            return await super().on_FunctionMap(asked)
        (item,) = request.pipelined_inputs
        args, kwargs = pickle.loads(item.input.args)
        call_id = f"fc-{len(self.calls) + 1}"
        self.calls[call_id] = Call(self.named[request.function_id], "")
        self.answer(call_id, self.remote(self.named[request.function_id], *args, **kwargs))
        accepted = api_pb2.FunctionPutInputsResponseItem(idx=0, input_id=f"in-{call_id}")
        return api_pb2.FunctionMapResponse(function_call_id=call_id, pipelined_inputs=[accepted])

    async def on_AppGetLogs(self, asked: Asked) -> AsyncIterator[Any]:
        yield api_pb2.TaskLogsBatch(app_done=True)

    async def on_FunctionPrecreate(self, asked: Asked) -> Any:
        request = asked.request
        function_id = f"fu-{len(self.named) + 1}"
        self.named[function_id] = request.function_name
        return api_pb2.FunctionPrecreateResponse(
            function_id=function_id,
            handle_metadata=api_pb2.FunctionHandleMetadata(function_name=request.function_name),
        )

    async def on_FunctionCreate(self, asked: Asked) -> Any:
        request = asked.request
        data = request.function_data
        if not data.ranked_functions:
            ranked = api_pb2.FunctionData.RankedFunction(rank=0, function=request.function)
            data = api_pb2.FunctionData(ranked_functions=[ranked])
        name = data.ranked_functions[0].function.function_name
        self.apps[request.app_id].functions[name] = data
        return api_pb2.FunctionCreateResponse(
            function_id=request.existing_function_id,
            handle_metadata=api_pb2.FunctionHandleMetadata(function_name=name),
            function_data=data,
        )

    async def on_ClassCreate(self, asked: Asked) -> Any:
        return api_pb2.ClassCreateResponse(class_id=f"cs-{asked.request.app_id.removeprefix('ap-')}")
