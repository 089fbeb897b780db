"""A device's timeline with filters and with what was done with its alarms, against a real MongoDB."""

from datetime import timedelta
from typing import Any

import grpc
import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_pb2, device_service_pb2

from service_chassis.pages import seal
from service_chassis.refusals import reason_of
from smoc_service.alarms.core.alarm import RULES, Alarm, Deed, Entry, State
from smoc_service.alarms.core.rules import Severity
from smoc_service.alarms.documents import alarm_document
from smoc_service.history.timeline_filter import TimelineFilter as Asked
from smoc_service.who import Who
from tests.neighbours.smoc.running import Smoc, running
from tests.specs.smoc.messages import STARTED_AT, device, entry, moment, provision

TimelineFilter = device_service_pb2.TimelineFilter
TimeRange = device_service_pb2.TimeRange
NOVAK = Who(subject="id-of-novak", username="novak")


async def page(
    smoc: Smoc, size: int = 500, token: str = "", device_id: str = "north/1", **conditions: Any
) -> device_service_pb2.ListDeviceEventsResponse:
    request = device_service_pb2.ListDeviceEventsRequest(
        device_id=device_id,
        page_size=size,
        page_token=token,
        filter=TimelineFilter(**conditions),
    )
    answer: device_service_pb2.ListDeviceEventsResponse = await smoc.devices.ListDeviceEvents(
        request
    )
    return answer


async def entries(smoc: Smoc, size: int = 500, **conditions: Any) -> list[device_pb2.TimelineEntry]:
    shown: list[device_pb2.TimelineEntry] = []
    token = ""
    while True:
        answer = await page(smoc, size, token, **conditions)
        shown += answer.entries
        token = answer.next_page_token
        if not token:
            return shown


def alarm(number: int, *deeds: tuple[float, Deed], **fields: Any) -> Alarm:
    """Return an alarm with what was done so many seconds after the park was opened."""
    history = tuple(
        Entry(
            at=STARTED_AT + timedelta(seconds=seconds),
            who=RULES if deed is Deed.OPENED else NOVAK,
            deed=deed,
            comment="seen" if deed is Deed.ACKNOWLEDGED else "",
            detail="svoboda" if deed is Deed.ASSIGNED else "",
        )
        for seconds, deed in deeds
    )
    return Alarm(
        **{
            "alarm_id": f"north/{number:020x}",
            "version": len(history),
            "rule": "power-lost",
            "category": "POWER",
            "severity": Severity.MAJOR,
            "network": "north",
            "device_id": "north/1",
            "area": "",
            "state": State.RESOLVED,
            "since": STARTED_AT,
            "summary": "power is OFF (3.26.0.85)",
            "look_at": None,
            "history": history,
            **fields,
        }
    )


async def keep(smoc: Smoc, *alarms: Alarm) -> None:
    await smoc.database["alarms"].insert_many([alarm_document(each) for each in alarms])


async def test_what_was_done_with_alarms_stands_among_what_was_reported(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device("north/1", 30), [entry(10), entry(20), entry(30)]))
        await keep(
            smoc,
            alarm(1, (15, Deed.OPENED), (25, Deed.ACKNOWLEDGED), (40, Deed.RESOLVED)),
            alarm(2, (16, Deed.OPENED), (17, Deed.ASSIGNED)),
            alarm(3, (18, Deed.OPENED), device_id="north/2"),
            # Nobody was shown it.
            alarm(4, state=State.WAITING),
        )
        shown = await entries(smoc)
        assert [each.kind for each in shown] == [
            *("alarm-resolved", "power-lost", "alarm-acknowledged", "power-lost"),
            *("alarm-assigned", "alarm-opened", "alarm-opened", "power-lost"),
        ]
        seen = shown[2]
        assert seen.entry_id == f"alarm/{1:020x}.1"
        assert seen.summary == "Alarm acknowledged by novak: power is OFF (3.26.0.85)"
        assert dict(seen.details) == {
            "alarm_id": f"north/{1:020x}",
            "alarm": "power is OFF (3.26.0.85)",
            "rule": "power-lost",
            "severity": "MAJOR",
            "username": "novak",
            "comment": "seen",
        }
        assert shown[4].details["assignee"] == "svoboda"
        assert [each.kind for each in await entries(smoc, without_alarms=True)] == 3 * [
            "power-lost"
        ]


async def test_an_alarm_that_an_area_s_stands_for_tells_what_was_done_before(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device("north/1"), []))
        joined = alarm(
            1, (5, Deed.OPENED), (6, Deed.JOINED), state=State.WAITING, part_of="north/9"
        )
        await keep(smoc, joined)
        assert [each.kind for each in await entries(smoc)] == ["alarm-joined", "alarm-opened"]


