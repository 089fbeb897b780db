"""Alarms against a real MongoDB: raised by the register's changes, kept by time, shown and worked on through gRPC."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import grpc.aio
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import alarm_service_pb2 as contract

from service_chassis.refusals import reason_of
from service_chassis.scope import EVERYTHING, Scope
from smoc_service.alarms.core.alarm import State
from smoc_service.alarms.core.rules import Severity
from smoc_service.alarms.documents import ALARM_INDEXES, ALARMS, NARROWED_BY, POSITIONS
from smoc_service.alarms.filter import AlarmFilter
from smoc_service.alarms.keeping import keep_resolved
from smoc_service.alarms.settling import AT_MOST
from smoc_service.jobs.selection import SearchedAlarms
from tests.neighbours.smoc.kept_alarms import EVERY, A, listing, reason, request_id, watched
from tests.specs.smoc.alarming import RULES
from tests.specs.smoc.messages import moment, provision

SHOWN_STATES = tuple(set(State) - {State.WAITING})


async def test_a_tamper_raises_an_alarm_that_is_worked_on_and_resolved_when_it_is_over(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park, park.following():
        await park.change("north/1", tamper="DETECTED", area="A1")
        [alarm] = await park.until(bool)
        assert (alarm.rule, alarm.severity) == ("tamper-detected", contract.ALARM_SEVERITY_CRITICAL)
        assert (alarm.device_id, alarm.area, alarm.since_time) == ("north/1", "A1", moment(900))
        request = contract.AcknowledgeAlarmRequest(
            alarm_id=alarm.alarm_id, request_id=request_id(), comment="on my way"
        )
        done = (await park.anna.AcknowledgeAlarm(request)).alarm
        # Once, however often it is asked for. Its version may rise: the register looks at all alarms at first.
        again = (await park.anna.AcknowledgeAlarm(request)).alarm
        assert (again.state, list(again.history)) == (done.state, list(done.history))
        assert done.history[-1].username == "anna"
        await park.change("north/1", tamper="CLEAR", since=950)
        await park.until(lambda found: not found)
        got = contract.GetAlarmRequest(alarm_id=alarm.alarm_id)
        ended = (await park.anna.GetAlarm(got)).alarm
        assert ended.state == A.ALARM_STATE_RESOLVED
        assert [each.deed for each in ended.history] == ["OPENED", "ACKNOWLEDGED", "RESOLVED"]


async def test_every_change_of_people_is_stored_and_shown(mongod_url: str) -> None:
    async with watched(mongod_url) as park:
        await park.change("north/1", tamper="DETECTED")
        await park.settling().settle(["north/1"])
        [alarm] = await park.listed()
        about = {"alarm_id": alarm.alarm_id}
        until = Timestamp()
        until.FromDatetime(datetime.now(UTC) + timedelta(hours=1))
        await park.anna.AssignAlarm(
            contract.AssignAlarmRequest(**about, request_id=request_id(), assignee="victor")
        )
        assert [each.alarm_id for each in await park.listed(assignees=["victor"])] == [
            alarm.alarm_id
        ]
        await park.anna.CommentAlarm(
            contract.CommentAlarmRequest(**about, request_id=request_id(), comment="seal broken")
        )
        await park.anna.SnoozeAlarm(
            contract.SnoozeAlarmRequest(**about, request_id=request_id(), until_time=until)
        )
        assert await park.listed() == []
        assert len(await park.listed(with_snoozed=True)) == 1
        resolve = contract.ResolveAlarmRequest(**about, request_id=request_id())
        assert (await park.anna.ResolveAlarm(resolve)).alarm.state == A.ALARM_STATE_RESOLVED
        acknowledge = contract.AcknowledgeAlarmRequest(**about, request_id=request_id())
        assert await reason(park.anna.AcknowledgeAlarm(acknowledge)) == "ALARM_STATE_REFUSED"
        # The same cause is still there.
        await park.settling().settle(["north/1"])
        assert await park.listed() == []


async def test_who_may_only_look_changes_nothing_and_nobody_sees_another_network(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        await park.change("north/1", tamper="DETECTED")
        await park.change("south/1", tamper="DETECTED")
        await park.settling().settle(["north/1", "south/1"])
        by_network = {each.network: each.alarm_id for each in await park.listed()}
        victor = park.asked_by("victor", "asset-viewer", networks=("north",))
        seen = (await victor.ListAlarms(contract.ListAlarmsRequest())).alarms
        assert [each.network for each in seen] == ["north"]
        for alarm_id, answer in (
            (by_network["north"], ""),
            (by_network["south"], "NETWORK_DENIED"),
        ):
            call = victor.GetAlarm(contract.GetAlarmRequest(alarm_id=alarm_id))
            if answer:
                assert await reason(call) == answer
            else:
                await call
        request = contract.AcknowledgeAlarmRequest(
            alarm_id=by_network["north"], request_id=request_id()
        )
        assert await reason(victor.AcknowledgeAlarm(request)) == "ROLE_MISSING"
        manager = park.asked_by("otto", "asset-manager", networks=("south",))
        assert await reason(manager.AcknowledgeAlarm(request)) == "NETWORK_DENIED"
        nobody = park.asked_by("nemo", "asset-manager", networks=())
        assert not (await nobody.ListAlarms(contract.ListAlarmsRequest())).alarms
        elsewhere = contract.AlarmFilter(device_id="south/1")
        call = victor.ListAlarms(contract.ListAlarmsRequest(filter=elsewhere))
        assert await reason(call) == "NETWORK_DENIED"


@pytest.mark.parametrize(
    ("method", "request_", "field"),
    [
        ("GetAlarm", contract.GetAlarmRequest(alarm_id="x"), "alarm_id"),
        ("ResolveAlarm", contract.ResolveAlarmRequest(request_id="1"), "request_id"),
        ("CommentAlarm", contract.CommentAlarmRequest(comment=" "), "comment"),
        ("AssignAlarm", contract.AssignAlarmRequest(), "assignee"),
        ("SnoozeAlarm", contract.SnoozeAlarmRequest(), "until_time"),
        (
            "ListAlarms",
            listing(states=[A.ALARM_STATE_WAITING]),
            "filter.states",
        ),
        (
            "ListAlarms",
            listing(severities=[99]),
            "filter.severities",
        ),
        ("ListAlarms", listing(networks=["N!"]), "filter.networks[0]"),
        ("ListAlarms", contract.ListAlarmsRequest(page_size=501), "page_size"),
    ],
)
async def test_a_bad_request_is_told_what_is_wrong_and_where(
    mongod_url: str, method: str, request_: Any, field: str
) -> None:
    async with watched(mongod_url) as park:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await getattr(park.anna, method)(request_)
        assert reason_of(raised.value) == ErrorReason.ERROR_REASON_ARGUMENT_INVALID
        assert (raised.value.details() or "").startswith(f"{field}: ")


async def test_what_has_to_last_is_opened_when_its_time_comes_also_after_a_restart(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        async with park.following():
            await park.change("north/1", power="OFF")
            await park.change("north/2", power="OFF")
            await park.until_stored(2, state="WAITING")
            assert await park.listed() == []
        # While nobody follows, the time comes, and one of them has power again.
        park.clock.seconds = 1_300
        await park.change("north/2", power="ON", since=1_290)
        async with park.following():
            [alarm] = await park.until(bool)
            assert alarm.device_id == "north/1"
            await park.until_stored(0, device_id="north/2")


async def test_what_had_to_last_first_is_listed_by_when_it_was_opened(mongod_url: str) -> None:
    async with watched(mongod_url) as park:
        # One begins to be without power, another is opened, then the first has been without it for long enough.
        happens: list[tuple[float, str, dict[str, Any]]] = [
            (1_000, "north/1", {"power": "OFF", "since": 1_000}),
            (1_100, "north/2", {"tamper": "DETECTED"}),
            (1_300, "north/1", {}),
            (1_301, "north/3", {"tamper": "DETECTED"}),
        ]
        for seconds, device_id, facet in happens:
            park.clock.seconds = seconds
            if facet:
                await park.change(device_id, **facet)
            await park.settling().settle([device_id])
        for size in (500, 1):
            listed = await park.listed(size=size)
            assert [each.device_id for each in listed] == ["north/3", "north/1", "north/2"]
            assert [each.open_time for each in listed] == [*map(moment, (1_301, 1_300, 1_100))]
        # So does a job, part by part.
        searched = SearchedAlarms(park.smoc.database[ALARMS], AlarmFilter().within(EVERYTHING))
        picked, after = [], ""
        while part := await searched.some(1, after):
            picked += [each.device_id for each in part]
            after = part[-1].alarm_id
        assert picked == ["north/3", "north/1", "north/2"]
        # And what is counted.
        asked = contract.ListAlarmsRequest(with_counts=True)
        counted = (await park.anna.ListAlarms(asked)).counts
        assert counted[0].oldest_open_time == moment(1_100)


async def test_a_follower_without_a_position_or_with_other_rules_finds_what_is_there(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        await park.change("north/1", tamper="DETECTED")
        await park.change("north/2", firmware="FAILED")
        async with park.following():
            await park.until(lambda found: len(found) == 2)
        await park.smoc.database[POSITIONS].delete_many({})
        await park.change("north/1", tamper="CLEAR", since=950)
        off = {"all_facets": tuple(each for each in RULES.all_facets if each.facet != "firmware")}
        park.rules = RULES.model_copy(update=off)
        async with park.following():
            await park.until(lambda found: not found)
        assert len(await park.listed(states=EVERY)) == 2


async def test_two_processes_and_a_third_that_dies_leave_one_alarm_per_device_and_rule(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park, park.following(), park.following():
        for round_ in range(3):
            values = ("DETECTED", "CLEAR", "DETECTED")
            async with park.following():
                letters = [
                    provision(
                        park.letter(f"north/{n}", tamper=values[round_], since=900 + round_), []
                    )
                    for n in range(200)
                ]
                await park.smoc.provision(*letters)
        found = await park.until(lambda found: len(found) == 200)
        assert len({alarm.device_id for alarm in found}) == 200
        await park.until_stored(200, unresolved=True)
        for each in await park.stored():
            assert each["history"][0]["deed"] == "OPENED"


async def test_a_device_that_storms_is_seen_and_is_over_when_it_keeps_still(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        await park.change("north/1", power="ON")
        async with park.following():
            # Nothing of what it says is a cause of its own.
            while not await park.listed(rules=["alert-storm"]):
                await park.change("north/1", power="ON")
            park.clock.seconds += 700
            await park.until(lambda found: not found)
        [alarm] = await park.listed(states=EVERY)
        assert (alarm.rule, alarm.state) == ("alert-storm", A.ALARM_STATE_RESOLVED)


async def test_a_storm_of_many_devices_is_settled_and_paged_exactly_once(mongod_url: str) -> None:
    async with watched(mongod_url) as park:
        for start in range(0, 2_000, 500):
            await park.smoc.provision(
                *(
                    provision(park.letter(f"north/{n}", tamper="DETECTED"), [])
                    for n in range(start, start + 500)
                )
            )
        async with park.following():
            await park.until_stored(2_000, shown=True)
        listed = await park.listed(size=130)
        assert len({each.alarm_id for each in listed}) == len(listed) == 2_000
        numbers = [each.alarm_id.partition("/")[2] for each in listed]
        assert numbers == sorted(numbers, reverse=True)


async def test_no_list_scans_or_sorts_and_what_is_due_is_found_by_its_index(
    mongod_url: str,
) -> None:
    values = {
        "severity": (Severity.MAJOR.value, Severity.CRITICAL.value),
        "device_id": ("north/1",),
        "network": ("north", "south"),
    }
    async with watched(mongod_url) as park:
        alarms = park.smoc.database[ALARMS]
        used = set()
        for name in (None, *NARROWED_BY):
            narrowed: dict[str, tuple[str, ...]] = {}
            if name is not None:
                # As many as the contract allows.
                narrowed[name] = values.get(name, tuple(f"x{number}" for number in range(50)))
            for states, snoozed in product(((), (State.RESOLVED,), SHOWN_STATES), (False, True)):
                wanted = AlarmFilter(narrowed=narrowed, states=states, with_snoozed=snoozed)
                for scope in (EVERYTHING, Scope.of(["north", "south"])):
                    visible = wanted.within(scope)
                    found = alarms.find(
                        {**visible.query(), "number": {"$lt": "f"}}, hint=visible.index()
                    )
                    plan = await found.sort("number", -1).limit(51).explain()
                    text = str(plan["queryPlanner"]["winningPlan"])
                    assert "COLLSCAN" not in text
                    assert "'SORT'" not in text
                    assert f"'{visible.index()}'" in text
                    used.add(visible.index())
        made = {each.document["name"] for each in ALARM_INDEXES}
        others = {"one_at_most", "due", "of_an_area", "of_a_device", "opened", "resolved_by_hand"}
        assert made - used == others


async def test_a_settling_costs_the_same_few_requests_for_one_device_as_for_many(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        ids = [f"north/{n}" for n in range(AT_MOST)]
        await park.smoc.provision(
            *(provision(park.letter(each, tamper="DETECTED"), []) for each in ids)
        )
        asked = []
        for batch in (ids[:1], ids[1:]):
            await park.smoc.profiling()
            await park.settling().settle(batch)
            done = [each for each in await park.smoc.profiled() if each["op"] != "getmore"]
            asked.append(
                sum("system.profile" not in each["ns"] and each["op"] == "query" for each in done)
            )
        assert asked[0] == asked[1]
        assert len(await park.listed()) == AT_MOST


async def test_resolved_alarms_are_kept_for_so_many_days_and_others_for_ever(
    mongod_url: str,
) -> None:
    async with watched(mongod_url) as park:
        alarms = park.smoc.database[ALARMS]
        for days in (400, 30, 30):
            await keep_resolved(park.smoc.database, days)
            kept = (await alarms.index_information())["kept"]
            assert kept["expireAfterSeconds"] == days * 86_400
        # As old as the park's own clock, which is long past: resolved alarms go, an open one stays.
        await park.change("north/1", tamper="DETECTED")
        await park.change("north/2", tamper="DETECTED")
        await park.settling().settle(["north/1", "north/2"])
        await park.change("north/2", tamper="CLEAR", since=950)
        await park.settling().settle(["north/2"])
        query = {"resolved_at": {"$type": "date"}}
        plan = await alarms.find(query, hint="kept").explain()
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
        assert len(await alarms.find(query, hint="kept").to_list()) == 1


async def test_a_list_counts_what_fits_by_severity_when_asked(mongod_url: str) -> None:
    async with watched(mongod_url) as park:
        for number in range(3):
            await park.change(f"north/{number}", tamper="DETECTED")
        await park.change("north/3", lifecycle="ERROR")
        await park.change("south/1", lifecycle="ERROR")
        await park.settling().settle(["north/0"])
        park.clock.seconds = 1_060
        await park.settling().settle([*(f"north/{n}" for n in range(1, 4)), "south/1"])
        asked = contract.ListAlarmsRequest(with_counts=True, page_size=1)
        counted = (await park.anna.ListAlarms(asked)).counts
        severities = (
            contract.ALARM_SEVERITY_CRITICAL,
            contract.ALARM_SEVERITY_MAJOR,
            contract.ALARM_SEVERITY_WARNING,
            contract.ALARM_SEVERITY_INFO,
        )
        assert [(each.severity, each.alarm_count) for each in counted] == list(
            zip(severities, (3, 2, 0, 0), strict=True)
        )
        newest, *_, oldest = (await park.anna.ListAlarms(contract.ListAlarmsRequest())).alarms
        assert oldest.severity == contract.ALARM_SEVERITY_CRITICAL
        assert counted[0].oldest_open_time == oldest.open_time
        assert counted[1].oldest_open_time == newest.open_time != oldest.open_time
        assert [each.HasField("oldest_open_time") for each in counted] == [True, True, False, False]
        victor = park.asked_by("victor", "asset-viewer", networks=("south",))
        asked.filter.severities.append(contract.ALARM_SEVERITY_MAJOR)
        counted = (await victor.ListAlarms(asked)).counts
        assert [(each.severity, each.alarm_count) for each in counted] == [(severities[1], 1)]
        assert not (await park.anna.ListAlarms(contract.ListAlarmsRequest())).counts
