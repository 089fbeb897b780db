"""Alarms, and working on them: each refusal has a type."""

from typing import Any

import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import alarm_service_pb2 as wire

from service_chassis.refusals import CallDenied
from tests.specs.bff.serving import Bff, running_bff, token
from tests.specs.bff.smoc_in_memory import Smoc, at, device, page, refused, unknown

REQUEST_ID = "0b6e1d0a-6f0b-4a5e-9d3e-6c1f7a9b2c3d"
ACKNOWLEDGE = """
mutation Acknowledge($id: ID!, $request: ID!) {
  acknowledgeAlarm(alarmId: $id, requestId: $request, comment: "seen") {
    __typename
    ... on AlarmChanged { alarm { alarmId state history { deed username comment } } }
    ... on Refusal { message }
    ... on NotAllowed { reason }
    ... on ArgumentInvalid { field }
  }
}
"""


def alarm(number: int, **more: Any) -> wire.Alarm:
    return wire.Alarm(
        alarm_id=f"north/{number}",
        version=1,
        rule="power-lost",
        category="POWER",
        severity=wire.ALARM_SEVERITY_MAJOR,
        state=wire.ALARM_STATE_OPEN,
        network="north",
        device_id=device(number).device_id,
        summary="Without power for an hour",
        since_time=at("2026-11-21T06:00:00Z"),
        **more,
    )


def smoc_with(count: int) -> Smoc:
    smoc = Smoc()
    smoc.add(*map(device, range(count)))
    alarms = [alarm(number) for number in range(count)]

    def listed(request: Any) -> Any:
        rows, following = page(alarms, request)
        return wire.ListAlarmsResponse(alarms=rows, next_page_token=following)

    smoc.answers["ListAlarms"] = listed
    return smoc


async def acknowledged(bff: Bff) -> Any:
    answer = await bff.data(ACKNOWLEDGE, {"id": "north/1", "request": REQUEST_ID})
    return answer["acknowledgeAlarm"]


async def test_the_devices_of_a_page_of_alarms_are_read_at_once() -> None:
    async with running_bff(smoc_with(30)) as bff:
        page_of_alarms = await bff.data(
            "{ alarms(first: 30) { edges { node { severity device { serialNumber } } } } }"
        )
        assert len(page_of_alarms["alarms"]["edges"]) == 30
        assert len(bff.smoc.requests("ListAlarms")) == 1
        [batch] = bff.smoc.requests("BatchGetDevices")
        assert len(batch.device_ids) == 30


async def test_an_area_s_alarm_tells_what_it_stands_for_and_others_tell_nothing() -> None:
    smoc = Smoc()
    affected = wire.AffectedDevices(
        facet="power",
        values=["OFF"],
        device_count=12,
        area_device_count=40,
        earlier=[wire.AffectedCount(time=at("2026-11-21T06:05:00Z"), device_count=12)],
    )
    smoc.answers["ListAlarms"] = lambda _: wire.ListAlarmsResponse(
        alarms=[alarm(1), alarm(2, area="A1", affected=affected)]
    )
    async with running_bff(smoc) as bff:
        found = await bff.data(
            "{ alarms { edges { node { affected"
            " { facet values deviceCount areaDeviceCount earlier { at deviceCount } } } } } }"
        )
        single, area = (edge["node"]["affected"] for edge in found["alarms"]["edges"])
        assert single is None
        assert area == {
            "facet": "power",
            "values": ["OFF"],
            "deviceCount": 12,
            "areaDeviceCount": 40,
            "earlier": [{"at": "2026-11-21T06:05:00+00:00", "deviceCount": 12}],
        }


