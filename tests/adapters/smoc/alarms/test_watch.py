"""Watching alarms, against a real MongoDB and through a real gRPC connection."""

from typing import Any

import grpc.aio
import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import alarm_service_pb2 as contract

from service_chassis.refusals import reason_of
from tests.neighbours.smoc.kept_alarms import A, Watched, reason, request_id, watched
from tests.specs.smoc.messages import provision


def watch(stub: Any, position: str = "", **conditions: Any) -> Any:
    return stub.WatchAlarms(
        contract.WatchAlarmsRequest(filter=contract.AlarmFilter(**conditions), position=position)
    )


async def next_alarm(call: Any) -> contract.Alarm:
    """Read on until an alarm comes."""
    while not (answer := await call.read()).HasField("alarm"):
        assert answer.position
    found: contract.Alarm = answer.alarm
    return found


async def tampered(park: Watched, *device_ids: str) -> None:
    await park.smoc.provision(
        *(provision(park.letter(each, tamper="DETECTED"), []) for each in device_ids)
    )
    await park.settling().settle(device_ids)


async def test_an_alarm_is_shown_at_every_change_up_to_its_end_also_when_it_left_the_list(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        call = watch(park.anna, states=[A.ALARM_STATE_OPEN])
        first = await call.read()
        assert first.position
        assert not first.HasField("alarm")
        await tampered(park, "north/1")
        alarm = await next_alarm(call)
        assert (alarm.device_id, alarm.state) == ("north/1", A.ALARM_STATE_OPEN)
        assert not alarm.history
        about = {"alarm_id": alarm.alarm_id}
        await park.anna.AcknowledgeAlarm(
            contract.AcknowledgeAlarmRequest(**about, request_id=request_id())
        )
        assert (await next_alarm(call)).state == A.ALARM_STATE_ACKNOWLEDGED
        await park.anna.ResolveAlarm(contract.ResolveAlarmRequest(**about, request_id=request_id()))
        assert (await next_alarm(call)).state == A.ALARM_STATE_RESOLVED
        call.cancel()


async def test_who_had_an_alarm_hears_that_somebody_else_has_it_now(mongod_url: str) -> None:
    async with watched(mongod_url) as park:
        await tampered(park, "north/1")
        [alarm] = await park.listed()
        call = watch(park.anna, assignees=["victor"])
        await call.read()
        for assignee in ("otto", "victor", "nora"):
            await park.anna.AssignAlarm(
                contract.AssignAlarmRequest(
                    alarm_id=alarm.alarm_id, request_id=request_id(), assignee=assignee
                )
            )
        assert [(await next_alarm(call)).assignee for _ in range(2)] == ["victor", "nora"]
        call.cancel()


async def test_an_alarm_that_nobody_was_shown_is_left_out_and_one_that_joins_its_area_s_comes(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        for number in range(20):
            await park.change(f"north/{number}", power="OFF", area="A1", since=900 + number)
        call = watch(park.anna)
        await call.read()
        # Nine wait, and none is shown; then the time of the first comes, and the area goes dark.
        await park.settling().settle([f"north/{number}" for number in range(9)])
        park.clock.seconds = 1_200
        await park.settling().settle_due()
        opened = await next_alarm(call)
        assert (opened.device_id, opened.state) == ("north/0", A.ALARM_STATE_OPEN)
        await park.settling().settle([f"north/{number}" for number in range(9, 20)])
        area = await next_alarm(call)
        assert (area.rule, area.area) == ("area-outage", "A1")
        await park.settling().settle(["north/0"])
        joined = await next_alarm(call)
        assert (joined.alarm_id, joined.state) == (opened.alarm_id, A.ALARM_STATE_WAITING)
        assert joined.part_of == area.alarm_id
        call.cancel()


async def test_only_what_fits_and_lies_in_one_s_networks_is_shown(mongod_url: str) -> None:
    async with watched(mongod_url) as park:
        victor = park.asked_by("victor", "asset-viewer", networks=("south",))
        call = watch(victor, severities=[contract.ALARM_SEVERITY_CRITICAL])
        await call.read()
        await park.change("south/1", lifecycle="ERROR")
        await park.settling().settle(["south/1"])
        await tampered(park, "north/1", "south/2")
        assert (await next_alarm(call)).device_id == "south/2"
        call.cancel()
        assert await reason(watch(victor, networks=["north"]).read()) == "NETWORK_DENIED"
        assert await reason(watch(victor, device_id="north/1").read()) == "NETWORK_DENIED"


async def test_who_breaks_off_resumes_and_a_position_of_another_watch_is_none(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        call = watch(park.anna)
        position = (await call.read()).position
        call.cancel()
        await tampered(park, "north/1", "north/2", "north/3")
        call = watch(park.anna, position)
        seen = []
        for _ in range(3):
            answer = await call.read()
            while not answer.HasField("alarm"):
                answer = await call.read()
            seen.append(answer.alarm.device_id)
            call.cancel()
            call = watch(park.anna, answer.position)
        assert sorted(seen) == ["north/1", "north/2", "north/3"]
        call.cancel()
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await park.smoc.watch(position=position).read()
        assert reason_of(raised.value) == ErrorReason.ERROR_REASON_ARGUMENT_INVALID
        assert (raised.value.details() or "").startswith("position: ")
