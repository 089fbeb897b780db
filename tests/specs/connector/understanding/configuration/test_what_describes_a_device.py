"""What a configuration says of a device beside its identity, its model and its facets."""

from __future__ import annotations

import pytest

from iec_connector.understanding import Configuration, Reason
from tests.specs.connector.understanding.samples import (
    configuration_of,
    message,
    meter_config,
    names,
    read,
)


def config(meter: str, *, more: str = "") -> str:
    return message(meter_config(names() + meter, more=more), verb="changed", noun="MeterConfig")


def said(meter: str) -> Configuration:
    return configuration_of(config(meter))


def test_reasons_remarks_and_the_author_of_a_change_are_kept() -> None:
    content = said(
        "<ConfigurationEvents><createdDateTime>2026-02-01T00:00:00Z</createdDateTime>"
        "<modifiedBy>field crew 7</modifiedBy><reason>exchange</reason><remark>old cover</remark>"
        "</ConfigurationEvents>"
        "<status><value>Active</value><reason>tested</reason><remark>twice</remark></status>"
    )
    assert (content.status_reason, content.status_remark) == ("tested", "twice")
    assert (content.change_reason, content.change_remark) == ("exchange", "old cover")
    assert content.change_author == "field crew 7"


def test_seals_are_listed_with_their_condition() -> None:
    content = said(
        "<Seals><sealNumber>A18</sealNumber><condition>broken</condition></Seals>"
        "<Seals><sealNumber>A17</sealNumber><condition>locked</condition><kind>lead</kind></Seals>"
    )
    assert content.seals == "A17 locked, A18 broken"


def test_addresses_are_read_from_electronic_addresses_modules_and_names() -> None:
    content = said(
        "<electronicAddress><mac>00:1e:c0:11:22:33</mac><radio>R-7</radio><lan>10.1.2.3</lan>"
        "<password>hunter2</password></electronicAddress>"
        "<ComModule><IMEI>356938035643809</IMEI></ComModule>"
        + names("8941000000000000001", "SIM ICCID")
        + names("+41790000000", "MSISDN")
    )
    assert content.mac_address == "00:1e:c0:11:22:33"
    assert (content.radio_address, content.ip_address) == ("R-7", "10.1.2.3")
    assert content.iccid == "8941000000000000001"
    assert (content.phone_number, content.imei) == ("+41790000000", "356938035643809")
    assert "hunter2" not in str(content)


def test_ratings_multipliers_form_and_capabilities_are_read() -> None:
    content = said(
        "<formNumber>2S</formNumber>"
        "<EndDeviceInfo><phaseCount>3</phaseCount><ratedCurrent><multiplier>none</multiplier>"
        "<unit>A</unit><value>100</value></ratedCurrent><ratedVoltage>230</ratedVoltage>"
        "<capability><connectDisconnect>true</connectDisconnect><gasMetering>false</gasMetering>"
        "<outageHistory>1</outageHistory></capability></EndDeviceInfo>"
        "<MeterMultipliers><kind>kE</kind><value>7.2</value></MeterMultipliers>"
        "<MeterMultipliers><kind>ctRatio</kind><value>20</value></MeterMultipliers>"
    )
    assert (content.rated_current, content.rated_voltage) == ("100 A", "230")
    assert (content.phase_count, content.form_number) == ("3", "2S")
    assert content.multipliers == "ctRatio=20, kE=7.2"
    assert content.capabilities == "connectDisconnect, outageHistory"


def test_a_device_that_can_nothing_is_said_to_be_able_of_none() -> None:
    content = said(
        "<EndDeviceInfo><capability><outageHistory>false</outageHistory></capability></EndDeviceInfo>"
    )
    assert content.capabilities == "none"


def test_ids_arm_state_and_count_of_functions_are_read() -> None:
    content = said(
        "<ConnectDisconnectFunction><eventCount>12</eventCount><rcdInfo><isArmConnect>true"
        "</isArmConnect><isArmDisconnect>false</isArmDisconnect></rcdInfo></ConnectDisconnectFunction>"
        "<SimpleEndDeviceFunction><configID>C7</configID><programID>P1</programID>"
        "</SimpleEndDeviceFunction>"
    )
    assert (content.switch_arm_state, content.switch_operation_count) == ("connect", "12")
    assert (content.configuration_id, content.program_id) == ("C7", "P1")


