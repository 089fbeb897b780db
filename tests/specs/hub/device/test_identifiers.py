"""A device learns by which names it is known; each name once, in its journal."""

from dataclasses import replace

from device_hub.device.commands import Command, Configure, Link, Ship
from device_hub.device.decisions import decide
from device_hub.device.events import Event
from device_hub.device.events.concluded import DeviceFirstHeard
from device_hub.device.events.named import Identified
from device_hub.device.evolution import replay
from device_hub.device.rules import DEFAULT_RULES
from device_hub.device.state import INITIAL, MOST_IDENTIFIERS, Device
from device_hub.device.values import Identifier
from tests.specs.hub.device.sentences import at, configuration, link, shipment

SERIAL = Identifier("serial_number", "LGZ0012345678")
MRID = Identifier("mrid", "8f1c2a6e-0b1d-4f57-9c1e-2f6d3c1b7a90")
PLAIN = Identifier("", "DEV-1")


def named(command: Configure | Link | Ship, *identifiers: Identifier) -> Command:
    return replace(command, facts=replace(command.facts, identifiers=identifiers))


def told(device: Device, command: Command) -> list[Event]:
    return decide(device, command, DEFAULT_RULES)


def test_a_configuration_teaches_the_names_that_it_gives_before_anything_else() -> None:
    first, learned, *_ = told(INITIAL, named(configuration(None, "10:00", model="E450"), SERIAL))
    assert isinstance(first, DeviceFirstHeard)
    assert learned == Identified(identifiers=(SERIAL,), learned_at=at("10:00"))


def test_linkages_and_shipments_teach_too() -> None:
    for command in (link("UP-7", "10:00"), shipment("10:00", model="E450")):
        device = replay(told(INITIAL, named(command, SERIAL, MRID)))
        assert device.identifiers == {SERIAL, MRID}


def test_what_is_known_leaves_no_second_trace() -> None:
    again = named(configuration(None, "10:00", model="E450"), SERIAL, MRID)
    device = replay(told(INITIAL, again))
    assert told(device, again) == []


def test_a_new_name_is_learned_though_the_configuration_says_nothing_else_that_is_new() -> None:
    said = configuration(None, "10:00", model="E450")
    device = replay(told(INITIAL, named(said, SERIAL)))
    assert told(device, named(said, SERIAL, MRID)) == [
        Identified(identifiers=(MRID,), learned_at=at("10:00"))
    ]


def test_names_are_bounded() -> None:
    many = tuple(Identifier("name/kind", str(number)) for number in range(MOST_IDENTIFIERS))
    said = configuration(None, "10:00", model="E450")
    device = replay(told(INITIAL, named(said, *many)))
    assert len(device.identifiers) == MOST_IDENTIFIERS
    assert told(device, named(said, SERIAL)) == []


def test_the_timeline_says_by_which_names_a_device_is_known() -> None:
    entry = Identified(identifiers=(SERIAL, PLAIN), learned_at=at("10:00")).entry()
    assert entry.kind == "identified"
    assert entry.summary == "Known as serial number LGZ0012345678, name DEV-1"
    assert entry.details == {"serial_number": "LGZ0012345678", "name": "DEV-1"}


def test_the_timeline_says_who_said_so() -> None:
    event = Identified(
        identifiers=(MRID,), learned_at=at("10:00"), by="anna", reason="the type plate says so"
    )
    assert event.entry().summary == (
        f"Known as mrid {MRID.value}, says anna: the type plate says so"
    )
