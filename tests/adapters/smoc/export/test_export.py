"""An export through gRPC, with the park's real search: every device once, whatever is cut off or changes meanwhile."""

from typing import Any

import grpc.aio
import pytest
from meterpark.smoc.v1.device_service_pb2 import (
    DeviceFilter,
    ExportDevicesRequest,
    ExportDevicesResponse,
)

from service_chassis.scope import Scope
from smoc_service.errors import TooManyWatchers, WatchClosed
from smoc_service.export.columns import COLUMNS
from smoc_service.export.export import OF_ONE_CALLER_AT_MOST, DeviceExport, Wanted
from smoc_service.park.filter import DeviceFilter as Conditions
from tests.neighbours.smoc.running import Smoc, running
from tests.specs.smoc.messages import device, provision

NO_CONDITIONS = Conditions()
Rows = list[tuple[str, list[str]]]


async def park(smoc: Smoc, count: int) -> list[str]:
    """Make ``count`` devices in each of two networks, every other one without power; return their ids in order."""
    ids = sorted(f"{network}/{n:04}" for network in ("north", "south") for n in range(count))
    provisions = [
        provision(device(each, 1, power="OFF" if int(each[-1]) % 2 else "ON"), []) for each in ids
    ]
    for begin in range(0, len(provisions), 400):
        await smoc.provision(*provisions[begin : begin + 400])
    return ids


async def exported(smoc: Smoc, **asked: Any) -> tuple[int, Rows]:
    """Return the count that was told first, and all rows; the last answer says that it was all."""
    answers = [each async for each in smoc.devices.ExportDevices(ExportDevicesRequest(**asked))]
    assert [answer.complete for answer in answers] == [False] * (len(answers) - 1) + [True]
    rows = [(each.device_id, list(each.values)) for answer in answers for each in answer.devices]
    return answers[0].total_size, rows


async def test_all_that_fits_is_told_once_in_order_in_the_columns_asked_for(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        ids = await park(smoc, 1_300)
        dark = [each for each in ids if int(each[-1]) % 2]
        total, rows = await exported(
            smoc, filter=DeviceFilter(powers=["OFF"]), columns=["power", "device_id", "tags"]
        )
        assert total == len(rows) == len(dark)
        assert rows == [(each, ["OFF", each, ""]) for each in dark]
        named = {"device_ids": dark[:3], "excluded_device_ids": dark[1:2]}
        _, some = await exported(
            smoc, filter=DeviceFilter(powers=["OFF"]), columns=["network"], **named
        )
        assert some == [(dark[0], ["north"]), (dark[2], ["north"])]
        columns = ["power.as_of_time", "first_seen_time", "last_contact_time"]
        [(_, times)] = (await exported(smoc, device_ids=ids[:1], columns=columns))[1]
        assert times == ["2026-03-01T08:00:01.000Z", "2026-03-01T08:00:00.000Z", ""]


async def test_who_was_cut_off_goes_on_behind_the_last_device_while_others_come_and_go(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        ids = await park(smoc, 1_100)
        asked = ExportDevicesRequest(filter=DeviceFilter(networks=["north"]), columns=["network"])
        call = smoc.devices.ExportDevices(asked)
        first = await call.read()
        assert (first.total_size, len(first.devices)) == (1_100, 0)
        piece: ExportDevicesResponse = await call.read()
        call.cancel()
        seen = [each.device_id for each in piece.devices]
        # One comes before the place where it stopped, one behind it.
        await smoc.provision(
            provision(device("north/0000-new", 1), []), provision(device("north/9999", 1), [])
        )
        _, rest = await exported(
            smoc, filter=asked.filter, columns=["network"], after_device_id=seen[-1]
        )
        told = seen + [device_id for device_id, _ in rest]
        assert told == [*ids[:1_100], "north/9999"]


async def test_nobody_is_told_of_networks_of_others_nor_of_columns_that_there_are_not(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await park(smoc, 10)
        otto = smoc.seen_by("south", roles=["asset-viewer"])
        _, rows = await exported(otto, columns=["device_id"])
        assert {device_id.partition("/")[0] for device_id, _ in rows} == {"south"}
        for asked in (
            ExportDevicesRequest(filter=DeviceFilter(networks=["north"]), columns=["network"]),
            ExportDevicesRequest(device_ids=["north/0001"], columns=["network"]),
        ):
            assert await code_of(otto.devices.ExportDevices(asked)) == "PERMISSION_DENIED"
        for wrong in (
            ExportDevicesRequest(columns=[]),
            ExportDevicesRequest(columns=["network"] * 41),
            ExportDevicesRequest(columns=["work"]),
            ExportDevicesRequest(columns=["network"], after_device_id="nonsense"),
            ExportDevicesRequest(columns=["network"], excluded_device_ids=["nonsense"]),
        ):
            assert await code_of(smoc.devices.ExportDevices(wrong)) == "INVALID_ARGUMENT"


async def test_one_caller_has_so_many_exports_at_once_and_all_end_when_the_process_stops(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await park(smoc, 5)
        export = DeviceExport(smoc.client, smoc.database.name, smoc.park)
        wanted = Wanted(
            visible=NO_CONDITIONS.within(Scope(None)), columns=[COLUMNS["network"]], after=""
        )
        held = [export.pieces(wanted, "anna") for _ in range(OF_ONE_CALLER_AT_MOST)]
        assert [await anext(pieces) for pieces in held] == [[]] * OF_ONE_CALLER_AT_MOST
        with pytest.raises(TooManyWatchers, match="2 exports of this caller already"):
            await anext(export.pieces(wanted, "anna"))
        others = export.pieces(wanted, "otto")
        await anext(others)
        await held[0].aclose()
        again = export.pieces(wanted, "anna")
        assert await anext(again) == []
        assert len(await anext(again)) == 10
        export.close()
        with pytest.raises(WatchClosed):
            await anext(others)
        for pieces in (*held, again):
            await pieces.aclose()


async def code_of(call: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        async for _ in call:
            pass
    return str(refused.value.code().name)
