"""What is read from the contract, stored and written back is the same; what breaks the contract is refused."""

from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st
from meterpark.smoc.v1 import device_pb2

from service_chassis.refusals import CallRefused
from smoc_service.register.device import ATTRIBUTES, FACETS, Device, ExchangeMark, Work
from smoc_service.register.documents import (
    device_document,
    device_from,
    entry_document,
    entry_from,
    work_changed,
)
from smoc_service.register.wire import read_device, read_entry, write_device, write_entry
from tests.specs.smoc.messages import device, entry

CODEC: bson.CodecOptions[dict[str, Any]] = bson.CodecOptions(tz_aware=True)

texts = st.text(max_size=30)
mappings = st.dictionaries(texts, texts, max_size=4)


@st.composite
def times(draw: st.DrawFn) -> Timestamp | None:
    moment = draw(st.none() | st.datetimes(timezones=st.just(UTC)))
    if moment is None:
        return None
    written = Timestamp()
    # The register keeps milliseconds.
    written.FromDatetime(moment.replace(microsecond=moment.microsecond // 1000 * 1000))
    return written


@st.composite
def plans(draw: st.DrawFn) -> device_pb2.PlannedChange:
    effective = draw(times().filter(lambda time: time is not None))
    return device_pb2.PlannedChange(
        effective_time=effective,
        said_time=draw(times()),
        kind=draw(texts),
        summary=draw(texts),
        changes=draw(mappings),
    )


@st.composite
def devices(draw: st.DrawFn) -> device_pb2.Device:
    fields: dict[str, Any] = {name: draw(texts) for name in ATTRIBUTES}
    for name, values in FACETS.items():
        fields[name] = device_pb2.Facet(
            value=draw(st.sampled_from(values)), as_of_time=draw(times()), cause=draw(texts)
        )
    return device_pb2.Device(
        device_id="north/4711",
        network="north",
        device_identifier="4711",
        revision=draw(st.integers(1, 2**63 - 1)),
        names=draw(mappings),
        life_dates=draw(mappings),
        first_seen_time=draw(times()),
        last_contact_time=draw(times()),
        update_time=draw(times()),
        planned=draw(st.lists(plans(), max_size=2)),
        identifiers=[
            device_pb2.DeviceIdentifier(scheme=scheme, value=value)
            for scheme, value in draw(mappings).items()
        ],
        joined_into=draw(st.sampled_from(["", "north/S1"])),
        joined=draw(st.sampled_from([[], ["north/8f1c"], ["north/8f1c", "north/DEV-1"]])),
        **fields,
    )


@st.composite
def entries(draw: st.DrawFn) -> device_pb2.TimelineEntry:
    revision = draw(st.integers(1, 2**63 - 1))
    return device_pb2.TimelineEntry(
        entry_id=f"{revision}.{draw(st.integers(0, 999))}",
        revision=revision,
        kind=draw(texts),
        occurred_time=draw(times()),
        received_time=draw(times()),
        recorded_time=draw(times()),
        code=draw(texts),
        summary=draw(texts),
        details=draw(mappings),
        flags=draw(st.lists(texts, max_size=3)),
        # Not read: whose it is, the provision says.
        device_id="north/4711",
    )


@given(message=devices())
def test_a_device_comes_back_from_the_database_as_it_was_sent(message: device_pb2.Device) -> None:
    read = read_device(message, "device")
    stored = bson.decode(bson.encode(device_document(read, None)), CODEC)
    assert write_device(device_from(stored)) == message


@given(message=entries())
def test_an_entry_comes_back_from_the_database_as_it_was_sent(
    message: device_pb2.TimelineEntry,
) -> None:
    owner = read_device(device("north/4711"), "device")
    stored = bson.decode(bson.encode(entry_document(owner, read_entry(message, "entry"))), CODEC)
    assert write_entry(entry_from(stored)) == message


def test_a_document_says_what_it_took_the_place_of_only_when_a_facet_changed() -> None:
    before = {name: values[0] for name, values in FACETS.items()}
    quiet = read_device(device("north/1", 2, model="E450"), "device")
    assert "was" not in device_document(quiet, before)
    assert "was" not in device_document(quiet, None)
    loud = read_device(device("north/1", 2, power="OFF"), "device")
    assert device_document(loud, before)["was"] == before


def test_what_people_say_of_a_device_is_stored_shown_and_not_taken_from_the_hub() -> None:
    message = device("north/1", 3, power="ON")
    before = device_document(read_device(message, "device"), {"power": "OFF"})
    mark = ExchangeMark(reason="leaks", username="anna", at=datetime(2026, 3, 1, tzinfo=UTC))
    work = Work(version=1, tags=("a", "b"), exchange=mark)
    stored = bson.decode(bson.encode(work_changed(before, work)), CODEC)
    # Nothing that is counted changed.
    assert "was" in before
    assert stored.keys() == before.keys() - {"was"} | {"work"}
    assert device_from(stored).work == work
    shown = write_device(device_from(stored))
    assert (list(shown.tags), shown.exchange_mark.username) == (["a", "b"], "anna")
    assert read_device(shown, "device") == read_device(message, "device")


def changed(**fields: Any) -> device_pb2.Device:
    message = device("north/1", 3, power="ON")
    message.MergeFrom(device_pb2.Device(**fields))
    return message


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (device("1"), "device.device_id"),
        (device("North/1"), "device.device_id"),
        (device("north/"), "device.device_id"),
        (device("north/a/b"), "device.device_id"),
        (device("north/" + "x" * 129), "device.device_id"),
        (device("north/a\nb"), "device.device_id"),
        (changed(network="south"), "device.device_id"),
        (changed(device_identifier="2"), "device.device_id"),
        (device("north/1", 0), "device.revision"),
        (changed(revision=2**63), "device.revision"),
        (changed(power=device_pb2.Facet(value="on")), "device.power.value"),
        (changed(update_time=Timestamp(seconds=2**40)), "device.update_time"),
        (
            changed(tamper=device_pb2.Facet(as_of_time=Timestamp(seconds=-(2**40)))),
            "device.tamper.as_of_time",
        ),
        (changed(status="x" * 300_000), "device"),
        (
            changed(identifiers=[device_pb2.DeviceIdentifier(value=str(n)) for n in range(65)]),
            "device.identifiers",
        ),
        (changed(joined_into="2"), "device.joined_into"),
        (changed(joined_into="south/2"), "device.joined_into"),
        (changed(joined=["north/2", "south/2"]), "device.joined[1]"),
        (changed(joined=[f"north/{number}" for number in range(2, 11)]), "device.joined"),
    ],
)
def test_a_device_that_breaks_the_contract_is_refused_by_the_name_of_the_field(
    message: device_pb2.Device, field: str
) -> None:
    with pytest.raises(CallRefused) as raised:
        read_device(message, "device")
    assert raised.value.metadata == {"field": field}


