"""How times read, and what a program gets."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1.feed_pb2 import KnownFeed
from meterpark.smoc.v1.device_service_pb2 import DeviceFilter

from meterpark_cli.showing.documents import document_of
from meterpark_cli.showing.rendering import age, ago, clock, stamp, when
from tests.specs.cli.examples import device, quarantined
from tests.specs.cli.moments import NOW
from tests.specs.cli.services_in_memory import at


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "now"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (47 * 3600, "47 h"),
        (9 * 86400, "9 d"),
        (-300, "in 5 min"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(seconds: int, text: str) -> None:
    assert age(NOW - timedelta(seconds=seconds), NOW) == text


def test_what_has_no_time_shows_none() -> None:
    assert when(Timestamp(), NOW) is None
    assert (age(None, NOW), ago(None, NOW), clock(None, NOW), stamp(None)) == ("-", "-", "-", "-")


def test_times_are_told_in_the_zone_of_the_terminal() -> None:
    here = NOW.astimezone(timezone(timedelta(hours=2)))
    moment = when(at("2026-03-01T09:00:00Z"), here)
    assert stamp(moment) == "2026-03-01 11:00:00+02:00"
    assert clock(moment, here) == "11:00:00"
    assert clock(when(at("2026-02-28T09:00:00Z"), here), here) == "2026-02-28 11:00"


def test_the_first_hour_of_all_time_is_shown_west_of_greenwich_too() -> None:
    west = NOW.astimezone(timezone(timedelta(hours=-5)))
    moment = when(at("0001-01-01T00:00:00Z"), west)
    assert moment == datetime(1, 1, 1, tzinfo=UTC)
    assert ago(moment, west).endswith("d ago")
    assert clock(moment, west) == "0001-01-01 00:00"


def test_a_document_has_every_field_by_its_name_in_the_contract() -> None:
    made = device("9024000123", tamper="UNKNOWN", revision=2**40)
    document = document_of(made)
    assert list(document) == [field.name for field in made.DESCRIPTOR.fields]
    assert document["device_id"] == "north/9024000123"
    assert document["revision"] == 2**40
    assert document["last_contact_time"] == "2026-03-01T09:58:00Z"
    assert document["first_seen_time"] is None
    assert document["tamper"] == {"value": "UNKNOWN", "as_of_time": None, "cause": ""}
    assert document["names"] == {}


def test_an_optional_value_that_is_absent_is_null_and_no_zero() -> None:
    assert document_of(DeviceFilter())["marked_for_exchange"] is None
    assert document_of(DeviceFilter(marked_for_exchange=False))["marked_for_exchange"] is False
    assert document_of(KnownFeed())["delay_seconds"] is None


def test_enum_values_come_without_prefix_and_bytes_as_base64() -> None:
    document = document_of(quarantined("q1", body=b"<x/>"))
    assert document["state"] == "OPEN"
    assert document["body"] == "PHgvPg=="
