"""Whoever comes to a service's port past its sidecar is refused, whatever it asks for and says about itself."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from structlog.testing import capture_logs

from service_chassis.own_sidecar import OwnSidecarOnly
from service_chassis.refusals import reason_of
from service_chassis.server import serving

SIDECARS = "a-token-of-thirty-two-characters"
ECHO = "/meterpark.test.Echo/Echo"
COUNT = "/meterpark.test.Echo/Count"


class _Echo(grpc.GenericRpcHandler):
    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        async def echo(request: bytes, context: object) -> bytes:
            del context
            return request

        async def count(request: bytes, context: object) -> AsyncIterator[bytes]:
            del context
            for number in range(int(request)):
                yield str(number).encode()

        match handler_call_details.method:
            case "/meterpark.test.Echo/Echo":
                return grpc.unary_unary_rpc_method_handler(echo)
            case "/meterpark.test.Echo/Count":
                return grpc.unary_stream_rpc_method_handler(count)
            case _:
                return None


def _add_echo(server: grpc.aio.Server) -> list[str]:
    server.add_generic_rpc_handlers((_Echo(),))
    return []


@pytest.fixture
async def channel() -> AsyncIterator[grpc.aio.Channel]:
    async with (
        serving(0, _add_echo, lambda _: None, interceptors=[OwnSidecarOnly(SIDECARS)]) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as opened,
    ):
        yield opened


async def test_the_own_sidecar_is_heard(channel: Any) -> None:
    metadata = (("dapr-api-token", SIDECARS),)
    assert await channel.unary_unary(ECHO)(b"hello", metadata=metadata) == b"hello"
    counted = channel.unary_stream(COUNT)(b"3", metadata=metadata)
    assert [number async for number in counted] == [b"0", b"1", b"2"]


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ((), "no app API token"),
        ((("dapr-caller-app-id", "device-hub"),), "no app API token"),
        ((("dapr-api-token", ""),), "the app API token is not the sidecar's"),
        ((("dapr-api-token", SIDECARS[:-1]),), "the app API token is not the sidecar's"),
        (
            (("dapr-api-token", "a guess"), ("dapr-api-token", SIDECARS)),
            "the app API token is not the sidecar's",
        ),
    ],
    ids=["nothing", "a claim", "empty", "almost", "one of several"],
)
@pytest.mark.parametrize("method", [ECHO, "/meterpark.test.Echo/echo", "/no.Such/Method", "//"])
async def test_everyone_else_is_refused_whatever_is_asked_for(
    channel: Any, metadata: tuple[tuple[str, str], ...], why: str, method: str
) -> None:
    with capture_logs() as logged, pytest.raises(grpc.aio.AioRpcError) as refused:
        await channel.unary_unary(method)(b"hello", metadata=metadata)
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert refused.value.details() == "not allowed"
    assert reason_of(refused.value) == ErrorReason.ERROR_REASON_SIDECAR_BYPASSED
    [line] = logged
    assert (line["event"], line["method"], line["why"]) == ("call denied", method, why)
    assert line["reason"] == "SIDECAR_BYPASSED"
    assert line["peer"].startswith("ipv4:127.0.0.1:")
    assert line["claimed_caller"] == dict(metadata).get("dapr-caller-app-id", "")
    assert SIDECARS[:-1] not in str(logged)


async def test_a_stream_past_the_sidecar_is_refused(channel: Any) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await channel.unary_stream(COUNT)(b"3").read()
    assert reason_of(refused.value) == ErrorReason.ERROR_REASON_SIDECAR_BYPASSED


async def test_health_is_open_for_the_supervisor(channel: Any) -> None:
    health: Any = health_pb2_grpc.HealthStub(channel)
    answer = await health.Check(health_pb2.HealthCheckRequest())
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
