"""What every system test is given: the running stack, seen as a park."""

from collections.abc import AsyncIterator

import grpc.aio
import pytest
from meterpark.device_hub.v1.device_hub_service_pb2_grpc import DeviceHubServiceStub
from meterpark.smoc.v1.device_service_pb2_grpc import DeviceServiceStub

from tests.neighbours.stack import RunningStack
from tests.system.park import Park, connect_as_hes, tokens_for_scripts


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
