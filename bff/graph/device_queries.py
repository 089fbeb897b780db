"""Asking for devices."""

from collections.abc import Sequence
from typing import Any

import strawberry
from meterpark.smoc.v1.device_service_pb2 import ListDevicesRequest, ListDevicesResponse

from bff.graph.context import Info
from bff.graph.device import Device, device_of
from bff.graph.device_filter import (
    DeviceFilterInput,
    DeviceOrder,
    filter_to_wire,
    order_to_wire,
)
from bff.graph.pages import USUAL_PAGE, Connection, read_page


@strawberry.type
class DeviceConnection(Connection[Device]):
    total_count: int = strawberry.field(
        description="How many devices fit the filter, exactly, when this page was made."
    )


async def device(info: Info, device_id: strawberry.ID) -> Device | None:
    """One device; null when the register does not hold it."""
    found = await info.context.load.device(device_id)
    return None if found is None else device_of(found)


async def devices(
    info: Info,
    filter: DeviceFilterInput | None = None,  # noqa: A002 - the argument's name in the schema
    order_by: list[DeviceOrder] | None = None,
    first: int = USUAL_PAGE,
    after: str | None = None,
) -> DeviceConnection:
    """The devices that fit a filter, in an order."""
    asking = info.context.asking
    wanted, order = filter_to_wire(filter), order_to_wire(order_by)

    async def ask(size: int, token: str) -> tuple[ListDevicesResponse, Sequence[Any]]:
        answer = await asking.ask(
            asking.register.devices.ListDevices,
            ListDevicesRequest(filter=wanted, order_by=order, page_size=size, page_token=token),
        )
        return answer, answer.devices

    answer, edges, info_of_page = await read_page(first, after, ask, device_of)
    return DeviceConnection(edges=edges, page_info=info_of_page, total_count=answer.total_size)
