"""A call to an app that is not to be found for a moment is made again; every other trouble is the caller's matter."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
import pytest

from service_chassis.finding import when_found
from service_chassis.server import serving

METHOD = "/meterpark.smoc.v1.DeviceService/GetDevice"
NOBODY = (grpc.StatusCode.UNKNOWN, "no host found with the given ID")


@dataclass
class Sidecar:
    """Answers with the statuses of ``troubles``, one after the other, then with what it was sent."""

    troubles: list[tuple[grpc.StatusCode, str]] = field(default_factory=list)
    asked: int = 0

    async def answer(self, request: bytes, context: Any) -> bytes:
        self.asked += 1
        if self.asked <= len(self.troubles):
            await context.abort(*self.troubles[self.asked - 1])
        return request


@asynccontextmanager
async def calling(sidecar: Sidecar) -> AsyncIterator[Any]:
    def add(server: grpc.aio.Server) -> list[str]:
        service, _, method = METHOD[1:].partition("/")
        handler: Any = grpc.unary_unary_rpc_method_handler(sidecar.answer)
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service, {method: handler}),)
        )
        return [service]

    async with (
        serving(0, add, lambda _: None) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        yield channel.unary_unary(METHOD)


@pytest.mark.slow
async def test_an_app_that_is_found_a_little_later_answers() -> None:
    sidecar = Sidecar([NOBODY] * 4)
    async with calling(sidecar) as method:
        assert await when_found(lambda: method(b"1EMH0012345678")) == b"1EMH0012345678"
    assert sidecar.asked == 5


@pytest.mark.parametrize(
    "trouble",
    [
        (grpc.StatusCode.UNAVAILABLE, "no host found with the given ID"),
        (grpc.StatusCode.UNKNOWN, "Unexpected error: no host found with the given ID"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded"),
    ],
)
async def test_a_call_that_may_have_reached_somebody_is_made_once(
    trouble: tuple[grpc.StatusCode, str],
) -> None:
    sidecar = Sidecar([trouble])
    async with calling(sidecar) as method:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await when_found(lambda: method(b""))
    assert (raised.value.code(), raised.value.details()) == trouble
    assert sidecar.asked == 1


@pytest.mark.slow
async def test_an_app_that_stays_away_is_given_up() -> None:
    sidecar = Sidecar([NOBODY] * 1000)
    async with calling(sidecar) as method:
        with pytest.raises(grpc.aio.AioRpcError, match="no host found"):
            await when_found(lambda: method(b""))
    assert 2 < sidecar.asked < len(sidecar.troubles)