async def test_a_device_that_may_not_be_seen_hides_no_other_one() -> None:
    smoc = Smoc()
    smoc.add(device(1), device(2))
    async with running_bff(smoc) as bff:
        answer = await bff.ask(
            '{ a: device(id: "north/1EMH0000000001") { model } b: device(id: "denied/1") { model } }'
        )
        assert answer["data"] == {"a": {"model": "ED300L"}, "b": None}
        [error] = answer["errors"]
        assert error["path"] == ["b"]
        assert error["extensions"] == {"code": "FORBIDDEN", "reason": "NETWORK_DENIED"}


async def test_an_acknowledged_alarm_comes_back_with_its_history() -> None:
    smoc = Smoc()
    entry = wire.AlarmEntry(deed="ACKNOWLEDGED", username="anna", comment="seen")
    smoc.answers["AcknowledgeAlarm"] = lambda _: wire.AcknowledgeAlarmResponse(
        alarm=alarm(1, history=[entry])
    )
    async with running_bff(smoc) as bff:
        assert await acknowledged(bff) == {
            "__typename": "AlarmChanged",
            "alarm": {
                "alarmId": "north/1",
                "state": "OPEN",
                "history": [{"deed": "ACKNOWLEDGED", "username": "anna", "comment": "seen"}],
            },
        }
        [request] = smoc.requests("AcknowledgeAlarm")
        assert request.request_id == REQUEST_ID
        assert request.comment == "seen"


@pytest.mark.parametrize(
    ("refusal", "answer"),
    [
        (unknown("ALARM_UNKNOWN"), {"__typename": "AlarmUnknown"}),
        (
            refused("ALARM_STATE_REFUSED", "it is resolved"),
            {"__typename": "AlarmStateRefused", "message": "it is resolved"},
        ),
        (refused("ALARM_HISTORY_FULL", "full"), {"__typename": "AlarmHistoryFull"}),
        (refused("REQUEST_ID_REUSED", "reused"), {"__typename": "RequestIdReused"}),
        (
            CallDenied(ErrorReason.ERROR_REASON_ROLE_MISSING, "not for the caller's eyes"),
            {"__typename": "NotAllowed", "message": "not allowed", "reason": "ROLE_MISSING"},
        ),
        (
            refused("ARGUMENT_INVALID", "comment: too long", field="comment"),
            {"__typename": "ArgumentInvalid", "message": "comment: too long", "field": "comment"},
        ),
    ],
    ids=lambda value: value.get("__typename") if isinstance(value, dict) else "",
)
async def test_each_refusal_has_its_type(refusal: Exception, answer: dict[str, str]) -> None:
    def refuse(_: Any) -> Any:
        raise refusal

    smoc = Smoc()
    smoc.answers["AcknowledgeAlarm"] = refuse
    async with running_bff(smoc) as bff:
        said = await acknowledged(bff)
        assert said.items() >= answer.items()


async def test_a_time_without_zone_is_refused_before_the_register_is_asked() -> None:
    async with running_bff() as bff:
        answer = await bff.data(
            'mutation { snoozeAlarm(alarmId: "north/1", until: "2026-11-21T08:00:00", '
            f'requestId: "{REQUEST_ID}")'
            " { __typename ... on ArgumentInvalid { field message } } }"
        )
        assert answer["snoozeAlarm"] == {
            "__typename": "ArgumentInvalid",
            "field": "until",
            "message": "until: a time needs a zone: 2026-11-21T08:00:00Z",
        }
        assert not bff.smoc.asked


async def test_a_token_that_is_over_is_an_error_and_no_refusal() -> None:
    def refuse(_: Any) -> Any:
        raise CallDenied(ErrorReason.ERROR_REASON_TOKEN_EXPIRED, "a minute ago")

    smoc = Smoc()
    smoc.answers["AcknowledgeAlarm"] = refuse
    async with running_bff(smoc) as bff:
        error = await bff.error(ACKNOWLEDGE, {"id": "north/1", "request": REQUEST_ID})
        assert error["message"] == "not authenticated"
        assert error["extensions"] == {"code": "UNAUTHENTICATED", "reason": "TOKEN_EXPIRED"}


