"""Messages as a head-end system writes them, for tests that say exactly what was said."""

from datetime import UTC, datetime

ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message">
  <Header>
    <Verb>{verb}</Verb><Noun>{noun}</Noun><Revision>2.0</Revision>
    <Timestamp>{at}</Timestamp><Source>HES-north</Source>{message_id}
  </Header>
  <Payload>{payload}</Payload>
</EventMessage>
"""

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _envelope(verb: str, noun: str, payload: str, message_id: str) -> str:
    return ENVELOPE.format(
        verb=verb,
        noun=noun,
        payload=payload,
        at=NOON.isoformat(),
        message_id=f"<MessageID>{message_id}</MessageID>" if message_id else "",
    )


def _names(serial: str) -> str:
    return f"<Names><name>{serial}</name><NameType><name>SerialNumber</name></NameType></Names>"


def events(*told: tuple[str, str, datetime], message_id: str = "") -> str:
    """EndDeviceEvents of (serial number, code, occurred at)."""
    inside = "".join(
        f"<EndDeviceEvent><createdDateTime>{at.isoformat()}</createdDateTime>"
        f"<Assets>{_names(serial) if serial else ''}</Assets>"
        f'<EndDeviceEventType ref="{code}"/></EndDeviceEvent>'
        for serial, code, at in told
    )
    payload = f'<EndDeviceEvents xmlns="http://iec.ch/TC57/2011/EndDeviceEvents#">{inside}</EndDeviceEvents>'
    return _envelope("created", "EndDeviceEvents", payload, message_id)


def meter_config(
    serial: str,
    status: str,
    *,
    message_id: str = "",
    noun: str = "MeterConfig",
    place: tuple[float, float] | None = None,
    area: str = "",
) -> str:
    """``place`` is latitude and longitude."""
    location = ""
    if area:
        location += f"<mainAddress><townDetail><name>{area}</name></townDetail></mainAddress>"
    if place is not None:
        x, y = place[1], place[0]
        location += (
            f"<PositionPoints><xPosition>{x}</xPosition><yPosition>{y}</yPosition></PositionPoints>"
        )
    if location:
        location = f"<location>{location}</location>"
    payload = (
        '<MeterConfig xmlns="http://iec.ch/TC57/2011/MeterConfig#"><Meter>'
        f"{_names(serial)}<serialNumber>{serial}</serialNumber>"
        "<ComFunction><technology>PLC G3</technology><password>secret-4711</password></ComFunction>"
        f"{location}<status><value>{status}</value></status>"
        "</Meter></MeterConfig>"
    )
    return _envelope("created", noun, payload, message_id)


def linkage(serial: str, usage_point: str, *, verb: str = "created", child: str = "") -> str:
    """``child`` is the serial number of a device behind the meter."""
    behind = f"<EndDevice>{_names(child)}</EndDevice>" if child else ""
    payload = (
        '<MasterDataLinkageConfig xmlns="http://iec.ch/TC57/2011/MasterDataLinkageConfig#">'
        f"<ConfigurationEvent><effectiveDateTime>{NOON.isoformat()}</effectiveDateTime></ConfigurationEvent>"
        f"<Meter>{_names(serial)}</Meter>{behind}<UsagePoint><mRID>{usage_point}</mRID></UsagePoint>"
        "</MasterDataLinkageConfig>"
    )
    return _envelope(verb, "MasterDataLinkageConfig", payload, "")


def readings(serial: str, at: datetime) -> str:
    payload = (
        '<MeterReadings xmlns="http://iec.ch/TC57/2011/MeterReadings#"><MeterReading>'
        f"<Meter>{_names(serial)}</Meter>"
        f"<Readings><timeStamp>{at.isoformat()}</timeStamp><value>17.3</value>"
        '<ReadingType ref="0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0"/></Readings>'
        "</MeterReading></MeterReadings>"
    )
    return _envelope("created", "MeterReadings", payload, "")


def customer_news(text: str) -> str:
    """A noun that the connector does not know."""
    payload = f'<CustomerNews xmlns="http://iec.ch/TC57/2011/CustomerNews#"><item>{text}</item></CustomerNews>'
    return _envelope("created", "CustomerNews", payload, "")
