"""The words of the contract stand in four places that may not import each other; here they agree.

`proto/meterpark/smoc/v1/device.proto` lists them; the hub decides with them, the register keeps and
the command asks by them.
"""

import re
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
from meterpark.device_hub.v1 import report_pb2
from meterpark.smoc.v1.device_pb2 import Device, Facet

from bff.graph.devices import device as graph
from contract_limits import IDENTIFIERS_PER_REPORT, SCHEME_CHARACTERS
from device_hub.device import attributes as hub_attributes
from device_hub.device import values as hub
from device_hub.device.events.recorded import (
    PhaseLost,
    PhaseRestored,
    RecordedEvent,
)
from device_hub.device.events.stated import ContactMade
from device_hub.identities.rules import names as hub_names
from iec_connector import understanding as connector
from iec_connector.understanding import identifiers as connector_names
from meterpark_cli import options as command
from meterpark_cli.devices.tables import _IDENTITY
from smoc_service.register import device as register
from smoc_service.register.milestones import SPOKEN

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

PROTO = Path(__file__).parents[2] / "proto" / "meterpark" / "smoc" / "v1" / "device.proto"
TEXT = PROTO.read_text()
FACET = re.compile(r"^\s*Facet (\w+) = \d+;\s*// ([A-Z_ ]+)$", re.MULTILINE)
LISTED = {name: tuple(words.split()) for name, words in FACET.findall(TEXT)}
IN_HUB: dict[str, type[StrEnum]] = {
    "lifecycle": hub.Lifecycle,
    "power": hub.Power,
    "switch": hub.Switch,
    "communication": hub.Communication,
    "tamper": hub.Tamper,
    "firmware": hub.Firmware,
}
# Who the device is; everything else that is a text was told by a configuration.
IDENTITY = {"device_id", "network", "device_identifier", "joined_into"}


def test_the_contract_lists_the_values_of_every_facet() -> None:
    facets = [
        field.name for field in Device.DESCRIPTOR.fields if field.message_type is Facet.DESCRIPTOR
    ]
    assert list(LISTED) == facets


@pytest.mark.parametrize("facet", LISTED)
def test_a_facet_has_the_same_values_in_the_same_order_everywhere(facet: str) -> None:
    assert tuple(IN_HUB[facet]) == LISTED[facet]
    assert tuple(register.FACETS[facet]) == LISTED[facet]
    assert tuple(command.FACETS[facet]) == LISTED[facet]


def test_nobody_knows_a_facet_that_the_contract_does_not_list() -> None:
    assert set(IN_HUB) == set(register.FACETS) == set(command.FACETS) == set(LISTED)


def test_a_device_has_the_same_attributes_everywhere() -> None:
    texts = {
        field.name
        for field in Device.DESCRIPTOR.fields
        if field.type == field.TYPE_STRING and not field.is_repeated
    } - IDENTITY
    assert set(hub_attributes.ATTRIBUTES) == texts
    assert set(register.ATTRIBUTES) == texts


def test_every_attribute_is_read_and_shown() -> None:
    """Connector, graph and command have more fields than these, so each is asked for what it misses."""
    attributes = set(hub_attributes.ATTRIBUTES)
    assert attributes - _fields(connector.Configuration) == set()
    assert attributes - _fields(graph.Device) == set()
    assert attributes - set(_IDENTITY) == set()


def _fields(kind: "type[DataclassInstance]") -> set[str]:
    return {field.name for field in fields(kind)}


def test_the_contract_lists_the_flags_that_the_hub_gives() -> None:
    [listed] = re.findall(r"^\s*// ([a-z, -]+)\.\n\s*repeated string flags", TEXT, re.MULTILINE)
    assert tuple(listed.split(", ")) == tuple(hub.Flag)


def test_an_event_means_the_same_to_connector_and_hub() -> None:
    published = _names("Meaning", "MEANING_")
    assert [meaning.name for meaning in hub.Meaning] == published
    assert [meaning.name for meaning in connector.Meaning] == published


def test_a_report_can_say_every_attribute_and_every_lifecycle_of_a_device() -> None:
    texts = {
        field.name
        for field in report_pb2.Configuration.DESCRIPTOR.fields
        if field.type == field.TYPE_STRING
    }
    assert texts == set(hub_attributes.ATTRIBUTES)
    assert _names("Lifecycle", "LIFECYCLE_") == ["UNSPECIFIED", *hub.Lifecycle]


def _names(enum: str, prefix: str) -> list[str]:
    values = report_pb2.DESCRIPTOR.enum_types_by_name[enum].values
    return [value.name.removeprefix(prefix) for value in values]


def test_the_register_takes_as_contact_what_the_hub_does() -> None:
    at = datetime(2026, 3, 1, 10, tzinfo=UTC)
    when = hub.Occurrence(at=at, stated_at=at, received_at=at)
    spoken = {ContactMade(when=when, reading_count=1).entry().kind}
    for meaning in (hub.Meaning.NOTED, hub.Meaning.UNSPECIFIED):
        said = hub.EndDeviceEvent(code="3.26.0.85", meaning=meaning)
        for kind in get_args(RecordedEvent):
            phase = {"phase": "A"} if kind in {PhaseLost, PhaseRestored} else {}
            event = kind(event=said, when=when, **phase)
            if event.is_contact:
                spoken.add(event.entry().kind)
    assert spoken == SPOKEN


def test_connector_and_hub_agree_on_what_names_nobody_and_on_kinds_of_names() -> None:
    assert hub_names.NIL_WORDS == connector_names.NIL_WORDS
    assert hub_names.SHARED_TYPES == connector_names.SHARED_TYPES
    assert connector_names.MOST_IDENTIFIERS == IDENTIFIERS_PER_REPORT
    for kind in ("SerialNumber", "mRID", "Meter Utility_Serial-Number", "MeterUniqueID", "x" * 200):
        scheme = connector_names.scheme_of(kind)
        assert hub_names.scheme_of(kind) == scheme
        assert len(scheme) <= SCHEME_CHARACTERS
    for value in (
        "null",
        "0000",
        "N/A",
        "-",
        "S1",
        "00700",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ):
        assert hub_names.is_nil(value) is connector_names.is_nil(value)
