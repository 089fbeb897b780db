"""Changes of devices, as many a second as wanted, the way on which the hub provisions the register."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import grpc.aio
from meterpark.smoc.v1.device_pb2 import Device
from meterpark.smoc.v1.device_service_pb2 import ListDevicesRequest
from meterpark.smoc.v1.provisioning_service_pb2 import Provision, ProvisionDevicesRequest
from meterpark.smoc.v1.provisioning_service_pb2_grpc import ProvisioningServiceStub

from benchmarks.register.asking import asking
from benchmarks.stack.bench_stack import HUB, REGISTER, BenchStack
from benchmarks.trouble import BenchFailed
from service_chassis.sidecar import CHANNEL_OPTIONS, to_app
from tests.neighbours.keycloak import Keycloak

# The first devices of the list: those that a person sees change.
_DEVICES: Final = 200
_BATCHES_PER_SECOND: Final = 5
_POWER: Final = {"ON": "OFF", "OFF": "ON"}
_CALL_SECONDS: Final = 30.0
# Before the hub's token ends, which is good for five minutes.
_NEW_TOKEN_SECONDS: Final = 120.0


class Changes:
    """Counts what the register has stored since it began."""

    def __init__(self, devices: Sequence[Device], per_second: int) -> None:
        self.stored = 0
        self._devices = list(devices)
        self._per_batch = max(1, per_second // _BATCHES_PER_SECOND)
        self._next = 0

    def batch(self) -> ProvisionDevicesRequest:
        """Return the next devices, each with its power gone, or back."""
        provisions = []
        for _ in range(self._per_batch):
            device = self._devices[self._next % len(self._devices)]
            self._next += 1
            device.revision += 1
            device.power.value = _POWER.get(device.power.value, "OFF")
            device.power.cause = "3.26.0.85"
            device.power.as_of_time.GetCurrentTime()
            device.update_time.GetCurrentTime()
            provisions.append(Provision(device=device))
        return ProvisionDevicesRequest(provisions=provisions)


@asynccontextmanager
async def changing(bench: BenchStack, per_second: int) -> AsyncIterator[Changes]:
    """Change devices until the block ends.

    Raises:
        BenchFailed: the register did not take a change, or could not keep up.
    """
    async with asking(bench) as asked:
        listed = await asked.call(
            asked.devices.ListDevices, ListDevicesRequest(page_size=_DEVICES, order_by="device_id")
        )
    changes = Changes(listed.devices, per_second)
    began = time.perf_counter()
    sending = asyncio.create_task(_send(bench, changes))
    try:
        yield changes
    finally:
        seconds = time.perf_counter() - began
        sending.cancel()
        [ended] = await asyncio.gather(sending, return_exceptions=True)
    if not isinstance(ended, asyncio.CancelledError):
        raise BenchFailed(f"changes ended: {ended}")
    if changes.stored < 0.8 * per_second * seconds:
        raise BenchFailed(f"{changes.stored} changes in {seconds:.0f} s are too few")


async def _send(bench: BenchStack, changes: Changes) -> None:
    settings = bench.sidecar(HUB)
    address = f"127.0.0.1:{settings.dapr_grpc_port}"
    async with (
        Keycloak.of_stack(bench.description["keycloak"]) as keycloak,
        grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel,
    ):
        stub: Any = ProvisioningServiceStub(channel)
        metadata: tuple[tuple[str, str], ...] = ()
        token_ends, due = 0.0, time.perf_counter()
        while True:
            if time.perf_counter() > token_ends:
                token = await keycloak.service_token(HUB)
                metadata = (*to_app(REGISTER, settings), ("authorization", f"Bearer {token}"))
                token_ends = time.perf_counter() + _NEW_TOKEN_SECONDS
            answer = await stub.ProvisionDevices(
                changes.batch(), metadata=metadata, timeout=_CALL_SECONDS
            )
            changes.stored += len(answer.results)
            due += 1 / _BATCHES_PER_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
