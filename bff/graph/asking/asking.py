"""The caller of an operation, asking an app: with the caller's token, and no right of the bff's own."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc.aio

from bff.failures import Code, Failure
from bff.graph.asking.hub import Hub
from bff.graph.asking.peer import Peer
from bff.graph.asking.register import Register
from bff.graph.limits.slots import Slot, stopping
from service_chassis.finding import when_found
from service_chassis.sidecar import Metadata

RequestT = TypeVar("RequestT")
AnswerT = TypeVar("AnswerT")


@dataclass(slots=True, kw_only=True)
class Asking:
    """Calls of one operation to one app; ``calls`` counts them."""

    # As the client sent it, "Bearer ..."; and the trace that the calls belong to (W3C traceparent).
    authorization: str
    traceparent: str
    calls: int = 0

    @property
    def peer(self) -> Peer:
        raise NotImplementedError

    async def ask(
        self, method: "grpc.aio.UnaryUnaryMultiCallable[RequestT, AnswerT]", request: RequestT
    ) -> AnswerT:
        """Call ``method`` once, with a deadline; raise Failure when there is no answer."""
        self.calls += 1
        sent = (*self.peer.metadata, *self._own())

        def call() -> Any:
            return method(request, metadata=sent, timeout=self.peer.timeout_seconds)

        try:
            answer: AnswerT = await when_found(call)
        except grpc.aio.AioRpcError as error:
            raise self.peer.failure_of(error, request) from error
        return answer

    async def watch(
        self,
        method: "grpc.aio.UnaryStreamMultiCallable[RequestT, AnswerT]",
        request: RequestT,
        slot: Slot,
    ) -> AsyncGenerator[AnswerT, None]:
        """Yield the answers of a stream, each read when it is asked for; raise Failure when the stream breaks."""
        self.calls += 1
        call: Any = method(request, metadata=(*self.peer.stream_metadata, *self._own()))
        slot.leave = call.cancel
        try:
            async for answer in call:
                yield answer
        except grpc.aio.AioRpcError as error:
            raise self.peer.failure_of(error, request) from error
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # This task was not cancelled: the slot was left, because the process stops.
            raise stopping() from None
        finally:
            call.cancel()
        raise Failure(Code.UNAVAILABLE, f"{self.peer.called} ended the stream: subscribe again")

    def _own(self) -> Metadata:
        return ("authorization", self.authorization), ("traceparent", self.traceparent)


@dataclass(slots=True, kw_only=True)
class RegisterAsking(Asking):
    """Calls to smoc_service."""

    register: Register

    @property
    def peer(self) -> Peer:
        return self.register.peer


@dataclass(slots=True, kw_only=True)
class HubAsking(Asking):
    """Calls to device_hub."""

    hub: Hub

    @property
    def peer(self) -> Peer:
        return self.hub.peer
