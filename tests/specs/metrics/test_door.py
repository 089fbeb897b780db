"""The gRPC door tells of each call: how long, how it ended, and what was denied."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.status.v1.status_service_pb2 import GetStatusRequest, GetStatusResponse
from meterpark.status.v1.status_service_pb2_grpc import (
    StatusServiceServicer,
    StatusServiceStub,
    add_StatusServiceServicer_to_server,
)

from service_chassis.refusals import CallDenied, PeerUnavailable
from service_chassis.server import serving

METHOD = "/meterpark.status.v1.StatusService/GetStatus"


@dataclass
class Heard:
    calls: list[tuple[str, str]] = field(default_factory=list)
    denials: list[str] = field(default_factory=list)

    def ended(self, method: str, status: str, seconds: float) -> None:
        assert seconds >= 0
        self.calls.append((method, status))

    def denied(self, reason: str) -> None:
        self.denials.append(reason)


class Answers(StatusServiceServicer):
    def __init__(self, error: Exception | None) -> None:
        self._error = error

    async def GetStatus(self, request: object, context: object) -> GetStatusResponse:  # noqa: N802
        del request, context
        if self._error is not None:
            raise self._error
        return GetStatusResponse()


async def called(error: Exception | None) -> Heard:
    """Serve one call that ends with ``error``, and return what was heard of it."""
    heard = Heard()

    def add(server: grpc.aio.Server) -> Sequence[str]:
        add_StatusServiceServicer_to_server(Answers(error), server)
        return []

    async with (
        serving(0, add, lambda _: None, calls=heard) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        stub: Any = StatusServiceStub(channel)
        if error is None:
            await stub.GetStatus(GetStatusRequest())
        else:
            with pytest.raises(grpc.aio.AioRpcError):
                await stub.GetStatus(GetStatusRequest())
    return heard


async def test_a_call_that_was_answered_is_told() -> None:
    assert await called(None) == Heard(calls=[(METHOD, "OK")])


async def test_a_call_that_a_peer_s_trouble_ends_is_told_by_its_status() -> None:
    assert await called(PeerUnavailable("away")) == Heard(calls=[(METHOD, "UNAVAILABLE")])


async def test_a_call_that_ends_in_a_defect_is_told_as_internal() -> None:
    assert await called(ValueError("ours")) == Heard(calls=[(METHOD, "INTERNAL")])


async def test_a_denied_call_is_told_with_its_reason() -> None:
    denied = CallDenied(ErrorReason.ERROR_REASON_ROLE_MISSING, "needs another role")
    heard = await called(denied)
    assert heard == Heard(calls=[(METHOD, "PERMISSION_DENIED")], denials=["ROLE_MISSING"])
