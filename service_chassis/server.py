"""The gRPC server of a service: health, one interceptor for errors, a graceful end."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractContextManager, aclosing, asynccontextmanager, nullcontext
from typing import Any, Protocol

import grpc
import grpc.aio
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from service_chassis.audit import note_denied, told_reason
from service_chassis.caller import who_calls
from service_chassis.refusals import (
    CallDenied,
    CallRefused,
    PeerUnavailable,
    trailing_metadata,
)
from service_chassis.sidecar import MESSAGE_LIMIT_BYTES

log = structlog.get_logger()

GRACE_SECONDS = 10
_SLOW_SECONDS = 1.0
_CLAIMED_CALLER = "dapr-caller-app-id"

ErrorTranslation = Callable[[Exception], CallRefused | tuple[grpc.StatusCode, str] | None]


class HearsCalls(Protocol):
    """Is told of the calls of a server, for whoever counts them."""

    def ended(self, method: str, status: str, seconds: float) -> None:
        """A call of a method that is served ended; ``status`` in words (OK, UNAVAILABLE ...)."""
        ...

    def denied(self, reason: str) -> None:
        """A call was denied, with the reason that the log's line says."""
        ...


class TracesCalls(Protocol):
    """Makes a span of a call, for whoever traces them."""

    def call(
        self, method: str, metadata: Iterable[Any] | None
    ) -> AbstractContextManager[Callable[[str], None]]:
        """Around a call that answers in one piece; is told the status in words at its end."""
        ...


