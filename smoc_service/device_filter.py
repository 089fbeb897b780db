"""Which devices a caller wants: conditions on indexed fields, as a MongoDB query."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smoc_service.device import FACETS
from smoc_service.documents import BEGINNING_LENGTH


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFilter:
    """Conditions combined with "and", values within one with "or"; what is empty is no condition."""

    networks: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    # By facet name; only those that are a condition.
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Beginning of the serial number or of the device identifier.
    beginning: str = ""

    def query(self, root: str = "") -> dict[str, Any]:
        """Return the conditions on a device document that lies under ``root`` ("" or "fullDocument.")."""
        conditions: dict[str, Any] = {}
        if self.networks:
            conditions[f"{root}network"] = _one_of(self.networks)
        if self.models:
            conditions[f"{root}model"] = _one_of(self.models)
        for name, values in self.facets.items():
            conditions[f"{root}{name}.value"] = _one_of(values)
        if self.beginning:
            conditions[f"{root}beginnings"] = self.beginning[:BEGINNING_LENGTH]
        if len(self.beginning) > BEGINNING_LENGTH:
            conditions["$or"] = [
                {f"{root}{name}": _begins_with(self.beginning)}
                for name in ("serial_number", "device_identifier")
            ]
        return conditions

    def index(self) -> str | None:
        """Return the index that answers a single condition; None: the database weighs several, or there is none.

        Left to itself with a single one, the database may walk along the device ids and look at each device: on the
        first pages of a frequent value that seems as good, and it remembers.
        """
        conditions = {"network": self.networks, "model": self.models, "beginnings": self.beginning}
        given = [name for name, wanted in (conditions | dict(self.facets)).items() if wanted]
        return f"by_{given[0]}" if len(given) == 1 else None

    def fingerprint(self) -> str:
        """Return a text that is the same for the same conditions, in whatever order they were given."""
        facets = {name: sorted(self.facets[name]) for name in FACETS if name in self.facets}
        parts = [sorted(self.networks), sorted(self.models), facets, self.beginning]
        return json.dumps(parts, ensure_ascii=True)


def _one_of(values: tuple[str, ...]) -> Any:
    return values[0] if len(values) == 1 else {"$in": list(values)}


def _begins_with(text: str) -> dict[str, str]:
    # Strings compare by their UTF-8 bytes: a range, and nothing to escape.
    return {"$gte": text, "$lt": text + "\U0010ffff"}
