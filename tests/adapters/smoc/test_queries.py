"""What the database does for each kind of question: it follows an index, and sorts nothing."""

from typing import Any

import pytest
from meterpark.smoc.v1 import device_service_pb2 as register

from smoc_service.database import prepare
from smoc_service.park.questions import SORTED_BY
from smoc_service.park.rows import DIMENSIONS
from tests.neighbours.smoc.running import Smoc, running
from tests.specs.smoc.messages import device, entry, moment, provision

_SPAN = register.TimeRange(start_time=moment(-1), end_time=moment(100))
# One of each kind, all of one device's fit.
_FILTERS = [
    register.DeviceFilter(),
    register.DeviceFilter(networks=["north"]),
    register.DeviceFilter(powers=["OFF", "ON"], lifecycles=["NOT_DEFINED"], tampers=["UNKNOWN"]),
    register.DeviceFilter(models=["E450"], areas=["Hafen"], firmware_versions=["1.2"]),
    register.DeviceFilter(text_beginning="z", text_ending="1"),
    register.DeviceFilter(usage_points=["CH1"], marked_for_exchange=False),
    register.DeviceFilter(facet_ages=[register.FacetAge(facet="power", since=_SPAN)]),
    register.DeviceFilter(never_contacted=True),
]


async def _ask_everything(smoc: Smoc) -> None:
    for wanted in _FILTERS:
        found = await smoc.devices.ListDevices(register.ListDevicesRequest(filter=wanted))
        assert "north/1" in {each.device_id for each in found.devices}
        assert (found.total_size, len(found.devices)) == (60, 50)
        await smoc.devices.CountDevices(
            register.CountDevicesRequest(filter=wanted, dimensions=DIMENSIONS)
        )
    for name in SORTED_BY:
        page = register.ListDevicesRequest(order_by=f"{name} desc", page_size=3)
        page.page_token = (await smoc.devices.ListDevices(page)).next_page_token
        assert len((await smoc.devices.ListDevices(page)).devices) == 3
    await smoc.device("north/1")
    await smoc.devices.BatchGetDevices(
        register.BatchGetDevicesRequest(device_ids=["north/1", "north/2", "north/none"])
    )
    for timeline in (
        register.TimelineFilter(),
        register.TimelineFilter(without_alarms=True),
        register.TimelineFilter(kinds=["power-lost"], flags=["late"], occurred=_SPAN),
    ):
        request = register.ListDeviceEventsRequest(
            device_id="north/1", page_size=2, filter=timeline
        )
        request.page_token = (await smoc.devices.ListDeviceEvents(request)).next_page_token
        assert request.page_token
        await smoc.devices.ListDeviceEvents(request)
    await smoc.devices.GetDeviceAt(
        register.GetDeviceAtRequest(device_id="north/1", time=moment(10**6))
    )
    days: dict[str, Any] = {"start_date": "2026-01-01", "end_date": "2026-06-01", "by_area": True}
    await smoc.devices.GetRollout(register.GetRolloutRequest(**days))
    await smoc.devices.GetCommunicationQuality(register.GetCommunicationQualityRequest(**days))
    await smoc.devices.ListPlaceClusters(
        register.ListPlaceClustersRequest(
            filter=register.DeviceFilter(text_beginning="ZPA1"), facet="power", device_limit=50
        )
    )
    await smoc.devices.GetParkSummary(register.GetParkSummaryRequest(dimensions=DIMENSIONS))


async def test_no_question_scans_a_collection_or_sorts_in_the_database(mongod_url: str) -> None:
    letters = [
        provision(
            device(
                f"north/{number}",
                4,
                power="OFF",
                model="E450",
                area="Hafen",
                firmware_version="1.2",
                serial_number=f"ZPA{number}1",
                usage_point="CH1",
                latitude="47.3769",
                longitude="8.5417",
            ),
            [entry(revision) for revision in (1, 2, 3, 4)],
        )
        for number in range(60)
    ]
    async with running(mongod_url, before=letters) as smoc:
        await smoc.profiling()
        await _ask_everything(smoc)
        done = [each for each in await smoc.profiled() if _is_a_question(each)]
        assert {each["ns"].partition(".")[2] for each in done} >= {"devices", "timeline"}
        for each in done:
            assert "COLLSCAN" not in each.get("planSummary", ""), each["command"]
            assert not each.get("hasSortStage"), each["command"]
            # As many as a page and one, and never what does not fit.
            assert each.get("docsExamined", 0) <= 51, each["command"]


async def test_the_newest_changes_are_read_from_the_end_and_no_more_than_a_thousand(
    mongod_url: str,
) -> None:
    letters = [
        provision(device(f"north/{number}", 20), [entry(revision + 1) for revision in range(20)])
        for number in range(60)
    ]
    async with running(mongod_url, before=letters) as smoc:
        await smoc.profiling()
        await smoc.summary(change_count=10)
        await smoc.seen_by("south").summary(change_count=10)
        done = [each for each in await smoc.profiled() if each["ns"].endswith(".timeline")]
        assert [each["docsExamined"] for each in done] == [10, 1_000]


def _is_a_question(profiled: dict[str, Any]) -> bool:
    text = str(profiled.get("command")) + str(profiled.get("originatingCommand"))
    return (
        "$changeStream" not in text
        and profiled["op"] in {"query", "command", "getmore"}
        and profiled["ns"].partition(".")[2] not in {"system.profile", "$cmd", "$cmd.aggregate"}
        and "profile" not in profiled.get("command", {})
        # The follower's own, after a start.
        and "atClusterTime" not in text
    )


@pytest.mark.parametrize("former", ["by_network", "by_beginnings", "by_power"])
async def test_indexes_of_an_earlier_version_are_dropped(mongod_url: str, former: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.database["devices"].create_index([(former, 1)], name=former)
        await prepare(smoc.database)
        await prepare(smoc.database)
        assert former not in await smoc.database["devices"].index_information()