class DoorInterceptor(grpc.aio.ServerInterceptor):
    """Turns refusals into a status with ErrorInfo, trouble of peers into UNAVAILABLE, and logs each bug once.

    Interceptors behind it raise their errors, ``CallDenied`` for example, and do not know how errors travel.
    It writes the audit log: one line for each denied call.
    """

    def __init__(
        self,
        translate: ErrorTranslation,
        calls: HearsCalls | None = None,
        traces: TracesCalls | None = None,
    ) -> None:
        self._translate = translate
        self._calls = calls
        self._traces = traces

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        method = handler_call_details.method
        try:
            handler = await continuation(handler_call_details)
        except Exception as error:  # noqa: BLE001 - the one door where everything is caught
            return self._refusing(method, error)
        if handler is None or method.startswith("/grpc.health."):
            return handler
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(
                self._guarded(method, handler.unary_unary),
                handler.request_deserializer,
                handler.response_serializer,
            )
        if handler.unary_stream is not None:
            return grpc.unary_stream_rpc_method_handler(
                self._guarded_stream(method, handler.unary_stream),
                handler.request_deserializer,
                handler.response_serializer,
            )
        return handler

    def _guarded(self, method: str, behaviour: Any) -> Any:
        async def guarded(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
            started = time.monotonic()
            status = grpc.StatusCode.CANCELLED
            with self._span(method, context) as ended:
                try:
                    answer = await behaviour(request, context)
                    status = grpc.StatusCode.OK
                except Exception as error:  # noqa: BLE001 - the one door where everything is caught
                    status = self._status_of(error)
                    await self._end(method, error, context)
                else:
                    return answer
                finally:
                    ended(status.name)
                    self._note(method, status, time.monotonic() - started)

        return guarded

    def _span(
        self, method: str, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AbstractContextManager[Callable[[str], None]]:
        if self._traces is None:
            return nullcontext(_unheard)
        return self._traces.call(method, context.invocation_metadata())

    def _note(self, method: str, status: grpc.StatusCode, seconds: float) -> None:
        if seconds > _SLOW_SECONDS:
            log.info("slow call", method=method, seconds=round(seconds, 3))
        if self._calls is not None:
            self._calls.ended(method, status.name, seconds)

    def _guarded_stream(self, method: str, behaviour: Any) -> Any:
        async def guarded(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
            try:
                async with aclosing(behaviour(request, context)) as answers:
                    async for answer in answers:
                        yield answer
            except Exception as error:  # noqa: BLE001 - the one door where everything is caught
                await self._end(method, error, context)

        return guarded

    def _refusing(self, method: str, error: Exception) -> Any:
        """Return the handler of a call that does not reach its method. It answers at once, for each kind of call."""

        async def refuse(_: Any, context: grpc.aio.ServicerContext[Any, Any]) -> None:
            await self._end(method, error, context)

        return grpc.stream_stream_rpc_method_handler(refuse)

    async def _end(
        self, method: str, error: Exception, context: grpc.aio.ServicerContext[Any, Any]
    ) -> None:
        if isinstance(error, grpc.aio.AbortError):
            raise error
        answer = self._answer_to(error)
        match answer:
            case CallRefused():
                if isinstance(answer, CallDenied):
                    _audit(method, answer, context)
                    if self._calls is not None:
                        self._calls.denied(told_reason(answer.reason))
                context.set_trailing_metadata(trailing_metadata(answer))
                await context.abort(answer.status, answer.detail)
            case (status, detail):
                log.warning("call failed", method=method, status=status.name, detail=detail)
                await context.abort(status, detail)
            case _:
                log.error("call ended in a defect", method=method, exc_info=error)
                await context.abort(
                    grpc.StatusCode.INTERNAL, "internal error, see the service's log"
                )

    def _answer_to(self, error: Exception) -> CallRefused | tuple[grpc.StatusCode, str] | None:
        """Return what the caller gets to know; None: a defect of ours."""
        if isinstance(error, PeerUnavailable):
            return grpc.StatusCode.UNAVAILABLE, str(error)
        return error if isinstance(error, CallRefused) else self._translate(error)

    def _status_of(self, error: Exception) -> grpc.StatusCode:
        match self._answer_to(error):
            case CallRefused(status=status):
                return status
            case (status, _):
                return status
            case _:
                return grpc.StatusCode.INTERNAL


def _unheard(_status: str) -> None:
    """Nobody traces calls."""


def _audit(method: str, denied: CallDenied, context: grpc.aio.ServicerContext[Any, Any]) -> None:
    said = context.invocation_metadata() or ()
    # The caller's sidecar appended the last one. A caller that bypasses the sidecars can write anything here.
    claimed = [str(value) for key, value in said if key == _CLAIMED_CALLER]
    note_denied(
        method,
        denied.reason,
        denied.why,
        peer=context.peer(),
        claimed_caller=claimed[-1] if claimed else "",
        **(denied.who or who_calls()),
    )


@asynccontextmanager
async def serving(
    port: int,
    add_services: Callable[[grpc.aio.Server], Sequence[str]],
    translate: ErrorTranslation,
    *,
    host: str = "127.0.0.1",
    interceptors: Sequence[grpc.aio.ServerInterceptor] = (),
    concurrent_calls: int = 1000,
    healthy: health.aio.HealthServicer | None = None,
    calls: HearsCalls | None = None,
    traces: TracesCalls | None = None,
) -> AsyncIterator[int]:
    """Serve on ``host:port`` (0: a free one) until the block ends; yields the port.

    ``add_services`` registers servicers and returns their full names for the standard health service.
    ``interceptors`` decide in turn whether a call goes on. Their errors are answered like any other refusal.
    More than ``concurrent_calls`` at once are answered with RESOURCE_EXHAUSTED, which callers try again.
    ``healthy`` is the health service, for callers that set more names in it. ``calls`` is told of every call,
    ``traces`` is put around those that answer in one piece.
    """
    server = grpc.aio.server(
        interceptors=[DoorInterceptor(translate, calls, traces), *interceptors],
        maximum_concurrent_rpcs=concurrent_calls,
        options=[
            ("grpc.max_receive_message_length", MESSAGE_LIMIT_BYTES),
            ("grpc.max_send_message_length", MESSAGE_LIMIT_BYTES),
            # Without it a second instance starts on the same port without an error, and takes half of the calls.
            ("grpc.so_reuseport", 0),
        ],
    )
    healthy = healthy or health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
    names = add_services(server)
    bound = server.add_insecure_port(f"{host}:{port}")
    for name in ("", *names):
        await healthy.set(name, health_pb2.HealthCheckResponse.SERVING)
    await server.start()
    try:
        yield bound
    finally:
        await healthy.enter_graceful_shutdown()
        await server.stop(GRACE_SECONDS)
