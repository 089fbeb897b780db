"""Questions that many rows of one answer ask alike, put once: one loader for each question."""

from collections.abc import Callable, Sequence
from typing import Any

from meterpark.smoc.v1.device_pb2 import Device
from meterpark.smoc.v1.device_service_pb2 import BatchGetDevicesRequest
from strawberry.dataloader import DataLoader

from bff.failures import Failure
from bff.graph.asking.asking import RegisterAsking
from contract_limits import DEVICES_PER_CALL

# From a device of the contract to that of the schema, which this room does not know.
Shown = Callable[[Device], Any]


class Loaders:
    def __init__(self, asking: RegisterAsking, shown: Shown, *, remember: bool) -> None:
        self._asking = asking
        self._shown = shown
        self._devices: DataLoader[str, Device | None] = DataLoader(
            self._load_devices, max_batch_size=DEVICES_PER_CALL, cache=remember
        )

    async def device(self, device_id: str) -> Any:
        """Return the device as it is shown, None when the register does not hold it.

        Raise Failure when it may not be seen.
        """
        found = await self._devices.load(device_id)
        return None if found is None else self._shown(found)

    async def _load_devices(self, device_ids: list[str]) -> Sequence[Device | BaseException | None]:
        try:
            known: dict[str, Device | BaseException] = {**await self._batch(device_ids)}
        except Failure as failure:
            networks = {_network(device_id) for device_id in device_ids}
            if failure.reason != "NETWORK_DENIED" or len(networks) == 1:
                raise
            # One network that may not be seen has the whole batch refused: let only its own devices be.
            known = {}
            for network in networks:
                its = [device_id for device_id in device_ids if _network(device_id) == network]
                try:
                    known.update(await self._batch(its))
                except Failure as its_failure:
                    known.update(dict.fromkeys(its, its_failure))
        return [known.get(device_id) for device_id in device_ids]

    async def _batch(self, device_ids: list[str]) -> dict[str, Device]:
        method = self._asking.register.devices.BatchGetDevices
        unique = list(dict.fromkeys(device_ids))
        answer = await self._asking.ask(method, BatchGetDevicesRequest(device_ids=unique))
        return {one.device_id: one for one in answer.devices}


def _network(device_id: str) -> str:
    return device_id.partition("/")[0]
