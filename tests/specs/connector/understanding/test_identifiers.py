"""All names that a message gives a device travel with the report; a value that names no device does not."""

from __future__ import annotations

import pytest

from iec_connector.hub.wire import report_to_wire
from iec_connector.understanding import Reason
from iec_connector.understanding.identifiers import (
    MOST_IDENTIFIERS,
    Identifier,
    Spelling,
    is_nil,
    spelled,
)
from tests.specs.connector.understanding.samples import (
    event,
    events,
    message,
    meter_config,
    names,
    only,
    read,
    refused,
    source,
)

UUID = "8f1c2a6e-0b1d-4f57-9c1e-2f6d3c1b7a90"
WHOLE = (
    f"<mRID>{UUID}</mRID><serialNumber>S1</serialNumber><utilityNumber>U-7</utilityNumber>"
    "<Names><name>DEV-1</name></Names>" + names("M 1", "Meter_Unique-ID")
)


def identifiers(meter: str, **settings: object) -> list[tuple[str, str]]:
    report = only(read(meter_config(meter), source(**settings)))
    return [(each.scheme, each.value) for each in report.identifiers]


def test_a_report_carries_every_identifier_of_the_device_the_chosen_one_first() -> None:
    assert identifiers(WHOLE) == [
        ("serial_number", "S1"),
        ("mrid", UUID),
        ("utility_number", "U-7"),
        ("", "DEV-1"),
        ("name/meteruniqueid", "M 1"),
    ]
    assert identifiers(WHOLE, device_identifiers=("mRID",))[0] == ("mrid", UUID)


def test_identifiers_reach_the_hub_as_they_are() -> None:
    wire = report_to_wire(only(read(meter_config(WHOLE))))
    assert wire.device_identifier == "S1"
    assert [(each.scheme, each.value) for each in wire.identifiers][:2] == [
        ("serial_number", "S1"),
        ("mrid", UUID),
    ]


def test_whatever_single_name_there_is_may_be_of_any_scheme() -> None:
    assert identifiers(names("X", "EndDeviceName")) == [("", "X"), ("name/enddevicename", "X")]


def test_an_events_own_names_are_no_identifiers_of_the_device() -> None:
    """Only the name that is looked for is; the event's mRID and its other names are its own."""
    own = event(
        device="", more="<mRID>E-1</mRID>" + names("S1", "SerialNumber") + names("N", "Kind")
    )
    assert only(read(message(events(own)))).identifiers == (Identifier("serial_number", "S1"),)


def test_names_of_places_and_secrets_are_no_identifiers() -> None:
    assert identifiers(names("S1") + names("North", "Area") + names("x1y2", "Password")) == [
        ("serial_number", "S1")
    ]


def test_identifiers_are_bounded() -> None:
    many = "".join(names(f"N{number}", f"Type{number}") for number in range(40))
    assert len(identifiers(names("S1") + many + names("y" * 129, "Long"))) == MOST_IDENTIFIERS


@pytest.mark.parametrize(
    "value",
    [
        *("null", "NULL", "(null)", "None", "nil", "n/a", "N.A.", "NA", "unknown", "undefined"),
        *("0", "0000", "000-000", "-", "--", ".", "???", "string"),
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ],
)
def test_a_nil_value_names_nobody(value: str) -> None:
    """Neither as the identifier nor as one more: else all meters without a serial number were one."""
    assert is_nil(value)
    element = f"<serialNumber>{value}</serialNumber>"
    unreadable = refused(meter_config(element))
    assert unreadable.reason is Reason.DEVICE_MISSING
    assert unreadable.place == "/MeterConfig/Meter, line 1"
    if set(value) != {"?"}:  # a question mark is what an empty form says: no value at all
        assert f"{value!r} is a value that names no device" in unreadable.detail
    assert identifiers(element + f"<mRID>{UUID}</mRID>") == [("mrid", UUID)]
    assert identifiers(names("S1") + names(value, "MeterUniqueID")) == [("serial_number", "S1")]


@pytest.mark.parametrize("value", ["7", "00700", "N-0", "nullius", "0x0", "名"])
def test_what_only_looks_like_nothing_is_a_name(value: str) -> None:
    assert not is_nil(value)


