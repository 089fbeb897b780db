"""The host of the actors, before a sidecar in memory: the token stands on its stream."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc.aio
from dapr.proto import api_service_v1, api_v1

from device_hub.actors.device_actor import DeviceActor, RawBytes
from device_hub.actors.host import SidecarHost
from service_chassis.settings import SidecarSettings

TOKEN = "a-token-of-the-sidecar"  # noqa: S105 - of this test alone


class Sidecar(api_service_v1.DaprServicer):  # type: ignore[misc] # the SDK is untyped
    """Takes the actors' stream, and keeps what stood on it."""

    def __init__(self) -> None:
        self.opened: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def SubscribeActorEventsAlpha1(  # noqa: N802 - the contract's name
        self, requests: AsyncIterator[Any], context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[Any]:
        self.opened.set_result(context.invocation_metadata())
        async for _ in requests:
            yield api_v1.SubscribeActorEventsResponseAlpha1(
                initial_response=api_v1.SubscribeActorEventsResponseInitialAlpha1()
            )


async def test_the_stream_of_the_actors_shows_the_token_of_the_sidecar() -> None:
    sidecar, server = Sidecar(), grpc.aio.server()
    api_service_v1.add_DaprServicer_to_server(sidecar, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    host = SidecarHost(SidecarSettings(dapr_grpc_port=port, dapr_api_token=TOKEN))
    try:
        async with asyncio.timeout(30):
            await host.register_actor(DeviceActor, message_serializer=RawBytes())
            await host.start()
            assert ("dapr-api-token", TOKEN) in await sidecar.opened
    finally:
        await host.close()
        await server.stop(None)
