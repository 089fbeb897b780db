"""What a head-end system says, and how it writes that down: IEC 61968-9 event messages.

Four contents (MeterConfig, Linkage, EndDeviceEvents, MeterReadings) know devices and times; `write` gives
them the shape of an `EventMessage`. Source of names and order of elements: Message.xsd of IEC 61968-100 and
public samples of IEC 61968-9 edition 2, namespaces `http://iec.ch/TC57/2011/...`.

Text is assembled, not serialised from a tree: a burst must be written faster than any connector can read
it. Every value that is not made here is escaped, and a test parses all of it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never
from xml.sax.saxutils import escape, quoteattr

from hes_simulator.messages.shapes import PLAIN, Shape, dress

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from hes_simulator.park.devices import ParkDevice

# Bulk, forward, electricity, energy, kilo-Wh; the same in reverse direction.
ENERGY_READINGS: Final = (
    "0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0",
    "0.0.0.1.19.1.12.0.0.0.0.0.0.0.0.3.72.0",
)


class Verb(StrEnum):
    """Verbs of event messages: the past participles."""

    CREATED = "created"
    CHANGED = "changed"
    CLOSED = "closed"
    DELETED = "deleted"


class Lifecycle(StrEnum):
    """`deviceState` of the IEC4HES interface, as far as a head-end system says it."""

    INVENTORY = "INVENTORY"
    DISCOVERED = "DISCOVERED"
    IN_OPERATION = "IN_OPERATION"
    UPDATE_IN_PROGRESS = "UPDATE_IN_PROGRESS"
    POOR_COMMUNICATION = "POOR_COMMUNICATION"
    ERROR = "ERROR"
    REMOVED = "REMOVED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One event of one device. `written_at` replaces the time as written when the device's clock is wrong."""

    device: ParkDevice
    code: str
    at: datetime
    reason: str = ""
    details: tuple[tuple[str, str], ...] = ()
    written_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterConfig:
    """The registry message of one device. `firmware` "", `switch_connected` None: the message does not say."""

    verb: Verb
    device: ParkDevice
    status: Lifecycle
    firmware: str
    at: datetime
    switch_connected: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkage:
    """MasterDataLinkageConfig: `created` puts the device at its usage point, `closed` takes it away."""

    verb: Verb
    device: ParkDevice
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDeviceEvents:
    """Events of one or several devices in one message."""

    occurrences: tuple[Occurrence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReadings:
    """Register readings of one device in kWh, and the events that the meter handed over with them."""

    device: ParkDevice
    at: datetime
    values: tuple[float, ...]
    occurrences: tuple[Occurrence, ...] = ()


Content: TypeAlias = MeterConfig | Linkage | EndDeviceEvents | MeterReadings


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands above every content. `source` names the head-end system."""

    message_id: str
    timestamp: datetime
    source: str
    context: str = "PRODUCTION"


def message_id(stream: str, *numbers: int | str) -> str:
    """Return the MessageID of one place in a stream: the same place always has the same id."""
    key = "/".join((stream, *map(str, numbers)))
    return str(uuid.UUID(bytes=blake2b(key.encode(), digest_size=16).digest(), version=4))


def stamp(at: datetime) -> str:
    """Write a time as `2026-03-01T10:00:00.125Z`. `at` is in UTC."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def noun_of(content: Content) -> str:
    """Return Header/Noun of that content."""
    match content:
        case MeterConfig():
            return "MeterConfig"
        case Linkage():
            return "MasterDataLinkageConfig"
        case EndDeviceEvents():
            return "EndDeviceEvents"
        case MeterReadings():
            return "MeterReadings"
        case _:
            assert_never(content)


def verb_of(content: Content) -> Verb:
    """Return Header/Verb of that content."""
    match content:
        case MeterConfig() | Linkage():
            return content.verb
        case EndDeviceEvents() | MeterReadings():
            return Verb.CREATED
        case _:
            assert_never(content)


def write(header: Header, content: Content, shape: Shape = PLAIN) -> str:
    """Write the whole message as XML text with a declaration of UTF-8."""
    verb, noun = verb_of(content), noun_of(content)
    head = (
        f"<Verb>{verb}</Verb><Noun>{noun}</Noun><Revision>2.0</Revision>"
        f"<Context>{escape(header.context)}</Context><Timestamp>{stamp(header.timestamp)}</Timestamp>"
        f"<Source>{escape(header.source)}</Source><AckRequired>false</AckRequired>"
        f"<MessageID>{escape(header.message_id)}</MessageID>"
    )
    return dress(head=head, noun=noun, payload=_payload(content), shape=shape)


def _payload(content: Content) -> str:
    match content:
        case MeterConfig():
            return _meter_config(content)
        case Linkage():
            return _linkage(content)
        case EndDeviceEvents():
            return "".join(map(_event, content.occurrences))
        case MeterReadings():
            return _meter_readings(content)
        case _:
            assert_never(content)


def _name(value: str, kind: str) -> str:
    return f"<Names><name>{escape(value)}</name><NameType><name>{kind}</name></NameType></Names>"


def _meter_config(config: MeterConfig) -> str:
    device, model, at = config.device, config.device.model, stamp(config.at)
    firmware = f"<firmwareID>{escape(config.firmware)}</firmwareID>" if config.firmware else ""
    switch = (
        ""
        if config.switch_connected is None
        else "<ConnectDisconnectFunction>"
        f"<isConnected>{str(config.switch_connected).lower()}</isConnected>"
        "</ConnectDisconnectFunction>"
    )
    # Real head-end systems send the module's password along; it is here so that a test can look for it
    # where it must not be.
    secret = f"<password>secret-{device.address}</password>" if config.verb == Verb.CREATED else ""
    received = (
        f"<lifecycle><receivedDate>{at}</receivedDate></lifecycle>"
        if config.verb == Verb.CREATED
        else f"<lifecycle><removalDate>{at}</removalDate></lifecycle>"
        if config.verb == Verb.DELETED
        else ""
    )
    return (
        f"<Meter><mRID>{device.mrid}</mRID>"
        f"<ConfigurationEvents><createdDateTime>{at}</createdDateTime>"
        f"<effectiveDateTime>{at}</effectiveDateTime><reason>changeStatus</reason></ConfigurationEvents>"
        f"<amrSystem>{escape(model.technology)}</amrSystem>"
        f"{received}{_location(device)}<lotNumber>{escape(device.lot)}</lotNumber>"
        f"<serialNumber>{device.serial_number}</serialNumber><timeZoneOffset>60</timeZoneOffset>"
        f"<type>ElectricMeter</type>"
        "<ComFunction>"
        f"<amrAddress>{device.address}</amrAddress>{firmware}"
        f"<hardwareID>{device.hardware}</hardwareID>{secret}"
        f"<technology>{escape(model.technology)}</technology></ComFunction>"
        f"{switch}"
        "<EndDeviceInfo><AssetModel>"
        f"<modelNumber>{escape(model.number)}</modelNumber><modelVersion>{escape(model.version)}</modelVersion>"
        f"<Manufacturer>{_name(model.manufacturer, 'Manufacturer')}</Manufacturer></AssetModel>"
        "<capability><connectDisconnect>true</connectDisconnect><electricMetering>true</electricMetering>"
        f"</capability><phaseCount>{model.phases}</phaseCount></EndDeviceInfo>"
        f"{_name(device.serial_number, 'SerialNumber')}"
        f"<status><dateTime>{at}</dateTime><value>{config.status}</value></status>"
        # IEC4HES puts this one beside the elements of the standard.
        f"<meterUtilitySerialNumber>{device.utility_number}</meterUtilitySerialNumber></Meter>"
    )


def _location(device: ParkDevice) -> str:
    return (
        "<location><CoordinateSystem><crsUrn>urn:ogc:def:crs:EPSG::4326</crsUrn></CoordinateSystem>"
        f"<PositionPoints><sequenceNumber>1</sequenceNumber><xPosition>{device.longitude}</xPosition>"
        f"<yPosition>{device.latitude}</yPosition></PositionPoints></location>"
    )


def _linkage(linkage: Linkage) -> str:
    device = linkage.device
    return (
        f"<ConfigurationEvent><effectiveDateTime>{stamp(linkage.at)}</effectiveDateTime></ConfigurationEvent>"
        f"<Meter><mRID>{device.mrid}</mRID>{_name(device.serial_number, 'SerialNumber')}</Meter>"
        f"<UsagePoint>{_name(device.usage_point, 'UsagePointID')}"
        f"<UsagePointLocation><mainAddress><townDetail><name>{escape(device.area)}</name>"
        "</townDetail></mainAddress></UsagePointLocation></UsagePoint>"
    )


def _event(event: Occurrence, element: str = "EndDeviceEvent") -> str:
    device = event.device
    at = stamp(event.at) if event.written_at is None else escape(event.written_at)
    reason = f"<reason>{escape(event.reason)}</reason>" if event.reason else ""
    details = "".join(
        f"<EndDeviceEventDetails><name>{escape(name)}</name><value>{escape(value)}</value></EndDeviceEventDetails>"
        for name, value in event.details
    )
    return (
        f"<{element}><mRID>{message_id(device.mrid, event.code, at)}</mRID>"
        f"<createdDateTime>{at}</createdDateTime><issuerID>{device.network}</issuerID>{reason}"
        f"<Assets><mRID>{device.mrid}</mRID>{_name(device.serial_number, 'SerialNumber')}</Assets>"
        f"{details}<EndDeviceEventType ref={quoteattr(event.code)}/></{element}>"
    )


def _meter_readings(readings: MeterReadings) -> str:
    device, at = readings.device, stamp(readings.at)
    values = "".join(
        f"<Readings><timeStamp>{at}</timeStamp><value>{value:.3f}</value>"
        f'<ReadingType ref="{kind}"/></Readings>'
        for value, kind in zip(readings.values, ENERGY_READINGS, strict=False)
    )
    return (
        f"<MeterReading>{_events_inside(readings.occurrences)}"
        f"<Meter><mRID>{device.mrid}</mRID>{_name(device.serial_number, 'SerialNumber')}</Meter>"
        f"{values}</MeterReading>"
    )


def _events_inside(occurrences: Iterable[Occurrence]) -> str:
    return "".join(_event(occurrence, "EndDeviceEvents") for occurrence in occurrences)
