"""The host of the actors, before a sidecar in memory: its token stands on the stream and on the calls of actors."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio
from dapr.proto import api_service_v1, api_v1

from benchmarks.stack.stock_hub import ACTOR_TYPE, Payload, StockDevice
from device_hub.actors.device_actor import DeviceActor, RawBytes
from device_hub.actors.host import SidecarHost
from service_chassis.settings import SidecarSettings

TOKEN = "a-token-of-the-sidecar"  # noqa: S105 - of this test alone
SHOWN = ("dapr-api-token", TOKEN)


class Sidecar(api_service_v1.DaprServicer):  # type: ignore[misc] # the SDK is untyped
    """Takes the actors' stream, hands one turn to an actor where it is given one, and keeps what stood on the calls."""

    def __init__(self, turn: Any = None) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[Any] = loop.create_future()
        self.state_read: asyncio.Future[Any] = loop.create_future()
        self._turn = turn

    async def SubscribeActorEventsAlpha1(  # noqa: N802 - the contract's name
        self, requests: AsyncIterator[Any], context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[Any]:
        self.opened.set_result(context.invocation_metadata())
        turn = self._turn
        async for _ in requests:
            yield api_v1.SubscribeActorEventsResponseAlpha1(
                initial_response=api_v1.SubscribeActorEventsResponseInitialAlpha1()
            )
            if turn is not None:
                yield api_v1.SubscribeActorEventsResponseAlpha1(invoke_request=turn)
                turn = None

    async def GetActorState(  # noqa: N802 - the contract's name
        self, request: Any, context: grpc.aio.ServicerContext[Any, Any]
    ) -> Any:
        del request
        self.state_read.set_result(context.invocation_metadata())
        return api_v1.GetActorStateResponse()


@asynccontextmanager
async def hosted(sidecar: Sidecar) -> AsyncIterator[SidecarHost]:
    server = grpc.aio.server()
    api_service_v1.add_DaprServicer_to_server(sidecar, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    host = SidecarHost(SidecarSettings(dapr_grpc_port=port, dapr_api_token=TOKEN))
    try:
        async with asyncio.timeout(30):
            yield host
    finally:
        await host.close()
        await server.stop(None)


async def test_the_stream_of_the_actors_shows_the_token_of_the_sidecar() -> None:
    sidecar = Sidecar()
    async with hosted(sidecar) as host:
        await host.register_actor(DeviceActor, message_serializer=RawBytes())
        await host.start()
        assert SHOWN in await sidecar.opened


async def test_an_actor_that_reads_dapr_s_own_state_shows_the_token_too() -> None:
    turn = api_v1.SubscribeActorEventsResponseInvokeRequestAlpha1(
        id="1", actor_type=ACTOR_TYPE, actor_id="north-1", method="record"
    )
    sidecar = Sidecar(turn)
    async with hosted(sidecar) as host:
        await host.register_actor(
            StockDevice, message_serializer=Payload(), actor_factory=StockDevice
        )
        await host.start()
        assert SHOWN in await sidecar.state_read