@pytest.mark.parametrize(
    ("entry_id", "revision"),
    [("", 1), ("1", 1), ("1.", 1), ("2.0", 1), ("1.01", 1), ("0.0", 0), ("1.-1", 1), ("a.b", 1)],
)
def test_an_entry_id_that_breaks_the_contract_is_refused(entry_id: str, revision: int) -> None:
    message = entry(1)
    message.entry_id = entry_id
    message.revision = revision
    with pytest.raises(CallRefused) as raised:
        read_entry(message, "entry")
    assert raised.value.metadata == {"field": "entry.entry_id"}


def test_a_facet_nobody_spoke_of_has_its_first_value_and_no_time() -> None:
    read: Device = read_device(device("north/1"), "device")
    assert read.facets["lifecycle"].value == "NOT_DEFINED"
    assert read.facets["power"].value == "UNKNOWN"
    assert read.facets["power"].as_of is None


def test_times_are_kept_to_the_millisecond() -> None:
    message = device("north/1")
    message.update_time.CopyFrom(Timestamp(seconds=1_772_000_000, nanos=123_456_789))
    stored = bson.decode(bson.encode(device_document(read_device(message, "device"), None)), CODEC)
    assert stored["updated_at"] == datetime.fromtimestamp(1_772_000_000.123, UTC)
