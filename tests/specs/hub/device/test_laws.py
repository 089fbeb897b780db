"""What holds for every device and every order of reports, tried with generated ones."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import example
from hypothesis import given as for_any
from hypothesis import strategies as st

from contract_limits import ATTRIBUTES_PER_DEVICE, PLANS_PER_DEVICE
from device_hub.device.commands import (
    CarryOutPlans,
    Command,
    Configure,
    Identify,
    JoinInto,
    LeaveAgain,
    Link,
    NoteContact,
    NoteControl,
    NoteSilence,
    RecordEvent,
    ReportFacts,
    Ship,
    TakeIn,
    TakeOut,
    Unlink,
)
from device_hub.device.decisions import decide
from device_hub.device.events import Event
from device_hub.device.evolution import fold, replay
from device_hub.device.facets import INFERRED
from device_hub.device.lifecycle import lifecycle_of
from device_hub.device.power import power_of
from device_hub.device.refusal import Refused
from device_hub.device.rules import DEFAULT_RULES
from device_hub.device.state import INITIAL, WINDOW, Device
from device_hub.device.values import (
    Configuration,
    Control,
    EndDeviceEvent,
    Lifecycle,
    Meaning,
    Outcome,
    Power,
    Switch,
)
from device_hub.journal.event_codec import events_from_documents, events_to_documents
from device_hub.journal.state_codec import device_from_document, device_to_document
from tests.examples import examples
from tests.specs.hub.device.sentences import (
    CODES,
    IDENTIFIER,
    NETWORK,
    configuration,
    power_lost,
    power_restored,
    reading,
    told,
)

LAW = examples(150)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

# Few moments, hours apart, so that ties, late reports and silences come often.
moments = st.integers(0, 60).map(lambda hours: NOON + timedelta(hours=hours))
codes = st.sampled_from(sorted(CODES))
reported = st.builds(
    ReportFacts,
    network=st.just(NETWORK),
    identifier=st.just(IDENTIFIER),
    received_at=moments,
    occurred_at=st.none() | moments,
    zone_assumed=st.booleans(),
    said_at=st.none() | moments,
    plan_withdrawn=st.sampled_from([False, False, False, True]),
)
end_device_events = codes.flatmap(
    lambda code: st.builds(
        EndDeviceEvent,
        code=st.just(code),
        meaning=st.just(CODES[code]),
        event_mrid=st.sampled_from(["", "e-1"]),
        firmware_version=st.sampled_from(["", "1.5"]),
    )
)
words = st.sampled_from(
    [
        *("model", "usage_point", "names/Other", "life_dates/installationDate"),
        *("status", "status_reason", "change_author", "parent"),
    ]
)
configurations = st.builds(
    Configuration,
    attributes=st.dictionaries(words, st.sampled_from(["", "A", "B"]), max_size=3),
    lifecycle=st.none() | st.sampled_from(Lifecycle),
    removal=st.booleans(),
    switch=st.sampled_from([None, Switch.CONNECTED, Switch.DISCONNECTED]),
)
places = st.sampled_from(["", "UP-7", "UP-8"])

record_event = st.builds(RecordEvent, facts=reported, event=end_device_events)
note_contact = st.builds(NoteContact, facts=reported, reading_count=st.integers(0, 4))
note_silence = st.builds(NoteSilence, at=moments)
configure = st.builds(Configure, facts=reported, configuration=configurations)
ship = st.builds(
    Ship,
    facts=reported,
    attributes=st.dictionaries(words, st.sampled_from(["", "A", "B"]), max_size=3),
)
parents = st.sampled_from(["", "", "G-1", "G-2"])
link = st.builds(
    Link,
    facts=reported,
    usage_point=places,
    area=st.sampled_from(["", "A", "B"]),
    parent=parents,
)
unlink = st.builds(Unlink, facts=reported, usage_point=places, parent=parents)
note_control = st.builds(
    NoteControl,
    facts=reported,
    control=st.builds(
        Control, outcome=st.sampled_from(Outcome), control_mrid=st.sampled_from(["o-1", "o-2"])
    ),
)
carry_out = st.builds(CarryOutPlans, at=moments)
repeatable = st.one_of(
    configure, ship, link, unlink, note_contact, note_control, note_silence, carry_out
)
commands = st.one_of(record_event, repeatable)
histories = st.lists(commands, max_size=25)


def lived(history: list[Command]) -> tuple[Device, list[Event]]:
    device, events = INITIAL, list[Event]()
    for command in history:
        try:
            happened = decide(device, command, DEFAULT_RULES)
        except Refused:
            continue
        device = fold(device, happened)
        events += happened
    return device, events


@LAW
@for_any(histories)
def test_a_replayed_device_equals_the_one_that_lived(history: list[Command]) -> None:
    device, events = lived(history)
    assert replay(events) == device


@LAW
@for_any(histories)
def test_a_stored_history_is_read_as_it_was_written(history: list[Command]) -> None:
    device, events = lived(history)
    assert events_from_documents(events_to_documents(events)) == events
    assert device_from_document(device_to_document(device)) == device


@LAW
@for_any(histories, repeatable)
def test_what_is_said_twice_is_recorded_once(history: list[Command], command: Command) -> None:
    device, _ = lived(history)
    try:
        first = decide(device, command, DEFAULT_RULES)
    except Refused:
        return
    assert decide(fold(device, first), command, DEFAULT_RULES) == []


@LAW
@for_any(histories, record_event)
def test_every_event_report_leaves_a_trace(history: list[Command], command: RecordEvent) -> None:
    device, _ = lived(history)
    assert decide(device, command, DEFAULT_RULES)


@LAW
@for_any(histories, st.lists(st.one_of(record_event, note_contact, note_silence), max_size=15))
def test_no_event_revives_a_removed_device(history: list[Command], strays: list[Command]) -> None:
    device, _ = lived(history)
    # What was announced for later is no stray event.
    if lifecycle_of(device).value is Lifecycle.REMOVED and not device.plans:
        after = told(strays, device)
        assert lifecycle_of(after) == lifecycle_of(device)


@LAW
@for_any(histories)
def test_what_a_device_remembers_is_bounded(history: list[Command]) -> None:
    device, _ = lived(history * 3)
    assert len(device.recent) <= WINDOW
    assert len(device.phases) <= len("ABC?")
    assert len(device.attributes) <= ATTRIBUTES_PER_DEVICE
    assert len(device.plans) <= PLANS_PER_DEVICE


def _comes_at(command: Command) -> datetime:
    match command:
        case NoteSilence(at=at) | CarryOutPlans(at=at):
            return at
        case Identify() | JoinInto() | TakeIn() | TakeOut() | LeaveAgain():
            return command.at
        case _:
            return command.facts.received_at


@LAW
@for_any(histories, st.lists(carry_out, max_size=5))
def test_a_plan_that_is_carried_out_late_makes_the_device_that_it_made_in_time(
    history: list[Command], sweeps: list[Command]
) -> None:
    end = CarryOutPlans(at=NOON + timedelta(hours=100))
    in_time, _ = lived([*sorted(history + sweeps, key=_comes_at), end])
    late, _ = lived([*sorted(history, key=_comes_at), end])
    assert late == in_time
    assert late.plans == ()


@LAW
@for_any(histories)
def test_every_event_has_its_sentence(history: list[Command]) -> None:
    _, events = lived(history)
    for event in events:
        entry = event.entry()
        assert entry.kind
        assert entry.summary
        assert entry.occurred_at.tzinfo is UTC


# --- order ---------------------------------------------------------------------------------------

settled_received = NOON + timedelta(hours=61)
stated_events = st.builds(
    RecordEvent,
    # Four moments only: what is to be tried is ties.
    facts=st.integers(0, 3).map(
        lambda hours: ReportFacts(
            network=NETWORK,
            identifier=IDENTIFIER,
            received_at=settled_received,
            occurred_at=NOON + timedelta(hours=hours),
        )
    ),
    event=end_device_events,
)
shuffled = st.lists(stated_events, max_size=10).flatmap(
    lambda events: st.tuples(st.just(events), st.permutations(events))
)
registered = st.sampled_from([(), (configuration("IN_OPERATION", "06:00"),)])


@LAW
@for_any(registered, shuffled)
def test_the_order_of_event_reports_decides_no_facet(
    before: tuple[Configure, ...], orders: tuple[list[Command], list[Command]]
) -> None:
    """Exactly, for what is reported.

    Of a restore that is inferred from contact the value holds exactly, its time lies between the loss and the newest
    contact; so a phase lost in between may or may not show as PARTIAL.
    """
    one, other = (told(order, told(before)) for order in orders)
    for facet in ("stage", "switch", "tamper", "firmware", "fault", "communication"):
        first, second = getattr(one, facet), getattr(other, facet)
        assert (first.value, first.as_of) == (second.value, second.as_of), facet
    assert {name: (phase.value, phase.as_of) for name, phase in one.phases.items()} == {
        name: (phase.value, phase.as_of) for name, phase in other.phases.items()
    }
    assert one.supply.value == other.supply.value
    assert (one.last_contact_at, one.spoke_at) == (other.last_contact_at, other.spoke_at)
    if INFERRED in (one.supply.cause, other.supply.cause):
        last_loss = max(
            command.facts.occurred_at
            for command in orders[0]
            if isinstance(command, RecordEvent)
            and command.event.meaning is Meaning.POWER_LOST
            and command.facts.occurred_at is not None
        )
        for device in (one, other):
            assert device.supply.as_of is not None
            assert device.spoke_at is not None
            assert device.supply.value is Power.ON
            assert last_loss <= device.supply.as_of
            if device.supply.cause == INFERRED:
                assert device.supply.as_of <= device.spoke_at
    else:
        assert one.supply.as_of == other.supply.as_of
        assert power_of(one).value == power_of(other).value
        assert lifecycle_of(one).value == lifecycle_of(other).value


def test_where_the_order_still_shows_the_time_of_an_inferred_restore() -> None:
    """A restore may be dated by the contact that proved it, when that was reported before the restore itself."""
    first = told([power_lost("10:00"), power_restored("10:20"), reading("10:30")])
    other = told([power_lost("10:00"), reading("10:30"), power_restored("10:20", "10:40")])
    assert first.supply.value is other.supply.value is Power.ON
    assert (first.supply.as_of, other.supply.as_of) == (
        NOON.replace(hour=10, minute=20),
        NOON.replace(hour=10, minute=30),
    )


# --- whatever comes ------------------------------------------------------------------------------

zones = st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(-timedelta(hours=12))])
any_moment = st.datetimes() | st.datetimes(timezones=st.none() | zones)
any_text = st.text(max_size=5)
any_facts = st.builds(
    ReportFacts,
    network=any_text,
    identifier=any_text,
    received_at=any_moment,
    occurred_at=st.none() | any_moment,
    zone_assumed=st.booleans(),
    said_at=st.none() | any_moment,
    plan_withdrawn=st.booleans(),
)
any_command = st.one_of(
    st.builds(
        RecordEvent,
        facts=any_facts,
        event=st.builds(
            EndDeviceEvent,
            code=any_text,
            meaning=st.sampled_from(Meaning),
            details=st.dictionaries(any_text, any_text, max_size=2),
        ),
    ),
    st.builds(
        Configure,
        facts=any_facts,
        configuration=st.builds(
            Configuration,
            attributes=st.dictionaries(any_text | words, any_text, max_size=3),
            lifecycle=st.none() | st.sampled_from(Lifecycle),
        ),
    ),
    st.builds(
        Ship,
        facts=any_facts,
        attributes=st.dictionaries(any_text | words, any_text, max_size=3),
    ),
    st.builds(Link, facts=any_facts, usage_point=any_text, parent=any_text),
    st.builds(Unlink, facts=any_facts, usage_point=any_text, parent=any_text),
    st.builds(CarryOutPlans, at=any_moment),
    st.builds(
        NoteControl,
        facts=any_facts,
        control=st.builds(Control, outcome=st.sampled_from(Outcome), reason=any_text),
    ),
    st.builds(NoteContact, facts=any_facts, reading_count=st.integers(0, 3)),
    st.builds(NoteSilence, at=any_moment),
)


@LAW
@for_any(st.lists(any_command, max_size=6))
@example([NoteSilence(at=datetime.max.replace(tzinfo=UTC))])
def test_a_device_raises_nothing_but_refusals(history: list[Command]) -> None:
    device, events = lived(history)
    assert replay(events) == device
    for event in events:
        event.entry()
