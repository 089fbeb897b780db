"""The columns of an export: what is fetched of a stored device for each, and the text that it becomes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from smoc_service.park.rows import MOMENTS
from smoc_service.register.device import ATTRIBUTES, FACETS

Stored = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    # A field of the stored document.
    field: str
    text: Callable[[Stored], str]


def _word(field: str) -> Column:
    return Column(field=field, text=lambda device: device.get(field, ""))


def _time(field: str) -> Column:
    return Column(field=field, text=lambda device: _rfc3339(device.get(field)))


def _facet(name: str) -> Column:
    return Column(field=f"{name}.value", text=lambda device: device[name]["value"])


def _since(name: str) -> Column:
    return Column(field=f"{name}.as_of", text=lambda device: _rfc3339(device[name].get("as_of")))


def _rfc3339(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def _tags(device: Stored) -> str:
    return " ".join((device.get("work") or {}).get("tags", ()))


def _exchange_reason(device: Stored) -> str:
    mark = (device.get("work") or {}).get("exchange") or {}
    reason: str = mark.get("reason", "")
    return reason


# By the names of the contract.
COLUMNS: Final[Mapping[str, Column]] = {
    "device_id": _word("_id"),
    "network": _word("network"),
    "device_identifier": _word("device_identifier"),
    **{name: _word(name) for name in ATTRIBUTES},
    **{name: _facet(name) for name in FACETS},
    **{f"{name}.as_of_time": _since(name) for name in FACETS},
    **{name: _time(field) for name, field in MOMENTS.items()},
    "tags": Column(field="work.tags", text=_tags),
    "exchange_reason": Column(field="work.exchange.reason", text=_exchange_reason),
}


def projection(columns: Sequence[Column]) -> dict[str, bool]:
    """Return what to fetch for these columns; the id always comes along."""
    return dict.fromkeys((column.field for column in columns), True) | {"_id": True}