async def test_conditions_narrow_a_timeline(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        told = [
            entry(1, kind="configured"),
            entry(2, kind="power-lost"),
            entry(3, kind="power-restored"),
        ]
        told[2].flags[:] = ["inferred"]
        await smoc.provision(provision(device("north/1", 3), told))
        await keep(smoc, alarm(1, (2.5, Deed.OPENED), (9, Deed.RESOLVED)))

        async def kinds(**conditions: Any) -> list[str]:
            return [each.kind for each in await entries(smoc, **conditions)]

        assert await kinds(kinds=["power-lost", "alarm-opened"]) == ["power-lost", "alarm-opened"]
        assert await kinds(flags=["inferred"]) == ["power-restored"]
        assert await kinds(kinds=["power-lost"], flags=["inferred"]) == []
        since = TimeRange(start_time=moment(2), end_time=moment(3))
        assert await kinds(occurred=since) == ["power-lost", "alarm-opened"]
        assert await kinds(occurred=TimeRange(start_time=moment(3))) == [
            "alarm-resolved",
            "power-restored",
        ]


async def test_page_by_page_a_timeline_is_shown_once_while_reports_and_alarms_come_in(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        told = [entry(number) for number in range(1, 41)]
        await smoc.provision(provision(device("north/1", 40), told))
        deeds = [
            alarm(
                number,
                (number + 0.1, Deed.OPENED),
                (number + 0.1, Deed.ACKNOWLEDGED),
                (2 * number + 0.2, Deed.RESOLVED),
            )
            for number in range(1, 16)
        ]
        await keep(smoc, *deeds)
        first = await page(smoc, size=3)
        shown, token = list(first.entries), first.next_page_token
        revision = 40
        while token:
            revision += 1
            await smoc.provision(provision(device("north/1", revision), [entry(revision)]))
            await keep(smoc, alarm(revision, (revision + 0.7, Deed.OPENED)))
            answer = await page(smoc, size=3, token=token)
            shown += answer.entries
            token = answer.next_page_token
        recorded = [each.recorded_time.ToNanoseconds() for each in shown]
        assert recorded == sorted(recorded, reverse=True)
        ids = [each.entry_id for each in shown]
        assert len(set(ids)) == len(ids) == 40 + 3 * 15


async def test_a_rare_kind_costs_a_page_what_it_looks_through_and_the_pages_go_on(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        for start in range(1, 21_001, 1_000):
            told = [entry(number, kind="contact") for number in range(start, start + 1_000)]
            await smoc.provision(provision(device("north/1", start + 999), told))
        await smoc.provision(
            provision(device("north/1", 21_000), [entry(500, 1, kind="tamper-detected")])
        )
        await smoc.profiling()
        answer = await page(smoc, kinds=["tamper-detected"])
        reads = [
            (each.get("docsExamined"), each.get("hasSortStage"))
            for each in await smoc.profiled()
            if each["ns"].endswith(".timeline")
        ]
        assert reads == [(10_000, None), (1, None)]
        assert (list(answer.entries), answer.next_page_token != "") == ([], True)
        found = await entries(smoc, kinds=["tamper-detected"])
        assert [each.entry_id for each in found] == ["500.1"]


async def test_a_page_of_alarms_reads_as_many_of_them_as_it_shows_entries(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device("north/1"), []))
        await keep(
            smoc, *(alarm(n, (n, Deed.OPENED), (n + 0.5, Deed.RESOLVED)) for n in range(400))
        )
        first = await page(smoc, size=10)
        await smoc.profiling()
        await page(smoc, size=10, token=first.next_page_token)
        examined = [
            each["docsExamined"]
            for each in await smoc.profiled()
            if each["op"] == "query" and each["ns"].endswith(".alarms")
        ]
        assert sum(examined) < 60
        assert [each.kind for each in await entries(smoc, size=50, kinds=["alarm-opened"])] == (
            400 * ["alarm-opened"]
        )


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ({"kinds": ["power_lost"]}, "filter.kinds: 'power_lost' is no word like 'power-lost'"),
        ({"kinds": ["alarm-seen"]}, "filter.kinds: 'alarm-seen' is not one of alarm-acknowledged"),
        ({"kinds": [""]}, "filter.kinds[0]: empty"),
        ({"flags": ["LATE"]}, "filter.flags: 'LATE' is no word"),
        (
            {"occurred": TimeRange(start_time=moment(2), end_time=moment(2))},
            "filter.occurred: start_time does not lie before end_time",
        ),
    ],
)
async def test_a_condition_that_cannot_be_meant_is_refused_with_its_field(
    mongod_url: str, conditions: dict[str, Any], said: str
) -> None:
    async with running(mongod_url) as smoc:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await page(smoc, **conditions)
        assert reason_of(refused.value) == ErrorReason.ERROR_REASON_ARGUMENT_INVALID
        assert said in str(refused.value.details())


