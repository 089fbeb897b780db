"""Reads requests about the park: filters, orders, dimensions. It refuses those that would cost too much.

A condition costs a pass over a column, a further value in it next to nothing. The values, sort keys and dimensions of
one request are limited.
"""

import math
import re
from collections.abc import Sequence
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.message import Message
from meterpark.smoc.v1 import device_service_pb2

from service_chassis.conditions import read_values
from service_chassis.refusals import argument_invalid
from smoc_service.door.reading import read_networks
from smoc_service.park.filter import DeviceFilter
from smoc_service.park.index import SIDE, Box, Conditions, SortKey, Span, View, box_of
from smoc_service.park.rows import AS_OF, ATTRIBUTE_CATEGORIES, DIMENSIONS, MARKED, MOMENTS, NO, YES
from smoc_service.register.device import FACETS

# The contract's plural of each facet's name.
FILTER_FIELDS: Final = {
    "lifecycle": "lifecycles",
    "power": "powers",
    "switch": "switches",
    "communication": "communications",
    "tamper": "tampers",
    "firmware": "firmwares",
}
# The contract's plurals of other words, by the name of the dimension.
_WORD_FIELDS: Final = {
    "model": "models",
    "manufacturer": "manufacturers",
    "communication_technology": "communication_technologies",
    "firmware_version": "firmware_versions",
    "area": "areas",
    "tag": "tags",
}
# Of texts that are compared as a whole.
_EXACT_FIELDS: Final = {"usage_point": "usage_points", "parent": "parents"}
SORTED_BY: Final = (
    "device_id",
    "serial_number",
    "network",
    *ATTRIBUTE_CATEGORIES,
    "usage_point",
    *MOMENTS,
    *FACETS,
    *AS_OF,
)
_SORT_KEYS_AT_MOST: Final = 4
_TEXT_BYTES_AT_MOST: Final = 40
_SORT_KEY = re.compile(r"([a-z_.]+)(?: +(asc|desc))?")
_SIDES: Final = {"south": 90, "west": 180, "north": 90, "east": 180}
# So many cells along both sides, and one more that the box cuts: less than the 2,000 of the contract.
_CELLS_AT_MOST: Final = 40
_USUAL_CELLS: Final = 24
_DEVICES_AT_MOST: Final = 200
# Years 1 to 9999, in seconds since 1970.
_SECOND: Final = 1_000_000_000
_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_800


def read_filter(message: device_service_pb2.DeviceFilter) -> DeviceFilter:
    """Return the conditions of a filter; refuse the first that is none."""
    networks = read_networks(message.networks, "filter.networks")
    exact = {
        name: read_values(getattr(message, plural), f"filter.{plural}")
        for name, plural in _EXACT_FIELDS.items()
    }
    return DeviceFilter(
        wanted=Conditions(
            networks=networks or None,
            words=_read_words(message),
            spans=_read_spans(message),
            present=(
                {"last_contact_time": not message.never_contacted}
                if message.HasField("never_contacted")
                else {}
            ),
            exact={name: texts for name, texts in exact.items() if texts},
            beginning=_read_text(message.text_beginning, "filter.text_beginning"),
            ending=_read_text(message.text_ending, "filter.text_ending"),
            box=read_box(message.box, "filter.box") if message.HasField("box") else None,
            placed=message.placed if message.HasField("placed") else None,
        )
    )


def filter_document(message: Message) -> dict[str, Any]:
    """Return a filter as it is stored: its published fields never change their meaning."""
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def read_order(order_by: str) -> tuple[SortKey, ...]:
    """Return the sort keys of "name, name desc, ..." (AIP-132)."""
    if not order_by.strip():
        return ()
    # Counted before it is taken apart: a text of megabytes is no order.
    if order_by.count(",") >= _SORT_KEYS_AT_MOST:
        raise argument_invalid("order_by", f"more than {_SORT_KEYS_AT_MOST} sort keys")
    keys: list[SortKey] = []
    for part in order_by.split(","):
        found = _SORT_KEY.fullmatch(part.strip())
        if found is None or found[1] not in SORTED_BY:
            raise argument_invalid(
                "order_by", f"{part.strip()[:60]!r} is not one of {', '.join(SORTED_BY)}"
            )
        if found[1] in {key.name for key in keys}:
            raise argument_invalid("order_by", f"{found[1]!r} is given twice")
        keys.append(SortKey(name=found[1], descending=found[2] == "desc"))
    return tuple(keys)


def read_dimensions(dimensions: Sequence[str]) -> tuple[str, ...]:
    """Return the dimensions to count by, each once."""
    if len(dimensions) > len(DIMENSIONS):
        raise argument_invalid("dimensions", f"more than the {len(DIMENSIONS)} that there are")
    for index, name in enumerate(dimensions):
        if name not in DIMENSIONS:
            raise argument_invalid(
                f"dimensions[{index}]", f"{name[:60]!r} is not one of {', '.join(DIMENSIONS)}"
            )
    return tuple(dict.fromkeys(dimensions))


