"""One alarm for an area without power: raised, counted, resolved, before a real MongoDB."""

from typing import Any

from meterpark.smoc.v1 import alarm_service_pb2 as contract

from tests.neighbours.smoc.kept_alarms import request_id, watched
from tests.specs.smoc.alarming import RULES
from tests.specs.smoc.messages import provision

assert RULES.area is not None
RULES_AREA = RULES.area


async def test_an_outage_of_an_area_is_one_alarm_until_the_power_is_back(mongod_url: str) -> None:
    async with watched(mongod_url) as park:
        await park.smoc.provision(
            *(
                provision(park.letter(f"north/{n}", power="ON", area="A1", since=10), [])
                for n in range(100)
            ),
            provision(park.letter("north/200", power="ON", area="A2", since=10), []),
        )
        async with park.following():
            lost = [f"north/{n}" for n in range(30)]
            for start in (0, 10, 20):
                await park.smoc.provision(
                    *(
                        provision(park.letter(each, power="OFF", area="A1", since=900 + start), [])
                        for each in lost[start : start + 10]
                    )
                )
            await park.change("north/200", power="OFF", area="A2")
            [alarm] = await park.until(bool)
            assert (alarm.rule, alarm.device_id, alarm.area) == ("area-outage", "", "A1")
            # The time of the single ones comes, and the area stands for them; not for its neighbour.
            park.clock.seconds = 1_250
            await park.until_stored(30, part_of=alarm.alarm_id)
            found = await park.until(lambda found: len(found) == 2)
            assert {each.device_id for each in found} == {"", "north/200"}
            # All but one come back: the area is over, the one that is left stands for itself.
            await park.smoc.provision(
                *(
                    provision(park.letter(each, power="ON", area="A1", since=1_240), [])
                    for each in lost[1:]
                )
            )
            await park.until_stored(0, part_of=alarm.alarm_id, device_id={"$ne": "north/0"})
            park.clock.seconds = 1_600
            found = await park.until(lambda found: "" not in {each.device_id for each in found})
            found = await park.until(lambda found: len(found) == 2)
            assert {each.device_id for each in found} == {"north/0", "north/200"}


async def test_an_outage_tells_how_many_devices_it_stands_for_now_and_how_many_it_did(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        ids = [f"north/{n}" for n in range(40)]
        off: dict[str, Any] = {"power": "OFF", "area": "A1", "since": 900}
        await park.smoc.provision(
            *(provision(park.letter(each, power="ON", area="A1"), []) for each in ids[20:]),
            # Neither another network's area of this name nor another area counts.
            provision(park.letter("south/1", **off), []),
            provision(park.letter("north/99", power="OFF", area="A2"), []),
        )
        await park.smoc.provision(*(provision(park.letter(each, **off), []) for each in ids[:20]))
        await park.settling().settle(ids[:20])
        [area] = await park.listed(rules=["area-outage"])
        affected = area.affected
        assert (affected.facet, list(affected.values)) == ("power", ["OFF"])
        assert (affected.device_count, affected.area_device_count) == (20, 40)
        assert [each.device_count for each in affected.earlier] == [20]
        for each in ids[:5]:
            await park.change(each, power="ON", area="A1", since=960)
        await park.settling().settle(ids[:5])
        park.clock.seconds += RULES_AREA.within_seconds
        while await park.settling().settle_due():
            pass
        await park.change("north/5", power="ON", area="A1", since=970)
        got = contract.GetAlarmRequest(alarm_id=area.alarm_id)
        seen = (await park.anna.GetAlarm(got)).alarm.affected
        assert seen.device_count == 14
        assert [each.device_count for each in seen.earlier] == [20, 15]
        resolve = contract.ResolveAlarmRequest(alarm_id=area.alarm_id, request_id=request_id())
        await park.anna.ResolveAlarm(resolve)
        assert not (await park.anna.GetAlarm(got)).alarm.HasField("affected")


async def test_an_outage_that_was_resolved_by_hand_is_not_raised_by_looking_again(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        ids = [f"north/{n}" for n in range(20)]
        for each in ids:
            await park.change(each, power="OFF", area="A1")
        await park.settling().settle(ids)
        [area] = await park.listed()
        assert area.rule == "area-outage"
        resolve = contract.ResolveAlarmRequest(alarm_id=area.alarm_id, request_id=request_id())
        await park.anna.ResolveAlarm(resolve)
        settling = park.settling()
        park.clock.seconds = 1_100
        while await settling.settle_due():
            pass
        assert await park.listed() == []
        assert await park.stored(rule="area-outage", unresolved=True) == []
