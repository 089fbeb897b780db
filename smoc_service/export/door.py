"""DeviceService.ExportDevices: what is asked, checked, and what is told."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from meterpark.smoc.v1 import device_service_pb2 as contract

from contract_limits import DEVICES_PER_CALL
from service_chassis.caller import Caller
from service_chassis.refusals import argument_invalid
from smoc_service.door.reading import read_device_id
from smoc_service.export.columns import COLUMNS, Column
from smoc_service.export.export import DeviceExport, Wanted
from smoc_service.park.filter import ScopedFilter
from smoc_service.park.questions import read_filter
from smoc_service.register.device import network_of

COLUMNS_AT_MOST: Final = 40


async def answers(
    export: DeviceExport, request: contract.ExportDevicesRequest, caller: Caller
) -> AsyncIterator[contract.ExportDevicesResponse]:
    """Yield the count, then the devices, then that it was all; refuse what the caller may not see."""
    wanted = Wanted(
        visible=_read_visible(request, caller),
        columns=_read_columns(request.columns),
        after=request.after_device_id,
    )
    if wanted.after:
        read_device_id(wanted.after, "after_device_id")
    async with aclosing(export.pieces(wanted, caller.subject)) as pieces:
        await anext(pieces)
        yield contract.ExportDevicesResponse(total_size=await export.count(wanted.visible))
        async for rows in pieces:
            yield contract.ExportDevicesResponse(
                devices=[
                    contract.ExportedDevice(device_id=device_id, values=texts)
                    for device_id, texts in rows
                ]
            )
    yield contract.ExportDevicesResponse(complete=True)


def _read_visible(request: contract.ExportDevicesRequest, caller: Caller) -> ScopedFilter:
    among = _read_device_ids(request.device_ids, "device_ids")
    without = _read_device_ids(request.excluded_device_ids, "excluded_device_ids")
    for device_id in among:
        caller.scope.require(network_of(device_id), f"device {device_id}")
    wanted = read_filter(request.filter)
    conditions = replace(wanted.wanted, among=among or None, without=without)
    return replace(wanted, wanted=conditions).within(caller.scope)


def _read_device_ids(device_ids: Sequence[str], field: str) -> tuple[str, ...]:
    if len(device_ids) > DEVICES_PER_CALL:
        raise argument_invalid(field, f"more than {DEVICES_PER_CALL}")
    for index, device_id in enumerate(device_ids):
        read_device_id(device_id, f"{field}[{index}]")
    return tuple(dict.fromkeys(device_ids))


def _read_columns(names: Sequence[str]) -> list[Column]:
    if not 1 <= len(names) <= COLUMNS_AT_MOST:
        raise argument_invalid("columns", f"not 1 to {COLUMNS_AT_MOST}")
    for index, name in enumerate(names):
        if name not in COLUMNS:
            raise argument_invalid(f"columns[{index}]", f"{name[:60]!r} is no column of a device")
    return [COLUMNS[name] for name in names]
