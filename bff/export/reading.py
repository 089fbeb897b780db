"""What the page orders, as the register takes it."""

import json
from typing import Any, Final

from meterpark.smoc.v1.device_service_pb2 import ExportDevicesRequest

from bff.failures import argument_invalid
from bff.graph.devices.filter import filter_to_wire
from bff.graph.devices.filter_json import filter_from_json

_LISTS: Final = {
    "columns": "columns",
    "deviceIds": "device_ids",
    "excludedDeviceIds": "excluded_device_ids",
}


def read_order(body: bytes) -> ExportDevicesRequest:
    """Return the request for ``{"filter": {...}, "columns": [...]}``; raise Failure for anything else.

    The filter is a DeviceFilterInput of the graph. What the register checks itself is not checked here.
    """
    try:
        order = json.loads(body)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        order = None
    if not isinstance(order, dict):
        raise argument_invalid("body", "no JSON object")
    if unknown := order.keys() - _LISTS.keys() - {"filter"}:
        raise argument_invalid("body", f"{min(unknown)[:60]!r} is nothing that an export knows")
    lists: Any = {field: _texts(order.get(name), name) for name, field in _LISTS.items()}
    return ExportDevicesRequest(
        filter=filter_to_wire(filter_from_json(order.get("filter"))), **lists
    )


def _texts(given: Any, name: str) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise argument_invalid(name, "not a list of texts")
    return given
