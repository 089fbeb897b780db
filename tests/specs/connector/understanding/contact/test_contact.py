"""Readings: only a value that came from the device is a contact, and it was heard when the message says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iec_connector.understanding import Contact, Reason
from tests.specs.connector.understanding.samples import message, names, only, read, readings

if TYPE_CHECKING:
    from iec_connector.understanding import Understood

METER = f"<Meter>{names()}</Meter>"
SENT = "<Timestamp>2026-02-28T10:00:00Z</Timestamp>"
NINE = datetime(2026, 2, 28, 9, tzinfo=UTC)
TEN = datetime(2026, 2, 28, 10, tzinfo=UTC)


def heard(inside: str, *, beside: str = "", sent: str = SENT) -> Understood:
    payload = readings(METER + inside).replace("<MeterReading>", f"{beside}<MeterReading>", 1)
    return read(message(payload, noun="MeterReadings", more=sent))


def quality(ref: str) -> str:
    return f'<ReadingQualities><ReadingQualityType ref="{ref}"/></ReadingQualities>'


def interval(more: str = "", value: str = "<value>1</value>", time: str = "09:00") -> str:
    stamp = f"<timeStamp>2026-02-28T{time}:00Z</timeStamp>"
    return f"<IntervalReadings>{stamp}{value}{more}</IntervalReadings>"


def block(*intervals: str, more: str = "") -> str:
    return f'<IntervalBlocks>{"".join(intervals)}{more}<ReadingType ref="0.0.2"/></IntervalBlocks>'


def single(more: str = "", value: str = "<value>1</value>") -> str:
    return f"<Readings><timeStamp>2026-02-28T09:00:00Z</timeStamp>{value}{more}</Readings>"


def is_no_contact(understood: Understood) -> bool:
    return not understood.reports and understood.passed_over == {"readings_without_contact": 1}


NOT_OF_THE_DEVICE = [
    *(
        "2.5.259",
        "3.5.259",
        "5.259",
        "02.05.259",
        "1.4.129",
        "2.4.130",
        "2.4.131",
        "2.7.0",
        "3.7.1",
    ),
    *(
        "2.8.0",
        "urn:x:2.8.0",
        "#3.8.9",
        "http://iec.ch/q/3.8.256",
        "3.11.0",
        "2.12.0",
        "estimated",
        "Known missing read",
        "MANUAL",
    ),
]
OF_THE_DEVICE = [
    *(
        "1.0.0",
        "2.0.1",
        "3.0.1",
        "1.1.4",
        "1.2.32",
        "1.3.0",
        "2.4.0",
        "1.4.64",
        "2.5.256",
        "2.5.257",
    ),
    *("3.6.3", "3.10.0", "5.4.260", "1.5.257", "valid", "x.y.z"),
]


@pytest.mark.parametrize("ref", NOT_OF_THE_DEVICE)
def test_a_value_whose_quality_says_that_it_came_from_elsewhere_is_no_contact(ref: str) -> None:
    assert is_no_contact(heard(block(interval(quality(ref)))))
    assert is_no_contact(heard(single(quality(ref))))


@pytest.mark.parametrize("ref", OF_THE_DEVICE)
def test_a_value_that_the_device_sent_is_one_however_it_was_judged(ref: str) -> None:
    assert only(heard(block(interval(quality(ref))))).content == Contact(reading_count=1)


@pytest.mark.parametrize(
    "written",
    [
        "<ReadingQualities ref='2.8.0'/>",
        "<ReadingQualities><ReadingQualityType>2.8.0</ReadingQualityType></ReadingQualities>",
        "<ReadingQualities><ReadingQualityType><ref>2.8.0</ref></ReadingQualityType></ReadingQualities>",
        (
            "<ReadingQualities><ReadingQualityType><systemId>2</systemId><category>8</category>"
            "<subCategory>0</subCategory></ReadingQualityType></ReadingQualities>"
        ),
        f"<ReadingQualities><comment>estimated</comment>{quality('1.0.0')}</ReadingQualities>",
        "<ReadingQualities><quality>ESTIMATED</quality></ReadingQualities>",
        "<ReadingQuality>2.8.0</ReadingQuality>",
        "<quality>2.8.0</quality>",
        "<status>Estimated</status>",
        "<status><value>MISSING</value></status>",
        "<source>manual</source>",
        quality("1.0.0") + quality("2.8.0"),
        "<readingQualities><readingQualityType REF=' 2.8.0 '/></readingQualities>",
        quality("Q1"),
        quality("#Q1"),
    ],
)
def test_a_quality_is_found_wherever_and_however_it_is_written(written: str) -> None:
    defined = (
        "<ReadingQualityType><mRID>Q1</mRID><category>8</category><subCategory>0</subCategory>"
        "</ReadingQualityType>"
    )
    assert is_no_contact(heard(single(written), beside=defined))
    assert is_no_contact(heard(block(interval(), more=written), beside=defined))


@pytest.mark.parametrize(
    "value",
    [
        *("", "<value/>", "<value>?</value>", "<value>NaN</value>", "<value>null</value>"),
        '<value xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:nil="true"/>',
    ],
)
def test_a_reading_without_a_value_is_no_contact(value: str) -> None:
    assert is_no_contact(heard(single(value=value) + block(interval(value=value))))


@pytest.mark.parametrize(
    "inside",
    [
        *("", "<valuesInterval><end>2026-02-01T00:00:00Z</end></valuesInterval>"),
        '<Readings><ReadingType ref="0.0.0.1"/></Readings>',
        '<IntervalBlocks><ReadingType ref="0.0.2.4"/></IntervalBlocks>',
    ],
)
def test_a_meter_without_readings_is_no_contact(inside: str) -> None:
    assert is_no_contact(heard(inside))


@pytest.mark.parametrize("value", ["0", "0.0", "-1.5", "12,5", "1E3", "ON"])
def test_any_value_is_a_value(value: str) -> None:
    assert only(heard(single(value=f"<value>{value}</value>"))).content == Contact(reading_count=1)


def test_readings_in_a_wrapper_of_their_own_are_read() -> None:
    inside = f"<Readings>{single()}{single()}</Readings><IntervalBlocks>{block(interval())}</IntervalBlocks>"
    assert only(heard(inside)).content == Contact(reading_count=3)


def test_of_mixed_values_the_newest_good_one_counts() -> None:
    report = only(
        heard(
            block(
                interval(time="08:00"),
                interval(time="09:00"),
                interval(quality("2.8.0"), time="09:15"),
                interval(value="", time="09:30"),
            )
        )
    )
    assert report.content == Contact(reading_count=2)
    assert report.occurred_at == NINE


def test_of_several_meters_only_those_that_were_heard_are_reported() -> None:
    other = f"<Meter>{names('2')}</Meter>"
    understood = read(message(readings(METER + single(quality("2.5.259")), other + single())))
    assert [report.device_identifier for report in understood.reports] == ["2"]
    assert understood.passed_over == {"readings_without_contact": 1}
    assert understood.problems == ()


@pytest.mark.parametrize(
    ("time", "at"),
    [
        ("<timeStamp>2026-02-28T09:00:00Z</timeStamp>", NINE),
        (
            "<timePeriod><start>2026-02-28T08:00:00Z</start><end>2026-02-28T09:00:00Z</end></timePeriod>",
            NINE,
        ),
        ("<valueInterval><end>2026-02-28T09:00:00Z</end></valueInterval>", NINE),
        ("<reportedDateTime>2026-02-28T09:00:00Z</reportedDateTime>", NINE),
        ("", TEN),
        ("<timeStamp/>", TEN),
        ("<timeStamp>1970-01-01T00:00:00Z</timeStamp>", TEN),
        ("<timeStamp>2000-01-01T00:15:00Z</timeStamp>", TEN),
    ],
)
def test_a_value_was_heard_when_it_says_else_when_its_message_was_made(
    time: str, at: datetime
) -> None:
    assert only(heard(f"<Readings>{time}<value>1</value></Readings>")).occurred_at == at


def test_the_end_of_all_values_dates_those_without_a_time() -> None:
    inside = (
        "<valuesInterval><end>2026-02-28T09:00:00Z</end></valuesInterval>"
        "<Readings><value>1</value></Readings>"
    )
    assert only(heard(inside)).occurred_at == NINE


def test_without_any_time_only_the_receipt_is_left() -> None:
    report = only(heard("<Readings><value>1</value></Readings>", sent=""))
    assert report.occurred_at is None


def test_an_unreadable_time_is_a_problem_beside_the_contact() -> None:
    understood = heard("<Readings><timeStamp>noon</timeStamp><value>1</value></Readings>")
    (report,) = understood.reports
    assert report.occurred_at == TEN
    (problem,) = understood.problems
    assert (problem.reason, problem.index) == (Reason.TIME_INVALID, report.origin.index)
    assert "Readings/timeStamp, line 1" in problem.place


@given(st.lists(st.sampled_from(OF_THE_DEVICE + NOT_OF_THE_DEVICE), max_size=4))
def test_one_quality_is_enough_to_spoil_a_value(refs: list[str]) -> None:
    understood = heard(single("".join(map(quality, refs))))
    spoilt = any(ref in NOT_OF_THE_DEVICE for ref in refs)
    assert bool(understood.reports) is not spoilt