async def test_what_the_viewer_can_is_said_by_his_roles_and_the_alarms_state() -> None:
    async with running_bff(smoc_with(1)) as bff:
        question = "{ alarms { edges { node { viewerCan { acknowledge comment } } } } }"
        for role, can in (("asset-manager", True), ("asset-viewer", False)):
            bff.token = token(role)
            [edge] = (await bff.data(question))["alarms"]["edges"]
            assert edge["node"]["viewerCan"] == {"acknowledge": can, "comment": can}


async def test_an_alarm_that_nobody_knows_is_null() -> None:
    def refuse(_: Any) -> Any:
        raise unknown("ALARM_UNKNOWN")

    smoc = Smoc()
    smoc.answers["GetAlarm"] = refuse
    async with running_bff(smoc) as bff:
        assert await bff.data('{ alarm(id: "north/9") { rule } }') == {"alarm": None}


async def test_alarms_are_counted_by_severity_with_the_age_of_the_oldest() -> None:
    smoc = Smoc()
    smoc.answers["ListAlarms"] = lambda _: wire.ListAlarmsResponse(
        counts=[
            wire.AlarmCount(
                severity=wire.ALARM_SEVERITY_CRITICAL,
                alarm_count=7,
                oldest_open_time=at("2026-11-21T06:10:00Z"),
            ),
            wire.AlarmCount(severity=wire.ALARM_SEVERITY_MAJOR),
        ]
    )
    async with running_bff(smoc) as bff:
        answer = await bff.data(
            "{ alarmCounts(filter: {states: [OPEN]}) { severity alarmCount oldestOpenedAt } }"
        )
        assert answer["alarmCounts"] == [
            {
                "severity": "CRITICAL",
                "alarmCount": 7,
                "oldestOpenedAt": "2026-11-21T06:10:00+00:00",
            },
            {"severity": "MAJOR", "alarmCount": 0, "oldestOpenedAt": None},
        ]
        [request] = smoc.requests("ListAlarms")
        assert request.with_counts
        assert list(request.filter.states) == [wire.ALARM_STATE_OPEN]


async def test_the_alarm_load_is_asked_for_once_and_told_by_day() -> None:
    smoc = Smoc()
    critical = wire.AlarmCount(severity=wire.ALARM_SEVERITY_CRITICAL, alarm_count=7)
    smoc.answers["GetAlarmLoad"] = lambda _: wire.GetAlarmLoadResponse(
        days=[
            wire.AlarmLoadDay(
                date="2026-11-21",
                counts=[critical],
                peak_count=5,
                peak_time=at("2026-11-21T06:10:00Z"),
            ),
            wire.AlarmLoadDay(date="2026-11-22"),
        ],
        frequent=[wire.FrequentAlarm(network="north", area="A1", rule="silent", alarm_count=3)],
        chattering_count=1,
        stale_count=2,
    )
    async with running_bff(smoc) as bff:
        answer = await bff.data(
            """{ alarmLoad(days: {start: "2026-11-21", end: "2026-11-22"}) {
            days { date counts { severity alarmCount } peakCount peakAt }
            frequent { deviceId area rule alarmCount chattering } chatteringCount staleCount } }"""
        )
        load = answer["alarmLoad"]
        assert load["days"] == [
            {
                "date": "2026-11-21",
                "counts": [{"severity": "CRITICAL", "alarmCount": 7}],
                "peakCount": 5,
                "peakAt": "2026-11-21T06:10:00+00:00",
            },
            {"date": "2026-11-22", "counts": [], "peakCount": 0, "peakAt": None},
        ]
        assert load["frequent"][0]["deviceId"] is None
        assert (load["chatteringCount"], load["staleCount"]) == (1, 2)
        [request] = smoc.requests("GetAlarmLoad")
        assert (request.start_date, request.end_date) == ("2026-11-21", "2026-11-22")
