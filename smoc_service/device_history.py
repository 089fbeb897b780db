"""One device in the past: as it was known at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pymongo import DESCENDING, AsyncMongoClient

from service_chassis.scope import Scope
from smoc_service.device import Device, network_of
from smoc_service.documents import DEVICES, Document
from smoc_service.errors import DeviceUnknown
from smoc_service.known_states import STATES, device_from_state, state_id, states_known

_TIME_LIMIT_MS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceThen:
    device: Device
    # More was known at that time than this register has kept.
    incomplete: bool


class DeviceHistory:
    """Answers questions; changes nothing. MongoDB in trouble is a ``PyMongoError``."""

    def __init__(self, client: AsyncMongoClient[Document], database: str) -> None:
        self._devices = client[database][DEVICES]
        self._states = client[database][STATES]

    async def device_at(self, device_id: str, scope: Scope, at: datetime) -> DeviceThen:
        """Return the device as it was known at ``at``; raise ``DeviceUnknown``, or ``NetworkDenied``.

        Of a time when the device was known and of which no state is kept, the answer is its identity alone.
        """
        scope.require(network_of(device_id), f"device {device_id}")
        found = await (
            self._states.find(states_known(device_id, at))
            .sort("_id", DESCENDING)
            .limit(1)
            .max_time_ms(_TIME_LIMIT_MS)
            .to_list()
        )
        if not found:
            return await self._unrecorded(device_id, at)
        [state] = found
        holder = state
        # Nearly always one step at most; ends, as each leads to an older revision.
        while "described" not in holder:
            key = state_id(device_id, holder["described_in"])
            older = await self._states.find_one({"_id": key})
            if older is None:
                return DeviceThen(device=device_from_state(state, {}), incomplete=True)
            holder = older
        return DeviceThen(device=device_from_state(state, holder["described"]), incomplete=False)

    async def _unrecorded(self, device_id: str, at: datetime) -> DeviceThen:
        held = await self._devices.find_one(
            {"_id": device_id}, {"network": True, "device_identifier": True, "first_seen_at": True}
        )
        if held is None or held["first_seen_at"] is None or at < held["first_seen_at"]:
            raise DeviceUnknown(device_id)
        known = Device(
            device_id=device_id,
            network=held["network"],
            device_identifier=held["device_identifier"],
            revision=0,
            facets={},
            first_seen_at=held["first_seen_at"],
        )
        return DeviceThen(device=known, incomplete=True)
