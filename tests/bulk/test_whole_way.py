"""What the simulator says, through the connector's understanding and the hub's device: no process, no broker.

The ledger's rules and the hub's were written apart. Here they must agree, device by device, facet by facet.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

import pytest

from device_hub.device.decisions import decide
from device_hub.device.evolution import fold
from device_hub.device.rules import DEFAULT_RULES
from device_hub.device.state import INITIAL, Device
from device_hub.wire.devices import to_device
from device_hub.wire.reports import to_command
from hes_simulator.expectation.expected import Claim, FacetName, Facets, claims_of, newest, settled
from hes_simulator.expectation.facts import Kind
from hes_simulator.faults import ALL_FAULTS, Fault, Faults, Outgoing, write_out
from hes_simulator.life.life import Life, Pace
from hes_simulator.life.storm import Storm, storm
from hes_simulator.park.devices import Park
from hes_simulator.sending.pouring import Scheduled
from hes_simulator.sending.schedule import at_times
from iec_connector.hub.wire import report_to_wire
from iec_connector.understanding import (
    Configuration,
    Contact,
    DeviceEvent,
    FixedNetwork,
    Linkage,
    LinkageChange,
    Meaning,
    Report,
    Source,
    Unreadable,
    load_event_codes,
    understand,
)
from tests.specs.simulator.builders import NOON, life_of

PARK = Park(network="north", size=40, seed=11)
SOURCE = Source(name="hes-north", network=FixedNetwork(network="north"), codes=load_event_codes())


@dataclass(slots=True)
class Chain:
    """The real decisions of connector and hub, with dictionaries for broker and journal."""

    devices: dict[str, Device] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)
    reports: list[Report] = field(default_factory=list)
    unreadable: list[Outgoing] = field(default_factory=list)

    def receive(self, message: Outgoing, at: datetime) -> None:
        body = message.body.encode() if message.as_bytes else message.body
        try:
            understood = understand(body, SOURCE, received_at=at)
        except Unreadable:
            self.unreadable.append(message)
            return
        assert understood.problems == ()
        for report in understood.reports:
            self.record(report)

    def record(self, report: Report) -> None:
        device_id = f"{report.network}/{report.device_identifier}"
        if (device_id, report.report_id) in self.seen:
            return
        self.seen.add((device_id, report.report_id))
        self.reports.append(report)
        device = self.devices.get(device_id, INITIAL)
        events = decide(device, to_command(report_to_wire(report)), DEFAULT_RULES)
        self.devices[device_id] = fold(device, events)


@dataclass(frozen=True, slots=True)
class Outcome:
    chain: Chain
    sent: list[tuple[datetime, Outgoing]]

    def expected(self) -> dict[str, Facets]:
        claims: list[Claim] = [
            claim
            for at, message in self.sent
            for fact in message.facts
            if fact.device_id
            for claim in claims_of(fact, told_at=at)
        ]
        return {device_id: settled(found) for device_id, found in newest(claims).items()}


def lived(faults: Faults, *, until: float, park: Park = PARK, pace: Pace | None = None) -> Outcome:
    """Let the park live until that second, let its episodes end, and deliver everything in order of arrival."""
    life = life_of(park, pace)
    scheduled = at_life_times(life, until)
    return delivered(scheduled, faults)


@cache
def long_life(faults: Faults) -> Outcome:
    """A life that several tests look at, and none changes."""
    return lived(faults, until=400)


def at_life_times(life: Life, until: float) -> list[Scheduled]:
    return [
        Scheduled(
            at=NOON + timedelta(seconds=one.place.seconds),
            numbers=(one.place.row, one.place.slot, one.place.step),
            content=one.content,
        )
        for one in life.planned(NOON, only_started_until=until)
    ]


def delivered(scheduled: list[Scheduled], faults: Faults) -> Outcome:
    sent = [
        (one.at + timedelta(seconds=message.delay), message)
        for one in scheduled
        for message in write_out(
            one.content,
            stream="north@1",
            numbers=one.numbers,
            source="HES-north",
            at=one.at,
            faults=faults,
        )
    ]
    sent.sort(key=lambda pair: pair[0])
    chain = Chain()
    for at, message in sent:
        chain.receive(message, at)
    return Outcome(chain, sent)


def shown(device: Device) -> Facets:
    """The facets as the register gets them."""
    said = to_device(device, 1, NOON)
    facets: Facets = {
        name: getattr(said, name.value).value
        for name in FacetName
        if name not in (FacetName.FIRMWARE_VERSION, FacetName.USAGE_POINT, FacetName.LAST_SPOKE)
    }
    facets[FacetName.FIRMWARE_VERSION] = said.firmware_version
    facets[FacetName.USAGE_POINT] = said.usage_point
    return facets


def differences(outcome: Outcome) -> dict[str, list[str]]:
    found = defaultdict(list)
    for device_id, expected in outcome.expected().items():
        actual = shown(outcome.chain.devices[device_id])
        for name in actual:
            unsaid = "" if name is FacetName.USAGE_POINT else "UNKNOWN"
            if expected.get(name, unsaid) != actual[name]:
                found[device_id].append(f"{name}: {expected.get(name)} but {actual[name]}")
    return dict(found)


@pytest.mark.parametrize("faults", [Faults(), ALL_FAULTS], ids=["sound", "all faults"])
def test_the_park_is_what_the_ledger_expects_after_a_life(faults: Faults) -> None:
    outcome = long_life(faults)
    assert set(outcome.chain.devices) == {device.device_id for device in PARK.devices()}
    assert differences(outcome) == {}


@pytest.mark.parametrize("until", [3, 7, 12, 20, 33, 60])
def test_the_park_is_what_the_ledger_expects_at_any_moment(until: float) -> None:
    """Whoever looks in the middle of an episode sees it as the ledger does."""
    life = life_of(PARK, Pace(rollout=4, rate=20))
    scheduled = [
        one for one in at_life_times(life, until) if one.at <= NOON + timedelta(seconds=until)
    ]
    assert differences(delivered(scheduled, Faults())) == {}


def test_every_fact_becomes_one_report_and_only_malformed_messages_are_unreadable() -> None:
    outcome = long_life(ALL_FAULTS)
    told = Counter(
        (fact.device_id, fact.kind)
        for _, message in outcome.sent
        for fact in message.facts
        if fact.kind is not Kind.UNREADABLE
    )
    recorded = Counter(
        (f"{report.network}/{report.device_identifier}", kind_of(report))
        for report in outcome.chain.reports
    )
    assert recorded == told
    malformed = [message for _, message in outcome.sent if message.fault is Fault.MALFORMED]
    assert outcome.chain.unreadable == malformed
    assert malformed


def test_every_event_code_of_the_simulator_is_known_to_the_connector() -> None:
    outcome = long_life(Faults())
    unknown = {
        report.content.code
        for report in outcome.chain.reports
        if isinstance(report.content, DeviceEvent) and report.content.meaning is Meaning.UNSPECIFIED
    }
    assert unknown == set()


def test_a_configuration_arrives_with_all_that_the_park_knows_of_the_device() -> None:
    outcome = lived(Faults(), until=0, park=Park(network="north", size=1, seed=1))
    [device] = Park(network="north", size=1, seed=1).devices()
    said = to_device(outcome.chain.devices[device.device_id], 1, NOON)
    assert said.serial_number == device.serial_number
    assert said.utility_number == device.utility_number
    assert said.mrid == device.mrid
    assert said.model == device.model.number
    assert said.model_version == device.model.version
    assert said.manufacturer == device.model.manufacturer
    assert said.communication_technology == device.model.technology
    assert said.communication_address == device.address
    assert said.hardware_version == device.hardware
    assert said.lot_number == device.lot
    assert said.usage_point == device.usage_point
    assert said.area == device.area


@pytest.mark.parametrize("lost_restores", [0.0, 0.5, 1.0])
def test_after_a_storm_everyone_has_power_again(lost_restores: float) -> None:
    weather = Storm(percent=50, seconds=30, lost_restores=lost_restores)
    planned = storm(PARK, weather, NOON, devices=range(PARK.size), seed=1)
    outcome = delivered(list(at_times(planned, NOON)), Faults())
    assert differences_in_power(outcome) == {}
    assert len(outcome.chain.devices) == 20


def differences_in_power(outcome: Outcome) -> dict[str, str]:
    return {
        device_id: power
        for device_id, device in outcome.chain.devices.items()
        if (power := shown(device)[FacetName.POWER]) != "ON"
    }


def kind_of(report: Report) -> Kind:
    match report.content:
        case Configuration():
            return Kind.CONFIGURED
        case Linkage(change=LinkageChange.LINKED):
            return Kind.LINKED
        case Linkage():
            return Kind.UNLINKED
        case DeviceEvent():
            return Kind.EVENT
        case Contact():
            return Kind.CONTACT
    raise AssertionError(report)