@pytest.mark.parametrize("kind", ["Model", "Device_Type", "manufacturer", "Lot Number", "Zone"])
def test_what_many_devices_are_called_is_no_identifier(kind: str) -> None:
    """Else the first meter of a model would be taken for the next one that is known by its mRID alone."""
    element = names("S1") + names("E450", kind)
    assert identifiers(element) == [("serial_number", "S1")]


def test_a_deleted_device_that_is_named_by_nothing_is_a_problem_with_its_place() -> None:
    unreadable = refused(message("<ID>null</ID>", verb="deleted", noun="MeterConfig"))
    assert unreadable.reason is Reason.DEVICE_INVALID
    assert "names no device" in unreadable.detail
    assert unreadable.place.startswith("/EventMessage/Payload/ID")


@pytest.mark.parametrize(
    ("rules", "value", "equal"),
    [
        ((), "00ab-1", "00ab-1"),
        ((Spelling.UPPER_CASE,), "21279c38", "21279C38"),
        ((Spelling.LOWER_CASE,), "21279C38", "21279c38"),
        ((Spelling.STRIP_LEADING_ZEROS,), "012345", "12345"),
        ((Spelling.STRIP_SIGNS, Spelling.UPPER_CASE), "8f1c-2a 6e", "8F1C2A6E"),
        ((Spelling.STRIP_SIGNS, Spelling.STRIP_LEADING_ZEROS), "--", "--"),
    ],
)
def test_a_source_says_how_identifiers_are_made_equal(
    rules: tuple[Spelling, ...], value: str, equal: str
) -> None:
    assert spelled(value, rules) == equal


def test_two_spellings_of_one_meter_are_one_device_where_the_source_says_so() -> None:
    rules = (Spelling.UPPER_CASE, Spelling.STRIP_LEADING_ZEROS)
    body = message(
        events(
            *(
                event(device=f"<Assets><mRID>{value}</mRID></Assets>")
                for value in ("21279C38", "21279c38", "012345", "12345")
            )
        )
    )
    as_written = [report.device_identifier for report in read(body).reports]
    assert as_written == ["21279C38", "21279c38", "012345", "12345"]
    of = source(identifier_spelling=rules)
    made_equal = read(body, of).reports
    assert [report.device_identifier for report in made_equal] == [
        *("21279C38", "21279C38", "12345", "12345")
    ]
    assert [report.identifiers[0].value for report in made_equal] == [
        report.device_identifier for report in made_equal
    ]


def test_report_ids_stay_the_same_whatever_the_spelling_and_the_other_identifiers() -> None:
    """A message that is delivered again across an upgrade, or a change of the setting, counts once."""
    plain = only(read(meter_config(names("s1"))))
    spelt = only(
        read(meter_config(names("s1")), source(identifier_spelling=(Spelling.UPPER_CASE,)))
    )
    assert spelt.report_id == plain.report_id


def told(meter: str, **settings: object) -> list[str]:
    """The schemes whose names tell one device."""
    report = report_to_wire(only(read(meter_config(meter), source(**settings))))
    return [each.scheme for each in report.identifiers if each.identifies]


def test_kinds_of_names_that_the_source_lists_tell_a_device_and_so_the_hub_is_told() -> None:
    assert told(WHOLE) == ["name/meteruniqueid"]  # one of the default device_identifiers
    assert told(WHOLE, device_identifiers=("mRID",)) == []
    assert told(WHOLE, device_identifiers=("mRID", "Utility-Number")) == ["utility_number"]
    listed = ("UtilityNumber", "EndDevice")
    meter = WHOLE + names("E-1", "End Device")
    assert told(meter, device_identifiers=("mRID",), identifying_names=listed) == [
        "utility_number",
        "name/enddevice",
    ]


def test_values_that_name_nobody_travel_beside_the_identifiers() -> None:
    meter = "<mRID>null</mRID>" + names("S1") + names("0000", "MeterUniqueID")
    wire = report_to_wire(only(read(meter_config(meter))))
    assert [(each.scheme, each.value) for each in wire.identifiers] == [("serial_number", "S1")]
    assert [(each.scheme, each.value) for each in wire.nil_identifiers] == [
        ("mrid", "null"),
        ("name/meteruniqueid", "0000"),
    ]