def _read_words(message: device_service_pb2.DeviceFilter) -> dict[str, tuple[str, ...]]:
    words = {}
    for name, plural in FILTER_FIELDS.items():
        values = read_values(getattr(message, plural), f"filter.{plural}")
        for value in values:
            if value not in FACETS[name]:
                raise argument_invalid(
                    f"filter.{plural}", f"{value!r} is not one of {', '.join(FACETS[name])}"
                )
        words[name] = values
    for name, plural in _WORD_FIELDS.items():
        words[name] = read_values(getattr(message, plural), f"filter.{plural}")
    if message.HasField("marked_for_exchange"):
        words[MARKED] = (YES if message.marked_for_exchange else NO,)
    return {name: values for name, values in words.items() if values}


def _read_spans(message: device_service_pb2.DeviceFilter) -> dict[str, Span]:
    spans = {}
    if len(message.facet_ages) > len(FACETS):
        raise argument_invalid("filter.facet_ages", f"more than the {len(FACETS)} facets")
    for index, age in enumerate(message.facet_ages):
        field = f"filter.facet_ages[{index}]"
        if age.facet not in FACETS:
            raise argument_invalid(
                f"{field}.facet", f"{age.facet[:60]!r} is not one of {', '.join(FACETS)}"
            )
        if f"{age.facet}.as_of_time" in spans:
            raise argument_invalid(f"{field}.facet", f"{age.facet!r} is given twice")
        spans[f"{age.facet}.as_of_time"] = read_span(age.since, f"{field}.since")
    if message.HasField("last_contact"):
        spans["last_contact_time"] = read_span(message.last_contact, "filter.last_contact")
    return {name: span for name, span in spans.items() if span != Span()}


def read_span(message: device_service_pb2.TimeRange, field: str) -> Span:
    """Return a range of times; refuse one that ends before it starts."""
    start = _read_milliseconds(message, "start_time", field)
    end = _read_milliseconds(message, "end_time", field)
    if start is not None and end is not None and end < start:
        raise argument_invalid(field, "ends before it starts")
    return Span(start=start, end=end)


def _read_milliseconds(message: device_service_pb2.TimeRange, name: str, field: str) -> int | None:
    if not message.HasField(name):  # type: ignore[arg-type]
        return None
    time = getattr(message, name)
    if not (_EARLIEST <= time.seconds < _LATEST and 0 <= time.nanos < _SECOND):
        raise argument_invalid(f"{field}.{name}", "outside of the years 1 to 9999")
    # Stored times end with their milliseconds: what lies within one of them begins at the next.
    milliseconds: int = time.seconds * 1000 + -(-time.nanos // 1_000_000)
    return milliseconds


def _read_text(text: str, field: str) -> str:
    if len(text) > _TEXT_BYTES_AT_MOST or len(text.casefold().encode()) > _TEXT_BYTES_AT_MOST:
        raise argument_invalid(field, f"longer than {_TEXT_BYTES_AT_MOST} bytes")
    if not text.isprintable():
        raise argument_invalid(field, "holds characters that cannot be printed")
    return text


def read_box(message: device_service_pb2.GeoBox, field: str) -> Box:
    """Return a box; refuse one that is none, or holds nothing."""
    sides: dict[str, float] = {}
    for name, largest in _SIDES.items():
        side = getattr(message, name)
        if not math.isfinite(side) or abs(side) > largest:
            raise argument_invalid(f"{field}.{name}", f"not from -{largest} to {largest} degrees")
        sides[name] = side
    box = box_of(**sides)
    if box.height <= 0:
        raise argument_invalid(field, "south is not south of north")
    if box.width == SIDE and box.west:
        raise argument_invalid(field, "west and east are the same")
    return box


def read_view(request: device_service_pb2.ListPlaceClustersRequest) -> View:
    if not 0 <= request.cells <= _CELLS_AT_MOST:
        raise argument_invalid("cells", f"not from 0 to {_CELLS_AT_MOST}")
    if request.facet and request.facet not in FACETS:
        raise argument_invalid("facet", f"{request.facet[:60]!r} is not one of {', '.join(FACETS)}")
    if not 0 <= request.device_limit <= _DEVICES_AT_MOST:
        raise argument_invalid("device_limit", f"not from 0 to {_DEVICES_AT_MOST}")
    return View(
        box=read_box(request.box, "box") if request.HasField("box") else None,
        along=request.cells or _USUAL_CELLS,
        dimension=request.facet,
        devices_at_most=request.device_limit,
    )