async def test_a_token_of_another_question_or_of_somebody_s_own_making_is_refused(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(provision(device("north/1", 2), [entry(1), entry(2)]))
        token = (await page(smoc, size=1)).next_page_token
        question = f"timeline north/1 {Asked().fingerprint()}"
        made_up = [
            seal(question, text)
            for text in (
                "{",
                "[]",
                '{"reports": "x"}',
                '{"reports": [1, -1]}',
                '{"alarms": [1, 2]}',
            )
        ]
        asked: list[tuple[str, dict[str, Any]]] = [(token, {"flags": ["late"]})]
        for wrong, conditions in (*asked, *((each, {}) for each in made_up)):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await page(smoc, token=wrong, **conditions)
            assert reason_of(refused.value) == ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID


def joined(*others: str, revision: int = 9) -> device_pb2.Device:
    """Return the kept device with those that are joined into it."""
    return device("north/1", revision, joined=others)


async def test_the_timeline_of_a_kept_device_is_one_with_those_of_the_joined_ones(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(
            provision(device("north/1", 9), [entry(1), entry(4), entry(9)]),
            provision(device("north/2", 6, joined_into="north/1"), [entry(2), entry(6)]),
            provision(device("north/3", 5), [entry(5)]),
        )
        await keep(
            smoc,
            alarm(1, (3, Deed.OPENED), (8, Deed.RESOLVED), device_id="north/2"),
            alarm(2, (7, Deed.OPENED)),
        )
        before = await entries(smoc)
        await smoc.provision(provision(joined("north/2", revision=10), []))
        told = [
            *[
                ("north/1", "9.0"),
                ("north/2", f"alarm/{1:020x}.1"),
                ("north/1", f"alarm/{2:020x}.0"),
            ],
            *[("north/2", "6.0"), ("north/1", "4.0"), ("north/2", f"alarm/{1:020x}.0")],
            *[("north/2", "2.0"), ("north/1", "1.0")],
        ]
        for size in (1, 3, 500):
            shown = await entries(smoc, size=size)
            assert [(each.device_id, each.entry_id) for each in shown] == told
        reported = await entries(smoc, size=2, kinds=["power-lost"])
        assert [each.entry_id for each in reported] == ["9.0", "6.0", "4.0", "2.0", "1.0"]
        late = await entries(smoc, occurred=TimeRange(start_time=moment(2), end_time=moment(4)))
        assert [each.device_id for each in late] == ["north/2", "north/2"]
        own = await page(smoc, device_id="north/2")
        assert {each.device_id for each in own.entries} == {"north/2"}
        # Undone.
        await smoc.provision(provision(joined(revision=11), []))
        assert await entries(smoc) == before
        assert {each.device_id for each in before} == {"north/1"}


async def test_a_page_token_from_before_a_join_is_refused_and_the_list_begins_anew(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        await smoc.provision(
            provision(device("north/1", 2), [entry(1), entry(2)]),
            provision(device("north/2", 3, joined_into="north/1"), [entry(3)]),
        )
        token = (await page(smoc, size=1)).next_page_token
        await smoc.provision(provision(joined("north/2"), []))
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await page(smoc, size=1, token=token)
        assert reason_of(refused.value) == ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID
        assert [each.entry_id for each in await entries(smoc, size=1)] == ["3.0", "2.0", "1.0"]


async def test_a_timeline_of_joined_devices_reads_no_more_of_each_than_a_page(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        others = [f"north/{number}" for number in range(2, 10)]
        for device_id in ("north/1", *others):
            told = [entry(number) for number in range(1, 401)]
            await smoc.provision(provision(device(device_id, 400), told))
        await smoc.provision(provision(joined(*others, revision=401), []))
        await smoc.profiling()
        assert len((await page(smoc, size=10)).entries) == 10
        reads = [
            (each["docsExamined"], each.get("hasSortStage"), each["planSummary"])
            for each in await smoc.profiled()
            if each["ns"].endswith(".timeline") and each["op"] == "command"
        ]
        assert reads == 9 * [(11, None, "IXSCAN { _id: 1 }")]
