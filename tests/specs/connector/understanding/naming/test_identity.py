"""Which device, and which network, a message is about."""

from __future__ import annotations

import pytest

from iec_connector.understanding import (
    HEADER_SOURCE,
    NAME_TYPE_AUTHORITY,
    PROPERTY,
    NetworkByDestination,
    NetworkInMessage,
    Reason,
    is_network,
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


@pytest.mark.parametrize(
    ("meter", "identifier"),
    [
        (names("S1") + names("M1", "MeterUniqueID") + "<mRID>U1</mRID>", "S1"),
        (names("S1", "serialnumber"), "S1"),
        (names("S1", "Serial Number"), "S1"),
        ("<mRID>U1</mRID><serialNumber>S1</serialNumber>", "S1"),
        (names("M1", "MeterUniqueID") + "<mRID>U1</mRID>", "M1"),
        ("<mRID>U1</mRID>" + names("X", "MeteringLocation"), "U1"),
        ("<mRID>?</mRID>" + names("X", "MeteringLocation"), "X"),
        (names("X", "EndDeviceNameType"), "X"),
        ("<Names><name>X</name></Names>", "X"),
        ("<name>X</name>", "X"),
        (names("X", "A") + names("X", "B"), "X"),
        ("<Names><name> 007 </name><NameType>SerialNumber</NameType></Names>", "007"),
        (
            "<Names><Name><name>S1</name><NameType><name>SerialNumber</name></NameType></Name></Names>",
            "S1",
        ),
        (
            (
                "<Names><name>L1</name><NameType><name>MeteringLocation</name></NameType>"
                "<name>S1</name><NameType><name>SerialNumber</name></NameType></Names>"
            ),
            "S1",
        ),
        (
            "<Names><name>S1</name><name>S1</name><NameType><name>SerialNumber</name></NameType></Names>",
            "S1",
        ),
        (names("名-1 ü"), "名-1 ü"),
    ],
)
def test_a_device_is_told_by_the_best_name_it_has(meter: str, identifier: str) -> None:
    assert only(read(meter_config(meter))).device_identifier == identifier


@pytest.mark.parametrize(
    ("meter", "reason"),
    [
        ("", Reason.DEVICE_MISSING),
        ("<mRID/><serialNumber>?</serialNumber>", Reason.DEVICE_MISSING),
        (names("X", "A") + names("Y", "B"), Reason.DEVICE_MISSING),
        (names("S1") + names("S2"), Reason.DEVICE_INVALID),
        (names("A/1"), Reason.DEVICE_INVALID),
        (names("A&#9;1"), Reason.DEVICE_INVALID),
        (names("A\u200b1"), Reason.DEVICE_INVALID),
        (names("x" * 129), Reason.DEVICE_INVALID),
    ],
)
def test_a_device_that_cannot_be_told_is_refused(meter: str, reason: Reason) -> None:
    unreadable = refused(meter_config(meter))
    assert unreadable.reason is reason
    assert unreadable.place == "/MeterConfig/Meter, line 1"


def test_a_missing_device_says_what_was_looked_for_and_what_was_there() -> None:
    detail = refused(meter_config(names("X", "A") + names("Y", "B"))).detail
    assert detail == (
        "Meter names no device by SerialNumber, MeterUniqueID, mRID, any single name; it has names of type A, B"
    )


def test_a_strict_source_takes_nothing_but_its_own_identifier() -> None:
    strict = source(device_identifiers=("mRID",))
    assert only(read(meter_config(names() + "<mRID>U1</mRID>"), strict)).device_identifier == "U1"
    assert refused(meter_config(names()), strict).reason is Reason.DEVICE_MISSING


def test_any_name_type_can_be_the_identifier() -> None:
    of = source(device_identifiers=("MeteringLocation",))
    meter = names() + names("L1", "meteringLocation")
    assert only(read(meter_config(meter), of)).device_identifier == "L1"


@pytest.mark.parametrize(
    ("destination", "network"),
    [
        ("queue://IEC20_PUSH", "north"),
        ("IEC20_PUSH", "north"),
        ("topic://IEC20_OUT_7", "out"),
        ("IEC20_OUT_south", "south"),
    ],
)
def test_the_destination_may_tell_the_network(destination: str, network: str) -> None:
    rule = NetworkByDestination(
        networks={"queue://IEC20_PUSH": "north", "IEC20_OUT_*": "out", "IEC20_OUT_south": "south"}
    )
    understood = read(message(events()), source(network=rule), destination=destination)
    assert (understood.network, understood.reports[0].network) == (network, network)


def test_a_destination_that_is_not_configured_names_no_network() -> None:
    rule = NetworkByDestination(networks={"IEC20_PUSH": "north"})
    unreadable = refused(message(events()), source(network=rule), destination="queue://OTHER")
    assert unreadable.reason is Reason.NETWORK_UNKNOWN
    assert "queue://OTHER" in unreadable.detail


def test_the_headers_source_may_tell_the_network() -> None:
    rule = NetworkInMessage(place=HEADER_SOURCE, spellings={"HES Nord": "north"})
    assert (
        read(message(events(), more="<Source>HES Nord</Source>"), source(network=rule)).network
        == "north"
    )
    assert (
        read(message(events(), more="<Source>SOUTH</Source>"), source(network=rule)).network
        == "south"
    )


def test_a_property_may_tell_the_network() -> None:
    rule = NetworkInMessage(place=PROPERTY, name="Network", allowed=frozenset({"north"}))
    told = "<Property><Name>network</Name><Value>{}</Value></Property>"
    of = source(network=rule)
    assert read(message(events(), more=told.format("North")), of).network == "north"
    assert (
        refused(message(events(), more=told.format("south")), of).reason
        is Reason.NETWORK_NOT_ALLOWED
    )
    assert (
        refused(message(events(), more=told.format("no/net")), of).reason is Reason.NETWORK_UNKNOWN
    )
    assert refused(message(events(), more=""), of).reason is Reason.NETWORK_UNKNOWN


def test_the_authority_of_a_name_may_tell_the_network_of_each_device() -> None:
    def device(identifier: str, authority: str) -> str:
        kind = f"<name>SerialNumber</name><NameTypeAuthority><name>{authority}</name></NameTypeAuthority>"
        return (
            f"<Assets><Names><name>{identifier}</name><NameType>{kind}</NameType></Names></Assets>"
        )

    of = source(
        network=NetworkInMessage(place=NAME_TYPE_AUTHORITY, allowed=frozenset({"north", "south"}))
    )
    body = message(
        events(*(event(device=device("1", each)) for each in ("North", "south", "west")))
    )
    understood = read(body, of)
    assert understood.network == ""
    assert [report.network for report in understood.reports] == ["north", "south"]
    (problem,) = understood.problems
    assert problem.reason is Reason.NETWORK_NOT_ALLOWED
    assert problem.place == "/EventMessage/Payload/EndDeviceEvents/EndDeviceEvent[3], line 1"


def test_network_names_are_checked() -> None:
    assert is_network("north-1")
    assert not any(is_network(name) for name in ("", "North", "-x", "a" * 64, "a/b", "a\n"))
