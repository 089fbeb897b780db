"""smoc_service as the bff asks it: through the own sidecar, with the caller's token, and no right of its own."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import grpc
import grpc.aio
import structlog
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1.alarm_service_pb2_grpc import AlarmServiceStub
from meterpark.smoc.v1.device_service_pb2_grpc import DeviceServiceStub
from meterpark.smoc.v1.import_service_pb2_grpc import ImportServiceStub
from meterpark.smoc.v1.job_service_pb2_grpc import JobServiceStub
from meterpark.smoc.v1.view_service_pb2_grpc import ViewServiceStub

from bff.failures import Code, Failure
from bff.graph.limits.slots import Slot, stopping
from service_chassis.refusals import metadata_of, reason_of
from service_chassis.settings import SidecarSettings
from service_chassis.sidecar import Metadata, open_channel, to_app

if TYPE_CHECKING:
    from meterpark.smoc.v1.alarm_service_pb2_grpc import AlarmServiceAsyncStub
    from meterpark.smoc.v1.device_service_pb2_grpc import DeviceServiceAsyncStub
    from meterpark.smoc.v1.import_service_pb2_grpc import ImportServiceAsyncStub
    from meterpark.smoc.v1.job_service_pb2_grpc import JobServiceAsyncStub
    from meterpark.smoc.v1.view_service_pb2_grpc import ViewServiceAsyncStub

log = structlog.get_logger()

SMOC_APP_ID: Final = "smoc-service"

_REACHABLE_WITHIN_SECONDS = 1.0
_NOT_AUTHENTICATED = ("UNAUTHENTICATED", "TOKEN_EXPIRED")
_NOT_ALLOWED = ("ROLE_MISSING", "NETWORK_DENIED")
# The sidecars' and the services' locks of our own deployment: no caller can do anything about them.
_MISCONFIGURED = (
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNIMPLEMENTED,
)

RequestT = TypeVar("RequestT")
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The methods of smoc_service."""

    channel: grpc.aio.Channel
    devices: "DeviceServiceAsyncStub"
    alarms: "AlarmServiceAsyncStub"
    jobs: "JobServiceAsyncStub"
    views: "ViewServiceAsyncStub"
    imports: "ImportServiceAsyncStub"
    metadata: Metadata
    stream_metadata: Metadata
    timeout_seconds: float

    async def is_reachable(self) -> bool:
        """Say whether the own sidecar is there."""
        try:
            async with asyncio.timeout(_REACHABLE_WITHIN_SECONDS):
                await self.channel.channel_ready()
        except TimeoutError:
            return False
        return True


@asynccontextmanager
async def open_register(
    sidecar: SidecarSettings, timeout_seconds: float
) -> AsyncIterator[Register]:
    """Open the channel to the own sidecar; nothing is asked yet."""
    async with open_channel(sidecar) as channel:
        yield register_on(channel, sidecar, timeout_seconds)


def register_on(
    channel: grpc.aio.Channel, sidecar: SidecarSettings, timeout_seconds: float
) -> Register:
    """Return the register behind ``channel``; for one that is not the own sidecar's, too: tests have such."""
    return Register(
        channel=channel,
        devices=DeviceServiceStub(channel),
        alarms=AlarmServiceStub(channel),
        jobs=JobServiceStub(channel),
        views=ViewServiceStub(channel),
        imports=ImportServiceStub(channel),
        metadata=to_app(SMOC_APP_ID, sidecar),
        stream_metadata=to_app(SMOC_APP_ID, sidecar, stream=True),
        timeout_seconds=timeout_seconds,
    )


@dataclass(slots=True, kw_only=True)
class Asking:
    """Whoever makes an operation, asking the register; ``calls`` counts how often."""

    register: Register
    # As the client sent it, "Bearer ..."; and the trace that the calls belong to (W3C traceparent).
    authorization: str
    traceparent: str
    calls: int = 0

    async def ask(
        self, method: "grpc.aio.UnaryUnaryMultiCallable[RequestT, AnswerT]", request: RequestT
    ) -> AnswerT:
        """Ask once, with a deadline; raise Failure when there is no answer."""
        self.calls += 1
        sent = (*self.register.metadata, *self._own())
        try:
            call: Any = method(request, metadata=sent, timeout=self.register.timeout_seconds)
            answer: AnswerT = await call
        except grpc.aio.AioRpcError as error:
            raise failure_of(error, request) from error
        return answer

    async def watch(
        self,
        method: "grpc.aio.UnaryStreamMultiCallable[RequestT, AnswerT]",
        request: RequestT,
        slot: Slot,
    ) -> AsyncGenerator[AnswerT, None]:
        """Yield the answers of a stream, each read when it is asked for; raise Failure when the stream breaks."""
        self.calls += 1
        call: Any = method(request, metadata=(*self.register.stream_metadata, *self._own()))
        slot.leave = call.cancel
        try:
            async for answer in call:
                yield answer
        except grpc.aio.AioRpcError as error:
            raise failure_of(error, request) from error
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # Nobody cancelled this task: the slot was left, the process is stopping.
            raise stopping() from None
        finally:
            call.cancel()
        raise Failure(Code.UNAVAILABLE, "the operations centre ended the stream: subscribe again")

    def _own(self) -> Metadata:
        return ("authorization", self.authorization), ("traceparent", self.traceparent)


def failure_of(error: grpc.aio.AioRpcError, request: object) -> Failure:
    """Return what a client is told of a call that failed; what it is not told is logged here."""
    reason = reason_of(error)
    detail = error.details() or ""
    if reason is not None:
        word = ErrorReason.Name(reason).removeprefix("ERROR_REASON_")
        beside = metadata_of(error)
        return Failure(
            _code(word),
            detail,
            reason=word,
            field=beside.get("field", ""),
            offset=beside.get("offset", ""),
        )
    asked = type(request).__name__
    status = error.code()
    wrong = status in _MISCONFIGURED
    (log.error if wrong else log.warning)(
        "smoc-service did not answer", request=asked, status=status.name, detail=detail[:300]
    )
    if status is grpc.StatusCode.UNIMPLEMENTED:
        return Failure(Code.UNAVAILABLE, "the operations centre does not answer this yet")
    if wrong:
        return Failure(Code.UNAVAILABLE, "the operations centre does not let this application ask")
    if status is grpc.StatusCode.DEADLINE_EXCEEDED:
        return Failure(Code.UNAVAILABLE, "the operations centre did not answer in time: try again")
    return Failure(
        Code.UNAVAILABLE, "the operations centre cannot be reached at the moment: try again"
    )


def _code(reason: str) -> Code:
    if reason in _NOT_AUTHENTICATED:
        return Code.UNAUTHENTICATED
    if reason in _NOT_ALLOWED:
        return Code.FORBIDDEN
    if reason == "SIDECAR_BYPASSED":
        return Code.UNAVAILABLE
    return Code.NOT_FOUND if reason.endswith("_UNKNOWN") else Code.BAD_USER_INPUT
