"""Which devices a caller wants and may see: conditions on indexed fields, as a MongoDB query."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service_chassis.scope import Scope
from smoc_service.device import FACETS, Device
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

    def within(self, scope: Scope) -> "ScopedFilter":
        """Return the conditions, cut to the networks of ``scope``: the only way from conditions to a query.

        Raises:
            NetworkDenied: a network is named that lies outside of it.
        """
        for network in self.networks:
            scope.require(network, f"network {network}")
        if self.networks or scope.networks is None:
            return ScopedFilter(wanted=self, networks=self.networks or None)
        return ScopedFilter(wanted=self, networks=tuple(sorted(scope.networks)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopedFilter:
    """Conditions that find nothing which their caller may not see. Made by ``DeviceFilter.within`` alone."""

    wanted: DeviceFilter
    # None: all networks; empty: none, and so no device.
    networks: tuple[str, ...] | None

    def fits(self, device: Device) -> bool:
        """Whether ``query`` would find the device."""
        wanted = self.wanted
        return (
            (self.networks is None or device.network in self.networks)
            and (not wanted.models or device.attributes.get("model") in wanted.models)
            and all(device.facets[name].value in values for name, values in wanted.facets.items())
            and (
                device.serial_number.startswith(wanted.beginning)
                or device.device_identifier.startswith(wanted.beginning)
            )
        )

    def query(self) -> dict[str, Any]:
        """Return the conditions on a device document."""
        wanted = self.wanted
        conditions: dict[str, Any] = {}
        if self.networks is not None:
            conditions["network"] = _one_of(self.networks)
        if wanted.models:
            conditions["model"] = _one_of(wanted.models)
        for name, values in wanted.facets.items():
            conditions[f"{name}.value"] = _one_of(values)
        if wanted.beginning:
            conditions["beginnings"] = wanted.beginning[:BEGINNING_LENGTH]
        if len(wanted.beginning) > BEGINNING_LENGTH:
            conditions["$or"] = [
                {name: _begins_with(wanted.beginning)}
                for name in ("serial_number", "device_identifier")
            ]
        return conditions

    def index(self) -> str | None:
        """Return the index that answers a single condition; None: the database weighs several, or there is none.

        Left to itself with a single one, the database may walk along the device ids and look at each device: on the
        first pages of a frequent value that seems as good, and it remembers.
        """
        wanted = self.wanted
        conditions = {"model": wanted.models, "beginnings": wanted.beginning, **wanted.facets}
        given = [name for name, condition in conditions.items() if condition]
        if self.networks is not None:
            given.append("network")
        return f"by_{given[0]}" if len(given) == 1 else None

    def fingerprint(self) -> str:
        """Return a text that is the same for the same conditions, in whatever order they were given."""
        wanted = self.wanted
        facets = {name: sorted(wanted.facets[name]) for name in FACETS if name in wanted.facets}
        networks = None if self.networks is None else sorted(self.networks)
        parts = [networks, sorted(wanted.models), facets, wanted.beginning]
        return json.dumps(parts, ensure_ascii=True)


def _one_of(values: tuple[str, ...]) -> Any:
    return values[0] if len(values) == 1 else {"$in": list(values)}


def _begins_with(text: str) -> dict[str, str]:
    # Strings compare by their UTF-8 bytes: a range, and nothing to escape.
    return {"$gte": text, "$lt": text + "\U0010ffff"}
