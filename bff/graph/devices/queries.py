"""Asking for devices."""

from meterpark.smoc.v1.device_service_pb2 import ListDevicesRequest

from bff.graph.asking.context import Info
from bff.graph.asking.pages import USUAL_PAGE
from bff.graph.devices.device import Device, DeviceConnection, read_devices
from bff.graph.devices.filter import (
    DeviceFilterInput,
    DeviceOrder,
    filter_to_wire,
    order_to_wire,
)
from bff.graph.fields import Named


async def device(info: Info, device_id: Named) -> Device | None:
    """One device; null when the register does not hold it."""
    found: Device | None = await info.context.load.device(device_id)
    return found


async def devices(
    info: Info,
    filter: DeviceFilterInput | None = None,  # noqa: A002 - the argument's name in the schema
    order_by: list[DeviceOrder] | None = None,
    first: int = USUAL_PAGE,
    after: str | None = None,
) -> DeviceConnection:
    """The devices that fit a filter, in an order."""
    request = ListDevicesRequest(filter=filter_to_wire(filter), order_by=order_to_wire(order_by))
    return await read_devices(info.context.asking, request, first=first, after=after)
