"""A whole park as the register holds it, made up: who the devices are says the simulator, how they are, chance.

The documents are those of the register's own functions. They are written in bulk, past its door: what the door costs
is measured elsewhere (`make bench`), and a million devices through it would take longer than all that is measured here.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hes_simulator.park.devices import AREAS, Park, ParkDevice
from smoc_service.register.device import FACETS, Device, Facet, TimelineEntry, Work
from smoc_service.register.documents import device_document, entry_document
from smoc_service.register.milestones import (
    ContactDays,
    Past,
    day_of,
    merged,
    past_document,
    past_of,
)

Document = dict[str, Any]

# Name and share of the park, as a utility that bought others has it.
NETWORKS: Final = (
    ("stadt", 40),
    ("nordland", 25),
    ("seetal", 20),
    ("bergregion", 10),
    ("hafen", 5),
)
# Districts of a network; with the town's quarters they make its areas.
DISTRICTS: Final = 10
TAGS: Final = ("pilot", "recheck", "school", "hospital", "solar", "tenant-change")

_DAYS: Final = 400
# Value and share of each facet, by lifecycle; others hear of nothing.
_LIFECYCLES: Final = {
    "IN_OPERATION": 860,
    "INVENTORY": 55,
    "DISCOVERED": 25,
    "POOR_COMMUNICATION": 25,
    "REMOVED": 15,
    "UPDATE_IN_PROGRESS": 10,
    "ERROR": 6,
    "NOT_DEFINED": 4,
}
_IN_THE_FIELD: Final = frozenset(
    {"IN_OPERATION", "POOR_COMMUNICATION", "UPDATE_IN_PROGRESS", "ERROR", "DISCOVERED"}
)
_VALUES: Final[Mapping[str, Mapping[str, int]]] = {
    "power": {"ON": 970, "OFF": 6, "PARTIAL": 4, "UNKNOWN": 20},
    "switch": {"CONNECTED": 965, "DISCONNECTED": 20, "UNKNOWN": 15},
    "communication": {"REACHABLE": 950, "LOST": 30, "UNKNOWN": 20},
    "tamper": {"CLEAR": 900, "DETECTED": 2, "UNKNOWN": 98},
    "firmware": {"CURRENT": 940, "UPDATING": 20, "FAILED": 10, "UNKNOWN": 30},
}
_CAUSE: Final = "3.26.0.85"


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """`size` devices in several networks, each a function of (seed, number); as they were at `at`."""

    size: int
    at: datetime
    seed: int = 1

    def parks(self) -> list[Park]:
        """Return the simulator's parks, together `size` devices."""
        left, parks = self.size, []
        for name, share in reversed(NETWORKS):
            size = left if name == NETWORKS[0][0] else max(1, self.size * share // 100)
            left -= size
            parks.append(Park(network=name, size=size, seed=self.seed))
        return parks

    def documents(self, begin: int, end: int) -> Iterator[tuple[Document, Sequence[Document]]]:
        """Yield the documents of the devices from number `begin` up to `end`, each with those of its timeline."""
        first = 0
        for park in self.parks():
            for index in range(max(begin - first, 0), min(end - first, park.size)):
                yield self._documents(park.device(index))
            first += park.size

    def _documents(self, found: ParkDevice) -> tuple[Document, Sequence[Document]]:
        chance = random.Random(f"{self.seed}/{found.device_id}")  # noqa: S311 - to be drawn again
        device = self._device(found, chance)
        entry = TimelineEntry(
            revision=1,
            index=0,
            kind="configured",
            occurred_at=device.first_seen_at,
            received_at=device.first_seen_at,
            recorded_at=device.first_seen_at,
            summary="Configured",
        )
        past = past_of(device, [entry])
        if device.last_contact_at is not None:
            # Heard on nine days out of ten.
            bits = chance.getrandbits(63) | chance.getrandbits(63) | chance.getrandbits(63)
            days = ContactDays(until=day_of(device.last_contact_at), bits=bits | 1)
            past = merged(past, Past(contact_days=days))
        document = device_document(device, None) | past_document(past)
        return document, [entry_document(device, entry)]

    def _device(self, found: ParkDevice, chance: random.Random) -> Device:
        [lifecycle] = chance.choices([*_LIFECYCLES], [*_LIFECYCLES.values()])
        begun_at = self._before(chance, 86_400 * _DAYS)
        facets = {"lifecycle": Facet(value=lifecycle, as_of=begun_at, cause="MeterConfig")}
        in_the_field = lifecycle in _IN_THE_FIELD
        for name, shares in _VALUES.items():
            value = FACETS[name][0]
            if in_the_field:
                [value] = chance.choices([*shares], [*shares.values()])
            known = value != "UNKNOWN"
            since = self._before(chance, 86_400 * chance.choice((1, 30, _DAYS))) if known else None
            facets[name] = Facet(value=value, as_of=since, cause=_CAUSE if known else "")
        heard_at = None
        if in_the_field:
            days = 20 if lifecycle == "POOR_COMMUNICATION" else 1
            heard_at = self._before(chance, 86_400 * days)
        model = found.model
        tagged = chance.random() < 0.05  # noqa: PLR2004
        return Device(
            device_id=found.device_id,
            network=found.network,
            device_identifier=found.serial_number,
            revision=1,
            facets=facets,
            attributes={
                "serial_number": found.serial_number,
                "utility_number": found.utility_number,
                "mrid": found.mrid,
                "model": model.number,
                "model_version": model.version,
                "manufacturer": model.manufacturer,
                "device_type": "ElectricMeter",
                "communication_technology": model.technology,
                "communication_address": found.address,
                "firmware_version": found.firmware(chance.randrange(4)),
                "hardware_version": found.hardware,
                "lot_number": found.lot,
                "usage_point": found.usage_point,
                "area": f"{found.area} {chance.randrange(DISTRICTS) + 1}",
                "latitude": found.latitude,
                "longitude": found.longitude,
            },
            names={"SerialNumber": found.serial_number, "UtilityNumber": found.utility_number},
            life_dates={"installationDate": f"{begun_at:%Y-%m-%d}"} if in_the_field else {},
            first_seen_at=begun_at,
            last_contact_at=heard_at,
            updated_at=heard_at or begun_at,
            work=Work(version=1, tags=(chance.choice(TAGS),)) if tagged else Work(),
        )

    def _before(self, chance: random.Random, seconds: float) -> datetime:
        return self.at - timedelta(seconds=round(chance.uniform(1, seconds)))


def now_in_whole_seconds() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


AREA_COUNT: Final = len(AREAS) * DISTRICTS
