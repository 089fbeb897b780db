"""Messages and a source for these tests, written from what is known of real feeds."""

from __future__ import annotations

import base64
import gzip
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from iec_connector.understanding import (
    Configuration,
    DeviceEvent,
    FixedNetwork,
    Report,
    Source,
    Understood,
    Unreadable,
    load_event_codes,
    understand,
)

MESSAGES = Path(__file__).parent / "messages"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MESSAGE = "http://iec.ch/TC57/2011/schema/message"
NORTH = Source(name="hes-north", network=FixedNetwork(network="north"), codes=load_event_codes())

# A system of record that publishes by requests, as SAP does.
OF_RECORD = replace(NORTH, requests_are_facts=True)


def source(**changes: Any) -> Source:
    return replace(NORTH, **changes)


def read(body: str | bytes, of: Source = NORTH, **arguments: str) -> Understood:
    return understand(body, of, received_at=NOW, **arguments)


def read_file(name: str, of: Source = NORTH) -> Understood:
    return read((MESSAGES / name).read_bytes(), of)


def refused(body: str | bytes, of: Source = NORTH, **arguments: str) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read(body, of, **arguments)
    return caught.value


def only(understood: Understood) -> Report:
    assert understood.problems == ()
    (report,) = understood.reports
    return report


def event_of(body: str | bytes, of: Source = NORTH) -> DeviceEvent:
    content = only(read(body, of)).content
    assert isinstance(content, DeviceEvent)
    return content


def configuration_of(body: str | bytes, of: Source = NORTH) -> Configuration:
    content = only(read(body, of)).content
    assert isinstance(content, Configuration)
    return content


def names(value: str = "100200300", kind: str = "SerialNumber") -> str:
    return f"<Names><name>{value}</name><NameType><name>{kind}</name></NameType></Names>"


def event(
    *,
    device: str = f"<Assets>{names()}</Assets>",
    time: str = "<createdDateTime>2026-02-28T09:15:00Z</createdDateTime>",
    kind: str = '<EndDeviceEventType ref="3.26.0.85"/>',
    more: str = "",
) -> str:
    return f"<EndDeviceEvent>{time}{device}{more}{kind}</EndDeviceEvent>"


def events(*each: str) -> str:
    inside = "".join(each) or event()
    return f'<EndDeviceEvents xmlns="http://iec.ch/TC57/2011/EndDeviceEvents#">{inside}</EndDeviceEvents>'


def meter_config(*meters: str, more: str = "") -> str:
    inside = "".join(f"<Meter>{meter}</Meter>" for meter in meters)
    return f'<MeterConfig xmlns="http://iec.ch/TC57/2011/MeterConfig#">{more}{inside}</MeterConfig>'


def linkage(inside: str) -> str:
    return (
        '<MasterDataLinkageConfig xmlns="http://iec.ch/TC57/2011/MasterDataLinkageConfig#">'
        f"{inside}</MasterDataLinkageConfig>"
    )


def readings(*each: str) -> str:
    inside = "".join(f"<MeterReading>{one}</MeterReading>" for one in each)
    return f'<MeterReadings xmlns="http://iec.ch/TC57/2011/MeterReadings#">{inside}</MeterReadings>'


def header(
    verb: str = "created", noun: str = "EndDeviceEvents", more: str = "<MessageID>m-1</MessageID>"
) -> str:
    return f"<Header><Verb>{verb}</Verb><Noun>{noun}</Noun>{more}</Header>"


def message(
    payload: str,
    *,
    verb: str = "created",
    noun: str = "EndDeviceEvents",
    root: str = "EventMessage",
    namespace: str = MESSAGE,
    more: str = "<MessageID>m-1</MessageID>",
) -> str:
    head = header(verb, noun, more)
    return f'<{root} xmlns="{namespace}">{head}<Payload>{payload}</Payload></{root}>'


def compressed(payload: str | bytes) -> str:
    data = payload.encode() if isinstance(payload, str) else payload
    return f"<Compressed>{base64.b64encode(gzip.compress(data)).decode()}</Compressed>"


def etree_of(text: str) -> etree._Element:
    return etree.fromstring(text)
