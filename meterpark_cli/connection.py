"""The two services, asked through the command's own sidecar like by any other caller."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import grpc
import grpc.aio
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceStub
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1.device_service_pb2_grpc import DeviceServiceStub

from meterpark_cli.failures import Denied, Failure, Refused, Unreachable
from meterpark_cli.local_stack import find_api_token, find_sidecar
from meterpark_cli.options import Asking, HostPort
from service_chassis.refusals import reason_of
from service_chassis.settings import SidecarSettings
from service_chassis.sidecar import CHANNEL_OPTIONS, Metadata, to_app

HUB_APP_ID = "device-hub"
REGISTER_APP_ID = "smoc-service"

StubT = TypeVar("StubT")
RequestT = TypeVar("RequestT")
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Generic[StubT]):
    """One service behind the sidecar; ``calls`` are its methods, `ask` calls one of them."""

    app_id: str
    calls: StubT
    sidecar: HostPort
    channel: grpc.aio.Channel
    metadata: Metadata
    timeout_seconds: float

    async def ask(
        self, method: "grpc.UnaryUnaryMultiCallable[RequestT, AnswerT]", request: RequestT
    ) -> AnswerT:
        """Ask once, with a deadline; raise Refused, Denied or Unreachable when there is no answer."""
        try:
            answer: AnswerT = await method(  # type: ignore[misc] # the stub is of a channel that awaits
                request, metadata=self.metadata, timeout=self.timeout_seconds
            )
        except grpc.aio.AioRpcError as error:
            raise self._failure(error) from error
        return answer

    def _failure(self, error: grpc.aio.AioRpcError) -> Failure:
        code, detail = error.code(), error.details() or "no further word"
        reason = reason_of(error)
        if reason is not None:
            word = ErrorReason.Name(reason).removeprefix("ERROR_REASON_")
            return Refused(self.app_id, word, detail)
        if code == grpc.StatusCode.PERMISSION_DENIED:
            return Denied(
                f"{self.app_id} was not asked: an access policy of the sidecars denies this call"
                f" to whoever the sidecar at {self.sidecar} is ({detail});"
                " ask through the sidecar of meterpark-cli, or allow the call in the policy"
            )
        if code == grpc.StatusCode.UNAVAILABLE and not self._sidecar_is_there():
            return Unreachable(
                f"the sidecar at {self.sidecar} cannot be reached: {code.name}: {detail};"
                " is the stack up? make status"
            )
        if code == grpc.StatusCode.DEADLINE_EXCEEDED:
            detail = f"no answer within {self.timeout_seconds:g} s"
        return Unreachable(
            f"{self.app_id} cannot be reached through the sidecar at {self.sidecar}:"
            f" {code.name}: {detail}"
        )

    def _sidecar_is_there(self) -> bool:
        return self.channel.get_state() == grpc.ChannelConnectivity.READY


@dataclass(frozen=True, slots=True, kw_only=True)
class Park:
    """Whom this command can ask."""

    sidecar: HostPort
    channel: grpc.aio.Channel
    register: Service[DeviceServiceStub]
    hub: Service[DeviceHubServiceStub]


@asynccontextmanager
async def open_park(asking: Asking) -> AsyncIterator[Park]:
    """Open the channel to the sidecar that was named, or to the local stack's; nothing is asked yet."""
    sidecar = find_sidecar(asking.sidecar, os.environ)
    settings = SidecarSettings(
        dapr_grpc_port=sidecar.port, dapr_api_token=find_api_token(asking.sidecar, os.environ)
    )
    async with grpc.aio.insecure_channel(str(sidecar), options=CHANNEL_OPTIONS) as channel:
        yield Park(
            sidecar=sidecar,
            channel=channel,
            register=Service(
                app_id=REGISTER_APP_ID,
                calls=DeviceServiceStub(channel),
                sidecar=sidecar,
                channel=channel,
                metadata=to_app(REGISTER_APP_ID, settings),
                timeout_seconds=asking.timeout_seconds,
            ),
            hub=Service(
                app_id=HUB_APP_ID,
                calls=DeviceHubServiceStub(channel),
                sidecar=sidecar,
                channel=channel,
                metadata=to_app(HUB_APP_ID, settings),
                timeout_seconds=asking.timeout_seconds,
            ),
        )
