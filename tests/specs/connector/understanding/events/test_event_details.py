"""What an event says beside device, code and time: definitions of its type, details of any shape."""

from __future__ import annotations

import pytest

from iec_connector.understanding import Configuration, Meaning
from tests.specs.connector.understanding.samples import (
    configuration_of,
    event,
    event_of,
    events,
    linkage,
    message,
    meter_config,
    names,
    only,
    read,
    readings,
)

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
DEFINITION = (
    "<EndDeviceEventType><mRID>T9</mRID><type>3</type><domain>26</domain><subDomain>0</subDomain>"
    "<eventOrAction>85</eventOrAction><description>mains off</description></EndDeviceEventType>"
)
REFERS = event(kind='<EndDeviceEventType ref="{}"/>')


@pytest.mark.parametrize("ref", ["T9", "#T9", "urn:uuid:T9"])
@pytest.mark.parametrize("place", ["beside", "behind", "readings", "reading", "payload", "inner"])
def test_a_definition_is_found_wherever_it_stands(place: str, ref: str) -> None:
    one = REFERS.format(ref)
    inside = readings(f"<Meter>{names()}</Meter>{one}")
    bodies = {
        "beside": message(events(DEFINITION, one)),
        "behind": message(events(one, DEFINITION)),
        "readings": message(inside.replace("<MeterReading>", f"{DEFINITION}<MeterReading>", 1)),
        "reading": message(inside.replace("<Meter>", f"{DEFINITION}<Meter>", 1)),
        "payload": message(f"<Definitions>{DEFINITION}</Definitions>{events(one)}"),
        "inner": message(events(one.replace('ref="T9"/>', 'ref="T9"/>'), DEFINITION)),
    }
    understood = read(bodies[place])
    (report,) = understood.reports
    assert report.content.meaning is Meaning.POWER_LOST  # type: ignore[union-attr]
    assert report.content.details["description"] == "mains off"  # type: ignore[union-attr]


def test_a_code_in_numbers_refers_to_nothing() -> None:
    odd = DEFINITION.replace("T9", "3.26.0.216")
    assert event_of(
        message(events(odd, event(kind='<EndDeviceEventType ref="3.26.0.216"/>')))
    ).code == ("3.26.0.216")


def test_names_and_description_of_the_type_are_kept() -> None:
    kind = (
        '<EndDeviceEventType ref="3.26.0.85"><description>fuse blown</description>'
        "<Names><name>11.3.3</name><NameType><name>REN6025</name></NameType></Names></EndDeviceEventType>"
    )
    details = event_of(message(events(event(kind=kind)))).details
    assert details == {"description": "fuse blown", "REN6025": "11.3.3"}


def detail(inside: str) -> str:
    return f"<EndDeviceEventDetails>{inside}</EndDeviceEventDetails>"


@pytest.mark.parametrize(
    ("inside", "kept"),
    [
        ("<name>a</name><value>1</value>", {"a": "1"}),
        ("<name>a</name>", {"a": ""}),
        ("<name>a</name><value/>", {"a": ""}),
        ("<value>1</value>", {"detail": "1"}),
        ("free text", {"detail": "free text"}),
        (
            "<name>a</name><value><multiplier>none</multiplier><unit>none</unit><value>4.2</value></value>",
            {"a": "4.2"},
        ),
        (
            "<name>U</name><value><multiplier>k</multiplier><unit>V</unit><value>23</value></value>",
            {"U": "23 kV"},
        ),
        ("<name>U</name><value>230</value><unit>V</unit>", {"U": "230 V"}),
        ("<name>U</name><value><value>230</value></value>", {"U": "230"}),
        ("<name>p</name><value><x>1</x><y><z>2</z></y></value>", {"p": "x=1, z=2"}),
        ("<name>p</name><value>1</value><comment>odd</comment>", {"p": "1", "p.comment": "odd"}),
        ("<code>12</code>", {"code": "12"}),
        ("<name>a</name><value>1</value><value>2</value>", {"a": "1, 2"}),
        ("<name>securityKey</name><value><a>77</a></value>", {"securityKey": "(removed)"}),
        ("<name>p</name><value><pin>77</pin></value>", {"p": "pin=(removed)"}),
    ],
)
def test_a_detail_of_any_shape_is_kept_as_text(inside: str, kept: dict[str, str]) -> None:
    assert event_of(message(events(event(more=detail(inside))))).details == kept


def test_a_version_with_a_structure_is_a_version() -> None:
    more = detail(
        "<name>newFirmwareVersion</name><value><unit>none</unit><value>4.2.1</value></value>"
    )
    kind = '<EndDeviceEventType ref="3.11.283.4"/>'
    assert event_of(message(events(event(kind=kind, more=more)))).firmware_version == "4.2.1"


def test_the_attributes_of_xml_schema_are_no_data() -> None:
    meter = f"<serialNumber xsi:type='x'>S1</serialNumber>{names('N-7', 'M')}".replace(
        "<Names>", '<Names xsi:type="m:Name">'
    )
    body = message(meter_config(meter), noun="MeterConfig").replace(
        "<Meter>", f'<Meter {XSI} xsi:type="m:Meter" xsi:schemaLocation="a b">'
    )
    content = configuration_of(body)
    assert isinstance(content, Configuration)
    assert (content.device_type, content.serial_number) == ("", "S1")
    assert dict(content.names) == {"M": "N-7"}


def test_what_is_nil_was_not_said() -> None:
    nil = f'{XSI} xsi:nil="true"'
    body = message(
        meter_config(f"<mRID {nil}/><serialNumber>S1</serialNumber><UsagePoint {nil}/>"),
        noun="MeterConfig",
    )
    content = configuration_of(body)
    assert (content.mrid, content.usage_point) == ("", "")
    unlinked = linkage(f"<Meter>{names()}</Meter><UsagePoint {nil}/>")
    assert only(read(message(unlinked, verb="closed", noun="MasterDataLinkageConfig")))