def test_the_module_has_its_own_firmware_beside_the_meter() -> None:
    content = said(
        "<ComFunction><firmwareID>9.1</firmwareID><amrRouter>GATEWAY-1</amrRouter></ComFunction>"
        "<ComModule><serialNumber>CM-1</serialNumber><AssetModel><modelNumber>G3</modelNumber>"
        "<Manufacturer><name>ACME</name></Manufacturer></AssetModel></ComModule>"
        "<SimpleEndDeviceFunction><firmwareID>4.0</firmwareID></SimpleEndDeviceFunction>"
    )
    assert content.firmware_version == "communication=9.1, meter=4.0"
    assert (content.module_firmware_version, content.module_serial_number) == ("9.1", "CM-1")
    assert (content.module_model, content.module_manufacturer) == ("G3", "ACME")
    assert content.parent == "GATEWAY-1"


@pytest.mark.parametrize("place", ["Location", "ServiceLocation", "UsagePoint/UsagePointLocation"])
def test_coordinates_and_address_are_read_wherever_the_location_stands(place: str) -> None:
    opened = "".join(f"<{name}>" for name in place.split("/"))
    closed = "".join(f"</{name}>" for name in reversed(place.split("/")))
    content = said(
        f"{opened}<mainAddress><postalCode>8001</postalCode><streetDetail><name>Bahnhofstrasse</name>"
        "<number>1</number></streetDetail><townDetail><name>Zürich</name><country>CH</country>"
        "</townDetail></mainAddress><CoordinateSystem><crsUrn>urn:ogc:def:crs:EPSG::4326</crsUrn>"
        "</CoordinateSystem><PositionPoints><sequenceNumber>2</sequenceNumber><xPosition>9</xPosition>"
        "<yPosition>48</yPosition></PositionPoints><PositionPoints><sequenceNumber>1</sequenceNumber>"
        "<xPosition>8.5417</xPosition><yPosition>+47.3769</yPosition><zPosition>408</zPosition>"
        f"</PositionPoints>{closed}"
    )
    assert (content.latitude, content.longitude, content.altitude) == ("47.3769", "8.5417", "408")
    assert content.street_address == "Bahnhofstrasse 1, 8001 Zürich, CH"


def points(x: str, y: str, system: str = "") -> str:
    named = f"<CoordinateSystem><crsUrn>{system}</crsUrn></CoordinateSystem>" if system else ""
    return (
        f"<Location>{named}<PositionPoints><xPosition>{x}</xPosition><yPosition>{y}</yPosition>"
        "</PositionPoints></Location>"
    )


def test_coordinates_of_another_system_are_kept_as_they_are() -> None:
    content = said(points("2683000", "1248000", "EPSG:2056"))
    assert content.grid_position == "x=2683000 y=1248000 (EPSG:2056)"
    assert (content.latitude, content.longitude) == ("", "")
    assert said(points("2683000", "1248000")).grid_position == "x=2683000 y=1248000"


def test_degrees_lose_zeros_in_front_so_that_the_hub_takes_them() -> None:
    fraction = "1" * 15
    content = said(points(f"-000000008.{fraction}", f"+000000047.{fraction}"))
    assert (content.latitude, content.longitude) == (f"47.{fraction}", f"-8.{fraction}")
    content = said(points("0.50", "-00.007", "WGS84"))
    assert (content.latitude, content.longitude) == ("-0.007", "0.50")


def test_a_position_of_zeros_is_not_known() -> None:
    content = said(points("0.0", "0"))
    assert (content.latitude, content.longitude, content.grid_position) == ("", "", "")


@pytest.mark.parametrize(
    "place",
    [
        points("8.5", "95.0", "WGS84"),
        points("NaN", "47", "EPSG:4326"),
        "<Location><latitude>47.3</latitude></Location>",
        "<latitude>north</latitude><longitude>8.5</longitude>",
    ],
)
def test_degrees_that_are_none_are_a_problem_beside_the_rest(place: str) -> None:
    understood = read(config("<formNumber>2S</formNumber>" + place))
    [problem] = understood.problems
    assert problem.reason is Reason.LOCATION_INVALID
    assert "/MeterConfig/Meter" in problem.place
    [report] = understood.reports
    assert isinstance(report.content, Configuration)
    assert (report.content.form_number, report.content.latitude) == ("2S", "")


def test_texts_are_bounded_like_all_others() -> None:
    seals = "".join(f"<Seals><sealNumber>{n:0200d}</sealNumber></Seals>" for n in range(500))
    assert len(said(seals).seals) == 2_000
