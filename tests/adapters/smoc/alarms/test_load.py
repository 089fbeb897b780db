"""The alarm load against a real MongoDB: what was opened is counted along its index, within the caller's networks."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from meterpark.smoc.v1 import alarm_service_pb2 as contract

from service_chassis.scope import EVERYTHING, NetworkDenied, Scope
from smoc_service.alarms.core.alarm import State
from smoc_service.alarms.core.load import LoadAsked
from smoc_service.alarms.documents import ALARMS, alarm_document
from smoc_service.alarms.load import AlarmLoads
from tests.neighbours.smoc.kept_alarms import Watched, reason, watched
from tests.specs.smoc.alarming import new_id
from tests.specs.smoc.alarms.alarms_of_old import opened_alarm

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
DAY = timedelta(days=1)


def asked(days: int = 3, **more: Any) -> contract.GetAlarmLoadRequest:
    start = (TODAY - (days - 1) * DAY).date().isoformat()
    end = TODAY.date().isoformat()
    return contract.GetAlarmLoadRequest(start_date=start, end_date=end, **more)


async def keep(park: Watched, *alarms: Any) -> None:
    await park.smoc.database[ALARMS].insert_many([alarm_document(each) for each in alarms])


async def test_the_load_tells_days_peaks_frequent_and_chattering_alarms(mongod_url: str) -> None:
    async with watched(mongod_url) as park:
        yesterday = TODAY - DAY + timedelta(hours=8)
        chatter = [
            opened_alarm(
                f"north/c{n}",
                yesterday + timedelta(minutes=n),
                device="north/1",
                state=State.RESOLVED,
            )
            for n in range(4)
        ]
        single = [
            opened_alarm(f"north/s{n}", yesterday, device=f"north/{n + 10}", rule="silent")
            for n in range(7)
        ]
        area = [
            opened_alarm(
                f"north/a{n}",
                yesterday + n * timedelta(hours=1),
                area="A1",
                state=State.RESOLVED,
            )
            for n in range(2)
        ]
        waiting = opened_alarm("north/w", None, device="north/99")
        old = opened_alarm("north/o", TODAY - 9 * DAY, device="north/98")
        await keep(park, *chatter, *single, *area, waiting, old)
        load = await park.anna.GetAlarmLoad(asked())
        assert [each.date for each in load.days] == [
            (TODAY - n * DAY).date().isoformat() for n in (2, 1, 0)
        ]
        assert [sum(count.alarm_count for count in day.counts) for day in load.days] == [0, 13, 0]
        busiest = load.days[1]
        assert busiest.peak_count == 12
        assert busiest.peak_time.ToDatetime(tzinfo=UTC) == yesterday
        assert [(each.device_id, each.area, each.alarm_count) for each in load.frequent] == [
            ("north/1", "", 4),
            ("", "A1", 2),
        ]
        assert [each.chattering for each in load.frequent] == [True, False]
        assert load.chattering_count == 1


async def test_a_stale_alarm_stands_for_a_day_and_is_neither_resolved_nor_asleep(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        before = datetime.now(UTC) - timedelta(hours=25)
        stands = opened_alarm(f"north/{_number(before)}1", before, device="north/1")
        resolved = opened_alarm(
            f"north/{_number(before)}2", before, device="north/2", state=State.RESOLVED
        )
        asleep = opened_alarm(f"north/{_number(before)}3", before, device="north/3").after(
            snoozed_until=datetime.now(UTC) + DAY
        )
        fresh = opened_alarm(
            f"north/{_number(datetime.now(UTC))}4", datetime.now(UTC), device="north/4"
        )
        await keep(park, stands, resolved, asleep, fresh)
        assert (await park.anna.GetAlarmLoad(asked())).stale_count == 1


def _number(moment: datetime) -> str:
    return f"{int(moment.timestamp() * 1000):012x}"


async def test_nobody_sees_the_load_of_another_network(mongod_url: str) -> None:
    async with watched(mongod_url) as park:
        at = TODAY - DAY
        await keep(
            park,
            opened_alarm("north/1", at, device="north/1"),
            opened_alarm("south/1", at, device="south/1"),
        )
        victor = park.asked_by("victor", "asset-viewer", networks=("north",))
        load = await victor.GetAlarmLoad(asked())
        assert sum(each.peak_count for each in load.days) == 1
        assert await reason(victor.GetAlarmLoad(asked(networks=["south"]))) == "NETWORK_DENIED"
        nobody = park.asked_by("nemo", "asset-viewer", networks=())
        assert not any(each.counts for each in (await nobody.GetAlarmLoad(asked())).days)


async def test_who_asks_for_the_same_days_and_networks_shares_one_count(mongod_url: str) -> None:
    async with watched(mongod_url) as park:
        await keep(
            park,
            opened_alarm("north/1", TODAY, device="north/1"),
            opened_alarm("south/1", TODAY, device="south/1"),
        )
        loads = AlarmLoads(park.smoc.client, park.smoc.database.name, park.clock.now)
        all_of_it = LoadAsked(start=TODAY.date(), end=TODAY.date(), networks=())
        north = LoadAsked(start=TODAY.date(), end=TODAY.date(), networks=("north",))
        await park.smoc.profiling()
        found = await asyncio.gather(*(loads.of(all_of_it, EVERYTHING) for _ in range(10)))
        assert [each.days[0].peak for each in found] == [2] * 10
        # The same networks, asked for or by right.
        assert (await loads.of(north, EVERYTHING)).days[0].peak == 1
        assert (await loads.of(all_of_it, Scope.of(["north"]))).days[0].peak == 1
        done = [each["command"].get("hint") for each in await park.smoc.profiled()]
        assert done.count("opened") == 4
        await keep(park, opened_alarm("north/2", TODAY, device="north/2"))
        park.clock.seconds += 29
        assert (await loads.of(all_of_it, EVERYTHING)).days[0].peak == 2
        park.clock.seconds += 1
        assert (await loads.of(all_of_it, EVERYTHING)).days[0].peak == 3
        with pytest.raises(NetworkDenied):
            await loads.of(north, Scope.of(["south"]))


async def test_the_load_reads_nothing_but_its_index(mongod_url: str) -> None:
    async with watched(mongod_url) as park:
        await keep(
            park, *(opened_alarm(new_id("north"), TODAY, device=f"north/{n}") for n in (1, 2))
        )
        await park.smoc.profiling()
        await park.anna.GetAlarmLoad(asked())
        done = await park.smoc.profiled()
        counted = [each for each in done if each["command"].get("aggregate") == ALARMS]
        by_index = [each for each in counted if each["command"].get("hint") == "opened"]
        assert [each["docsExamined"] for each in by_index] == [0, 0]


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("", "2026-11-30", "start_date"),
        ("2026-11-31", "2026-12-01", "start_date"),
        ("2026-12-02", "2026-12-01", "start_date"),
        ("2026-01-01", "2026-12-01", "end_date"),
    ],
)
async def test_days_that_are_none_or_too_many_are_refused(
    mongod_url: str, start: str, end: str, field: str
) -> None:
    async with watched(mongod_url) as park:
        request = contract.GetAlarmLoadRequest(start_date=start, end_date=end)
        assert await reason(park.anna.GetAlarmLoad(request)) == "ARGUMENT_INVALID", field
