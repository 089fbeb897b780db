"""What MasterDataLinkageConfig and MeterReadings say of a device."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from iec_connector.understanding import (
    Contact,
    DeviceEvent,
    Linkage,
    LinkageChange,
    Meaning,
    Reason,
)
from tests.specs.connector.understanding.samples import (
    event,
    linkage,
    message,
    names,
    only,
    read,
    read_file,
    readings,
    refused,
)

METER = f"<Meter>{names()}</Meter>"
ASSETS_8 = f"<Assets>{names('8')}</Assets>"
POINT = "<UsagePoint><mRID>UP-1</mRID></UsagePoint>"


def link(inside: str, verb: str = "created") -> str:
    return message(linkage(inside), verb=verb, noun="MasterDataLinkageConfig")


@pytest.mark.parametrize(
    ("verb", "change"),
    [
        ("created", LinkageChange.LINKED),
        ("create", LinkageChange.LINKED),
        ("changed", LinkageChange.LINKED),
        ("closed", LinkageChange.UNLINKED),
        ("CLOSE", LinkageChange.UNLINKED),
        ("deleted", LinkageChange.UNLINKED),
        ("canceled", LinkageChange.UNLINKED),
    ],
)
def test_the_verb_tells_whether_a_device_is_linked_or_unlinked(
    verb: str, change: LinkageChange
) -> None:
    happened = "<effectiveDateTime>2026-02-01T08:00:00Z</effectiveDateTime>"
    event_of_change = f"<ConfigurationEvent>{happened}</ConfigurationEvent>"
    report = only(read(link(event_of_change + METER + POINT, verb)))
    assert report.content == Linkage(change=change, usage_point="UP-1")
    assert report.occurred_at == datetime(2026, 2, 1, 8, tzinfo=UTC)


def test_meters_and_usage_points_belong_together_in_order() -> None:
    inside = "".join(f"<Meter>{names(each)}</Meter>" for each in "12") + "".join(
        f"<UsagePoint><Names><name>UP-{each}</name></Names></UsagePoint>" for each in "AB"
    )
    told = [
        (report.device_identifier, report.content.usage_point)
        for report in read(link(inside)).reports
        if isinstance(report.content, Linkage)
    ]
    assert told == [("1", "UP-A"), ("2", "UP-B")]


def test_a_device_may_be_unlinked_from_wherever_it_is() -> None:
    assert only(read(link(METER, "closed"))).content == Linkage(change=LinkageChange.UNLINKED)


def test_closed_with_nothing_but_ids_unlinks() -> None:
    body = message(
        '<ID objectType="Meter">77</ID><ID objectType="UsagePoint">UP-1</ID>',
        verb="closed",
        noun="MasterDataLinkageConfig",
    )
    report = only(read(body))
    assert report.device_identifier == "77"
    assert report.content == Linkage(change=LinkageChange.UNLINKED, usage_point="UP-1")


@pytest.mark.parametrize(
    ("inside", "verb", "reason"),
    [
        (METER, "created", Reason.LINKAGE_INCOMPLETE),
        (METER + "<UsagePoint/>", "created", Reason.LINKAGE_INCOMPLETE),
        (POINT, "created", Reason.LINKAGE_INCOMPLETE),
        (METER * 2 + POINT * 3, "created", Reason.LINKAGE_INCOMPLETE),
        (METER + POINT, "", Reason.VERB_MISSING),
        (METER + POINT, "frobnicated", Reason.VERB_UNKNOWN),
        (f"<Meter/>{POINT}", "created", Reason.DEVICE_MISSING),
    ],
)
def test_half_a_linkage_is_refused(inside: str, verb: str, reason: Reason) -> None:
    assert refused(link(inside, verb)).reason is reason


def test_readings_are_one_contact_per_device_as_new_as_the_newest() -> None:
    understood = read_file("taipower_readings.xml")
    assert understood.problems == ()
    first, second, hidden = understood.reports
    assert (first.device_identifier, first.content) == ("WT20069447", Contact(reading_count=3))
    assert first.occurred_at == datetime(2026, 2, 27, 16, 30, tzinfo=UTC)
    assert (second.device_identifier, second.content) == ("WT20069448", Contact(reading_count=2))
    assert second.occurred_at == datetime(2026, 2, 27, 16, 0, tzinfo=UTC)
    assert hidden.device_identifier == "WT20069448"
    assert isinstance(hidden.content, DeviceEvent)
    assert hidden.content.meaning is Meaning.TAMPER_DETECTED


def test_a_reading_without_a_usable_time_is_contact_without_a_time() -> None:
    body = readings(
        f"{METER}<Readings><timeStamp>never</timeStamp></Readings><Readings><value>1</value></Readings>"
    )
    report = only(read(body))
    assert report.content == Contact(reading_count=1)
    assert report.occurred_at is None


def test_events_alone_need_no_contact_beside_them() -> None:
    body = readings(f"{METER}<EndDeviceEvents>{event(device='')}</EndDeviceEvents>")
    report = only(read(body))
    assert isinstance(report.content, DeviceEvent)
    assert report.device_identifier == "100200300"


def test_an_event_inside_of_readings_may_name_another_device() -> None:
    body = readings(f"<EndDeviceEvents>{event(device=ASSETS_8)}</EndDeviceEvents>")
    assert only(read(body)).device_identifier == "8"


def test_readings_of_nobody_are_a_problem_beside_the_others() -> None:
    reading = "<Readings><timeStamp>2026-02-01T00:00:00Z</timeStamp><value>1</value></Readings>"
    understood = read(readings(f"<mRID>reading-1</mRID>{reading}", METER + reading))
    assert [report.device_identifier for report in understood.reports] == ["100200300"]
    assert [problem.reason for problem in understood.problems] == [Reason.DEVICE_MISSING]
