"""Shapes in which other systems and editions say the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from iec_connector.understanding import (
    Configuration,
    Contact,
    Lifecycle,
    Meaning,
    Reason,
)
from tests.specs.connector.understanding.samples import (
    configuration_of,
    event,
    event_of,
    events,
    message,
    meter_config,
    names,
    only,
    read,
    readings,
    refused,
    source,
)

BY_MRID = source(device_identifiers=("SerialNumber", "mRID", "*"))
RUNS = "<Firmware><version>2.4</version><status><value>active</value></status></Firmware>"
DEVICE = f"<EndDevice>{names()}</EndDevice>"


def said(noun: str, inside: str) -> str:
    return message(f"<{noun}>{inside}</{noun}>", verb="changed", noun=noun)


def meter(more: str) -> Configuration:
    payload = meter_config(f"<serialNumber>100200300</serialNumber>{more}")
    return configuration_of(message(payload, noun="MeterConfig"))


@pytest.mark.parametrize(
    "inside",
    [
        f"<EndDeviceFirmware>{DEVICE}<Firmware><firmwareVersion>2.4</firmwareVersion></Firmware></EndDeviceFirmware>",
        f"{DEVICE}<Firmware><version>2.4</version></Firmware>",
        f"<Firmware><Names><name>2.4</name></Names>{DEVICE}</Firmware>",
        f"<EndDevice>{names()}<FirmwareImage><imageVersion>2.4</imageVersion></FirmwareImage></EndDevice>",
        f"<EndDevice>{names()}<EndDeviceInfo><firmwareVersion>2.4</firmwareVersion></EndDeviceInfo></EndDevice>",
        f"<Meter>{names()}<SimpleEndDeviceFunction><firmwareID>2.4</firmwareID></SimpleEndDeviceFunction></Meter>",
        f"<EndDevice>{names()}<Firmwares><Firmware><version>2.4</version></Firmware></Firmwares></EndDevice>",
        f"<Meter>{names()}<Firmware><version>2.5</version><status><value>staged</value></status></Firmware>{RUNS}</Meter>",
    ],
)
def test_the_firmware_that_runs_is_found_wherever_it_stands(inside: str) -> None:
    configuration = configuration_of(said("EndDeviceFirmware", inside))
    assert configuration == Configuration(firmware_version="2.4")


def test_of_several_firmwares_beside_a_device_none_is_guessed() -> None:
    two = "".join(f"<Firmware><version>{each}</version></Firmware>" for each in (1, 2))
    unreadable = refused(said("EndDeviceFirmware", DEVICE + two))
    assert unreadable.reason is Reason.PAYLOAD_MISSING


def test_the_device_and_its_module_each_have_their_firmware() -> None:
    inside = (
        f"<EndDevice>{names()}<SimpleEndDeviceFunction><firmwareID>m1</firmwareID></SimpleEndDeviceFunction>"
        "<ComFunction><firmwareID>c1</firmwareID></ComFunction></EndDevice>"
    )
    configuration = configuration_of(said("EndDeviceFirmware", inside))
    assert configuration.firmware_version == "m1"
    assert configuration.module_firmware_version == "c1"


@pytest.mark.parametrize(
    "more",
    [
        "<EndDeviceInfo><firmwareVersion>2.4</firmwareVersion></EndDeviceInfo>",
        "<softwareVersion>2.4</softwareVersion>",
    ],
)
def test_a_configuration_tells_its_firmware_in_other_places(more: str) -> None:
    assert meter(more).firmware_version == "2.4"


def test_a_module_tells_its_router_and_addresses_in_its_function() -> None:
    inside = (
        f"<ComModule><mRID>C-1</mRID><electronicAddress><ipv4>10.1.1.1</ipv4></electronicAddress>"
        f"<ComFunction><amrRouter>GW-1</amrRouter><firmwareID>3</firmwareID></ComFunction>{DEVICE}</ComModule>"
    )
    configuration = configuration_of(said("ComModuleConfig", inside))
    assert configuration.parent == "GW-1"
    assert configuration.ip_address == "10.1.1.1"
    assert configuration.module_firmware_version == "3"


@pytest.mark.parametrize(
    ("more", "lifecycle"),
    [
        ("<deploymentState>removed</deploymentState>", Lifecycle.REMOVED),
        (
            "<Deployment><deploymentState>installed</deploymentState></Deployment>",
            Lifecycle.IN_OPERATION,
        ),
        ("<inUseState>readyForUse</inUseState>", Lifecycle.INVENTORY),
        ("<lifecycleState>retired</lifecycleState>", Lifecycle.REMOVED),
        (
            "<inUseState>inUse</inUseState><status><value>inStock</value></status>",
            Lifecycle.INVENTORY,
        ),
    ],
)
def test_the_states_of_an_asset_tell_its_life_where_no_status_does(
    more: str, lifecycle: Lifecycle
) -> None:
    assert meter(more).lifecycle is lifecycle


def test_the_dates_of_edition_3_are_read() -> None:
    configuration = meter(
        "<lifecycleDate><installationDate>2026-02-01</installationDate></lifecycleDate>"
    )
    assert configuration.life_dates == {"installationDate": "2026-02-01"}


@pytest.mark.parametrize(
    ("word", "lifecycle"),
    [
        ("AVLB", Lifecycle.INVENTORY),
        ("INST", Lifecycle.IN_OPERATION),
        ("RemovedFromField", Lifecycle.REMOVED),
        ("Failed_Commissioning", Lifecycle.ERROR),
        ("logicallyDisconnected", Lifecycle.UNSPECIFIED),
    ],
)
def test_words_of_asset_systems_tell_the_life(word: str, lifecycle: Lifecycle) -> None:
    assert meter(f"<status><value>{word}</value></status>").lifecycle is lifecycle


def test_the_last_day_that_there_is_means_never() -> None:
    payload = meter_config(
        "<serialNumber>100200300</serialNumber><ConfigurationEvents><effectiveDateTime>9999-12-31T23:59:59Z"
        "</effectiveDateTime></ConfigurationEvents><status><value>Active</value></status>"
    )
    more = "<Timestamp>2026-02-28T10:00:00Z</Timestamp>"
    report = only(read(message(payload, noun="MeterConfig", more=more)))
    assert report.occurred_at == datetime(2026, 2, 28, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "device", ['<Meter ref="D7"/>', '<Meter ref="urn:uuid:D7"/>', "<EndDevice>D7</EndDevice>"]
)
def test_a_device_may_be_referred_to(device: str) -> None:
    payload = readings(f"{device}<Readings><value>1</value></Readings>")
    report = only(read(message(payload, noun="MeterReadings"), BY_MRID))
    assert report.device_identifier == "D7"
    assert report.content == Contact(reading_count=1)


def test_a_reference_into_the_document_is_no_device() -> None:
    payload = readings('<Meter ref="#m1"/><Readings><value>1</value></Readings>')
    unreadable = refused(message(payload, noun="MeterReadings"), BY_MRID)
    assert unreadable.reason is Reason.DEVICE_MISSING


def test_assets_may_hold_a_list() -> None:
    assets = "".join(f"<Asset>{names(each)}</Asset>" for each in ("1", "2"))
    understood = read(message(events(event(device=f"<Assets>{assets}</Assets>"))))
    assert [report.device_identifier for report in understood.reports] == ["1", "2"]


def test_edition_1_writes_the_code_as_the_events_category() -> None:
    kind, time = "<category>3.26.0.85</category>", "<createdOn>2026-02-28T09:15:00Z</createdOn>"
    report = only(read(message(events(event(kind=kind, time=time)))))
    assert report.occurred_at == datetime(2026, 2, 28, 9, 15, tzinfo=UTC)
    assert event_of(message(events(event(kind=kind)))).meaning is Meaning.POWER_LOST
    words = refused(message(events(event(kind="<category>power</category>"))))
    assert words.reason is Reason.EVENT_TYPE_MISSING


@pytest.mark.parametrize(
    "code",
    ["#3.26.0.85", "urn:x:3.26.0.85", "http://x.example/codes#3.26.0.85", "3#26#0#85", "3:26:0:85"],
)
def test_a_code_is_known_in_other_spellings_and_kept_as_written(code: str) -> None:
    said = event_of(message(events(event(kind=f'<EndDeviceEventType ref="{code}"/>'))))
    assert said.meaning is Meaning.POWER_LOST
    assert said.code == code


@pytest.mark.parametrize(
    "quality",
    [
        '<ReadingQualityType ref="urn:1.4.129"/>',
        "<ReadingQualityType><Names><name>2.5.259</name></Names></ReadingQualityType>",
    ],
)
def test_a_quality_is_known_in_other_spellings(quality: str) -> None:
    value = f"<Readings><value>1</value><ReadingQualities>{quality}</ReadingQualities></Readings>"
    understood = read(message(readings(f"<Meter>{names()}</Meter>{value}"), noun="MeterReadings"))
    assert understood.reports == ()
    assert understood.passed_over == {"readings_without_contact": 1}
