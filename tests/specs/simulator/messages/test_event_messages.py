import base64
import gzip

import pytest
from lxml import etree

from hes_simulator.messages.event_messages import (
    Content,
    Header,
    Lifecycle,
    Linkage,
    MeterConfig,
    MeterReadings,
    Occurrence,
    Verb,
    message_id,
    write,
)
from hes_simulator.messages.shapes import SHAPES, Edition, Shape, Wrapping
from tests.specs.simulator.builders import METER, NOON, config, events

HEADER = Header(message_id="4711", timestamp=NOON, source="HES-north")
CONTENTS: dict[str, Content] = {
    "MeterConfig": config(Lifecycle.IN_OPERATION, 0),
    "MasterDataLinkageConfig": Linkage(verb=Verb.CREATED, device=METER, at=NOON),
    "EndDeviceEvents": events(("3.26.0.85", 0), ("3.26.0.216", 1)),
    "MeterReadings": MeterReadings(
        device=METER,
        at=NOON,
        values=(1234.5, 6.0),
        occurrences=events(("3.36.0.24", 0)).occurrences,
    ),
}


def names(element: etree._Element) -> list[str]:
    return [etree.QName(child).localname for child in element]


def local(element: etree._Element, path: str) -> list[etree._Element]:
    steps = "/".join(f"*[local-name()='{step}']" for step in path.split("/"))
    found = element.xpath(f".//{steps}")
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, etree._Element)]


def parsed(content: Content, shape: Shape | None = None) -> etree._Element:
    text = write(HEADER, content, shape) if shape else write(HEADER, content)
    return etree.fromstring(text.encode())


@pytest.mark.parametrize("noun", CONTENTS)
def test_a_message_is_a_bare_event_message_of_the_standard(noun: str) -> None:
    message = parsed(CONTENTS[noun])
    assert message.tag == "{http://iec.ch/TC57/2011/schema/message}EventMessage"
    assert names(message) == ["Header", "Payload"]
    payload = message[1]
    assert [child.tag for child in payload] == [f"{{http://iec.ch/TC57/2011/{noun}#}}{noun}"]


@pytest.mark.parametrize("noun", CONTENTS)
def test_the_header_has_its_elements_in_the_order_of_the_schema(noun: str) -> None:
    header = parsed(CONTENTS[noun])[0]
    assert names(header) == [
        "Verb",
        "Noun",
        "Revision",
        "Context",
        "Timestamp",
        "Source",
        "AckRequired",
        "MessageID",
    ]
    assert header.findtext("{*}Noun") == noun
    assert header.findtext("{*}Context") == "PRODUCTION"
    assert header.findtext("{*}Timestamp") == "2026-03-01T12:00:00.000Z"
    assert header.findtext("{*}MessageID") == "4711"


@pytest.mark.parametrize("noun", CONTENTS)
def test_every_device_is_named_by_its_serial_number(noun: str) -> None:
    found = [
        one.findtext("{*}name")
        for one in local(parsed(CONTENTS[noun]), "Names")
        if one.findtext("{*}NameType/{*}name") == "SerialNumber"
    ]
    assert found
    assert set(found) == {METER.serial_number}


def test_a_meter_config_tells_identity_model_communication_firmware_and_status() -> None:
    created = MeterConfig(
        verb=Verb.CREATED,
        device=METER,
        status=Lifecycle.INVENTORY,
        firmware="1.4.0",
        at=NOON,
        switch_connected=True,
    )
    [meter] = local(parsed(created), "Meter")
    assert meter.findtext("{*}serialNumber") == METER.serial_number
    assert meter.findtext("{*}status/{*}value") == "INVENTORY"
    assert meter.findtext("{*}status/{*}dateTime") == "2026-03-01T12:00:00.000Z"
    assert meter.findtext("{*}ComFunction/{*}firmwareID") == "1.4.0"
    assert meter.findtext("{*}ComFunction/{*}technology") == METER.model.technology
    assert meter.findtext("{*}EndDeviceInfo/{*}AssetModel/{*}modelNumber") == METER.model.number
    assert meter.findtext("{*}ConnectDisconnectFunction/{*}isConnected") == "true"
    assert meter.findtext("{*}lifecycle/{*}receivedDate") == "2026-03-01T12:00:00.000Z"
    assert meter.findtext("{*}ComFunction/{*}password") == f"secret-{METER.address}"


def test_events_carry_type_time_and_device_and_have_ids_of_their_own() -> None:
    message = parsed(CONTENTS["EndDeviceEvents"])
    found = local(message, "EndDeviceEvent")
    assert [one.find("{*}EndDeviceEventType").get("ref") for one in found] == [  # type: ignore[union-attr]
        "3.26.0.85",
        "3.26.0.216",
    ]
    assert [one.findtext("{*}createdDateTime") for one in found] == [
        "2026-03-01T12:00:00.000Z",
        "2026-03-01T12:00:01.000Z",
    ]
    ids = {one.findtext("{*}mRID") for one in found}
    assert len(ids) == 2
    assert METER.mrid not in ids
    assert {one.findtext("{*}Assets/{*}mRID") for one in found} == {METER.mrid}


def test_readings_carry_their_events_inside() -> None:
    [reading] = local(parsed(CONTENTS["MeterReadings"]), "MeterReading")
    assert [one.findtext("{*}value") for one in local(reading, "Readings")] == ["1234.500", "6.000"]
    [inside] = local(reading, "EndDeviceEvents")
    assert inside.findtext("{*}createdDateTime") == "2026-03-01T12:00:00.000Z"


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_content_is_the_same_in_every_shape(shape: Shape) -> None:
    message = parsed(CONTENTS["EndDeviceEvents"], shape)
    if shape.wrapping is not Wrapping.BARE:
        assert message.tag == f"{{{shape.wrapping.value}}}Envelope"
    if shape.compressed:
        [packed] = local(message, "Compressed")
        message = etree.fromstring(gzip.decompress(base64.b64decode(packed.text or "")))
    assert len(local(message, "EndDeviceEvent")) == 2
    if shape.edition is Edition.NONE:
        assert "iec.ch" not in write(HEADER, CONTENTS["EndDeviceEvents"], shape)


def test_values_that_need_it_are_escaped() -> None:
    nasty = Occurrence(device=METER, code='3"<', at=NOON, reason="a<b&c", details=(("x&", "<y>"),))
    content = type(CONTENTS["EndDeviceEvents"])(occurrences=(nasty,))  # type: ignore[call-arg]
    [event] = local(parsed(content), "EndDeviceEvent")
    assert event.findtext("{*}reason") == "a<b&c"
    assert event.findtext("{*}EndDeviceEventDetails/{*}value") == "<y>"


def test_a_message_id_belongs_to_a_place_in_a_stream() -> None:
    assert message_id("north@1", 1, 2) == message_id("north@1", 1, 2)
    assert (
        len({message_id("north@1", 1, 2), message_id("north@1", 12), message_id("north@2", 1, 2)})
        == 3
    )
