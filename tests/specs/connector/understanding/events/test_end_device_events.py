"""What an EndDeviceEvent says of a device."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from iec_connector.understanding import DeviceEvent, Meaning, Reason
from tests.specs.connector.understanding.samples import (
    event,
    event_of,
    events,
    message,
    names,
    only,
    read,
    read_file,
    refused,
    source,
)


def test_a_last_gasp_is_a_lost_power_with_everything_that_was_said() -> None:
    report = only(read_file("connexo_event.xml"))
    assert report.occurred_at == datetime(2026, 2, 20, 4, 15, 10, 123456, tzinfo=UTC)
    assert not report.zone_assumed
    assert report.content == DeviceEvent(
        code="0.26.38.85",
        meaning=Meaning.POWER_LOST,
        code_name="NA.Power.Voltage.Failed",
        severity="2",
        reason="Power down",
        event_mrid="7f1c",
        issuer_tracking_id="991",
        details={"DeviceProtocolCode": "1.2.17", "issuerID": "1"},
        author="1",
    )


def test_a_power_report_of_the_communication_device_counts_for_its_meter() -> None:
    content = event_of(message(events(event(kind='<EndDeviceEventType ref="26.26.0.85"/>'))))
    assert (content.meaning, content.code_name) == (Meaning.POWER_LOST, "ComDevice.Power.NA.Failed")


@pytest.mark.parametrize(
    "kind",
    [
        '<EndDeviceEventType ref="3.26.0.85"/>',
        '<EndDeviceEventType REF=" 3.26.0.85 "/>',
        "<EndDeviceEventType>3.26.0.85</EndDeviceEventType>",
        "<EndDeviceEventType><ref>3.26.0.85</ref></EndDeviceEventType>",
        "<EndDeviceEventType><Names><name>3.26.0.85</name></Names></EndDeviceEventType>",
        (
            "<EndDeviceEventType><type>3</type><domain>26</domain><subDomain>0</subDomain>"
            "<eventOrAction>85</eventOrAction></EndDeviceEventType>"
        ),
        (
            "<EndDeviceEventType><type>ElectricMeter</type><domain>Power</domain><subDomain>NA</subDomain>"
            "<eventOrAction>Failed</eventOrAction></EndDeviceEventType>"
        ),
    ],
)
def test_the_type_is_read_wherever_it_is_written(kind: str) -> None:
    assert event_of(message(events(event(kind=kind)))).code == "3.26.0.85"


def test_a_ref_may_point_to_a_definition_beside_the_events() -> None:
    definition = (
        "<EndDeviceEventType><mRID>type-1</mRID><type>3</type><domain>26</domain><subDomain>0</subDomain>"
        "<eventOrAction>216</eventOrAction></EndDeviceEventType>"
    )
    body = message(events(event(kind='<EndDeviceEventType ref="type-1"/>'), definition))
    assert event_of(body).meaning is Meaning.POWER_RESTORED


@pytest.mark.parametrize(
    "code", ["3.26.9999.85", "99.99.99.99", "POWER_DOWN", "3.26", "3.0.129.160", "-1.2.3.4"]
)
def test_an_unknown_code_is_kept_as_written_and_means_nothing(code: str) -> None:
    content = event_of(message(events(event(kind=f'<EndDeviceEventType ref="{code}"/>'))))
    assert (content.code, content.meaning) == (code, Meaning.UNSPECIFIED)


def test_the_vendors_own_code_of_other_events_is_in_the_details() -> None:
    content = event_of(
        message(
            events(
                event(
                    kind='<EndDeviceEventType ref="0.0.0.0"/>',
                    more="<type>STDEVT-26</type>" + names("Power Up", "EventName"),
                )
            )
        )
    )
    assert content.meaning is Meaning.NOTED
    assert content.details == {"type": "STDEVT-26", "EventName": "Power Up"}


def test_a_detail_that_comes_twice_is_kept_twice() -> None:
    more = "<EndDeviceEventDetails><name>phase</name><value>{}</value></EndDeviceEventDetails>"
    content = event_of(message(events(event(more=more.format("A") + more.format("B")))))
    assert content.details == {"phase": "A", "phase (2)": "B"}


def test_secrets_among_the_details_are_not_taken_in() -> None:
    more = "<EndDeviceEventDetails><name>encryptionKey</name><value>00112233</value></EndDeviceEventDetails>"
    content = event_of(message(events(event(more=more))))
    assert "00112233" not in str(content)
    assert "encryptionKey" in content.details


def test_a_firmware_event_names_the_version() -> None:
    more = (
        "<EndDeviceEventDetails><name>Old Version</name><value>1.4</value></EndDeviceEventDetails>"
        "<EndDeviceEventDetails><name>Firmware_Version</name><value>1.5</value></EndDeviceEventDetails>"
    )
    activated = event_of(
        message(events(event(kind='<EndDeviceEventType ref="3.11.283.4"/>', more=more)))
    )
    assert (activated.meaning, activated.firmware_version) == (
        Meaning.FIRMWARE_UPDATE_SUCCEEDED,
        "1.5",
    )
    lost = event_of(message(events(event(more=more))))
    assert lost.firmware_version == ""


def test_the_usage_point_of_an_event_is_kept() -> None:
    more = "<UsagePoint><Names><name>UP-7</name></Names></UsagePoint>"
    assert event_of(message(events(event(more=more)))).usage_point == "UP-7"


def test_an_event_about_two_devices_is_reported_of_both() -> None:
    device = (
        f"<Assets>{names('1')}</Assets><Assets>{names('2')}</Assets><Assets>{names('1')}</Assets>"
    )
    understood = read(message(events(event(device=device))))
    assert [report.device_identifier for report in understood.reports] == ["1", "2"]


def test_the_mrid_of_an_event_is_not_its_meter() -> None:
    unreadable = refused(message(events(event(device="", more="<mRID>70B3D5499A11</mRID>"))))
    assert unreadable.reason is Reason.DEVICE_MISSING


def test_a_serial_number_among_the_events_own_names_is_better_than_none() -> None:
    report = only(read(message(events(event(device=names("4711"))))))
    assert report.device_identifier == "4711"


def test_an_event_where_its_container_should_be_is_taken() -> None:
    body = message(event().replace("EndDeviceEvent>", "EndDeviceEvents>"))
    assert event_of(body).code == "3.26.0.85"


@pytest.mark.parametrize(
    ("one", "reason", "place"),
    [
        (event(device=""), Reason.DEVICE_MISSING, "EndDeviceEvent[3], line 4"),
        (event(device="<Assets/>"), Reason.DEVICE_MISSING, "EndDeviceEvent[3]/Assets, line 4"),
        (event(kind=""), Reason.EVENT_TYPE_MISSING, "EndDeviceEvent[3], line 4"),
        (
            event(kind='<EndDeviceEventType ref="?"/>'),
            Reason.EVENT_TYPE_MISSING,
            "EndDeviceEvent[3]/EndDeviceEventType, line 4",
        ),
        (
            event(device=f"<Assets>{names('A/1')}</Assets>"),
            Reason.DEVICE_INVALID,
            "EndDeviceEvent[3]/Assets, line 4",
        ),
    ],
)
def test_a_bad_event_is_a_problem_and_its_neighbours_are_reported(
    one: str, reason: Reason, place: str
) -> None:
    body = message(events("\n", event(), "\n", event(), "\n", one, "\n", event()))
    understood = read(body)
    assert [report.origin.index for report in understood.reports] == [0, 1, 3]
    (problem,) = understood.problems
    assert problem.reason is reason
    assert problem.place == f"/EventMessage/Payload/EndDeviceEvents/{place}"
    assert problem.index == 2


@pytest.mark.parametrize(
    ("time", "reason", "place"),
    [
        ("", Reason.TIME_MISSING, "EndDeviceEvent[2], line 1"),
        ("<createdDateTime/>", Reason.TIME_MISSING, "EndDeviceEvent[2], line 1"),
        (
            "\n<createdDateTime>yesterday</createdDateTime>",
            Reason.TIME_INVALID,
            "EndDeviceEvent[2]/createdDateTime, line 2",
        ),
    ],
)
def test_an_event_without_a_readable_date_happened_when_its_message_was_made(
    time: str, reason: Reason, place: str
) -> None:
    more = "<Timestamp>2026-02-28T10:00:00Z</Timestamp>"
    understood = read(message(events(event(), event(time=time)), more=more))
    assert [report.origin.index for report in understood.reports] == [0, 1]
    assert understood.reports[1].occurred_at == datetime(2026, 2, 28, 10, tzinfo=UTC)
    (problem,) = understood.problems
    assert (problem.reason, problem.index) == (reason, 1)
    assert problem.place == f"/EventMessage/Payload/EndDeviceEvents/{place}"


def test_a_status_dates_an_event_whose_own_date_cannot_be_read() -> None:
    time = "<createdDateTime>yesterday</createdDateTime>"
    status = "<status><dateTime>2026-02-27T00:00:00Z</dateTime></status>"
    (report,) = read(message(events(event(time=time, more=status)))).reports
    assert report.occurred_at == datetime(2026, 2, 27, tzinfo=UTC)


def test_a_message_of_bad_events_only_is_unreadable_and_tells_the_first() -> None:
    unreadable = refused(message(events(event(kind=""), event(device=""))))
    assert unreadable.reason is Reason.EVENT_TYPE_MISSING
    assert unreadable.detail.endswith("(and 1 more parts with problems)")


def test_many_problems_are_counted_not_all_told() -> None:
    understood = read(message(events(event(), *[event(kind="")] * 250)))
    assert len(understood.problems) == 100
    assert understood.problems[-1].detail.endswith("(and 150 more parts with problems)")


def test_a_time_without_zone_is_in_the_zone_of_its_source() -> None:
    time = "<createdDateTime>2026-07-01 12:00:00</createdDateTime>"
    report = only(read(message(events(event(time=time))), source(zone=ZoneInfo("Europe/Zurich"))))
    assert report.occurred_at == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    assert report.zone_assumed


def test_1970_is_never() -> None:
    time = "<createdDateTime>1970-01-01T05:30:00+05:30</createdDateTime>"
    assert only(read(message(events(event(time=time))))).occurred_at is None


def test_long_texts_end_with_an_ellipsis() -> None:
    content = event_of(message(events(event(more=f"<reason>{'x' * 5000}</reason>"))))
    assert len(content.reason) == 2000
    assert content.reason.endswith("…")
