"""What people ask of a large park, drawn by chance: filters of three facets with counts, as the page asks them."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from meterpark.smoc.v1 import device_service_pb2 as contract

from benchmarks.register.population import DISTRICTS, NETWORKS, TAGS
from hes_simulator.park.devices import AREAS, MODELS
from smoc_service.register.device import FACETS

PAGE: Final = 50
# What a page counts beside its list: the values that its filters offer.
COUNTED: Final = ("lifecycle", "power", "communication", "firmware", "model", "network")

# Fields of a filter, with their values: every facet of the page, those of devices and the others.
_CHOICES: Final[Mapping[str, Sequence[str]]] = {
    "lifecycles": FACETS["lifecycle"],
    "powers": FACETS["power"],
    "switches": FACETS["switch"],
    "communications": FACETS["communication"],
    "tampers": FACETS["tamper"],
    "firmwares": FACETS["firmware"],
    "models": sorted({model.number for model in MODELS}),
    "manufacturers": sorted({model.manufacturer for model in MODELS}),
    "communication_technologies": sorted({model.technology for model in MODELS}),
    "networks": [name for name, _ in NETWORKS],
    "areas": [f"{name} {district + 1}" for name in AREAS for district in range(DISTRICTS)],
    "tags": TAGS,
}
_ORDERS: Final = ("", "", "last_contact_time desc", "serial_number", "power.as_of_time desc")


@dataclass(frozen=True, slots=True)
class Questions:
    """Never the same three twice in a row: what is remembered of the last one helps nobody."""

    chance: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - drawn again

    def three_facets(self) -> dict[str, list[str]]:
        """Return three different fields of a filter, each with one to three of its values."""
        names = self.chance.sample([*_CHOICES], 3)
        return {name: self._values(name) for name in names}

    def page(self, wanted: Mapping[str, Any]) -> contract.ListDevicesRequest:
        return contract.ListDevicesRequest(
            filter=contract.DeviceFilter(**wanted),
            page_size=PAGE,
            order_by=self.chance.choice(_ORDERS),
        )

    def counts(self, wanted: Mapping[str, Any]) -> contract.CountDevicesRequest:
        return contract.CountDevicesRequest(
            filter=contract.DeviceFilter(**wanted), dimensions=COUNTED
        )

    def _values(self, name: str) -> list[str]:
        values = _CHOICES[name]
        return self.chance.sample(list(values), min(len(values), self.chance.randint(1, 3)))
