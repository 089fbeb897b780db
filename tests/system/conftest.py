"""What system tests are given: the running stack, seen as a park, and a second hub beside its own."""

import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import grpc.aio
import pytest
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceStub
from meterpark.smoc.v1.device_service_pb2_grpc import DeviceServiceStub
from pymongo import AsyncMongoClient

from deploy.local.facts.stack_facts import StackFacts
from deploy.local.stack.replica import Replica, ports_needed
from deploy.runtime.paths import installed_runtime
from tests.neighbours.ports import free_ports
from tests.neighbours.stack import RunningStack
from tests.system.park import Park, connect_as_hes, tokens_for_scripts
from tests.system.two_hubs import HUB, READY_SECONDS, Hubs, is_looked_for


@pytest.fixture
async def park(stack: RunningStack) -> AsyncIterator[Park]:
    stack.wait_until_ready()
    hes = await connect_as_hes(stack)
    tokens = tokens_for_scripts(stack)
    # Now: in a moment the test may have taken Keycloak away.
    await tokens.value()
    async with grpc.aio.insecure_channel(stack.sidecar_address("meterpark-cli")) as channel:
        yield Park(
            stack=stack,
            hes=hes,
            channel=channel,
            register=DeviceServiceStub(channel),
            hub=DeviceHubServiceStub(channel),
            to_register=stack.call_metadata("meterpark-cli", "smoc-service"),
            to_hub=stack.call_metadata("meterpark-cli", "device-hub"),
            tokens=tokens,
        )
    await hes.close()


@pytest.fixture
def second_hub(stack: RunningStack) -> Iterator[Replica]:
    stack.wait_until_ready()
    facts = StackFacts(
        settings=stack.stack.settings,
        runtime=installed_runtime(os.environ),
        state=stack.stack.state,
        ports=stack.description["ports"],
        environment={},
    )
    ports = free_ports(len(ports_needed(HUB)))
    replica = Replica.beside(facts, HUB, number=2, ports=ports)
    try:
        replica.start()
        replica.wait_until_ready(READY_SECONDS)
        yield replica
    finally:
        replica.stop()
        # The tests behind this one meet the stack as it was.
        while is_looked_for(replica):
            time.sleep(0.1)


@pytest.fixture
async def hubs(park: Park, second_hub: Replica) -> AsyncIterator[Hubs]:
    token = park.stack.stack.state.app_api_token(HUB).read_text()
    addresses = {
        HUB: park.stack.app_address(HUB),
        second_hub.process: f"127.0.0.1:{second_hub.facts.ports[HUB]}",
    }
    async with AsyncExitStack() as opened:
        doors = {
            name: DeviceHubServiceStub(
                await opened.enter_async_context(grpc.aio.insecure_channel(address))
            )
            for name, address in addresses.items()
        }
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(park.stack.mongodb_url)
        journal = await opened.enter_async_context(client)
        yield Hubs(park, second_hub, doors, journal, (("dapr-api-token", token),))
