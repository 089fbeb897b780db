import itertools
from collections import Counter

import pytest
from lxml import etree

from hes_simulator.expectation.facts import Kind
from hes_simulator.faults import ALL_FAULTS, NEVER, Fault, Faults, Outgoing, write_out
from hes_simulator.messages.event_messages import Content
from hes_simulator.messages.shapes import SHAPES
from tests.specs.simulator.builders import NOON, PARK, events, life_of

LOST = events(("3.26.0.85", 0))


def written(content: Content, faults: Faults, number: int = 0) -> list[Outgoing]:
    return write_out(
        content, stream="north@1", numbers=(number,), source="HES-north", at=NOON, faults=faults
    )


def lived(faults: Faults, count: int = 1000) -> list[Outgoing]:
    planned = itertools.islice(life_of(PARK).planned(NOON), count)
    return [
        outgoing
        for number, one in enumerate(planned)
        for outgoing in written(one.content, faults, number)
    ]


def is_xml(body: str) -> bool:
    try:
        etree.fromstring(body.encode())
    except etree.XMLSyntaxError:
        return False
    return True


def test_without_faults_every_message_goes_out_once_and_at_once() -> None:
    outgoing = lived(Faults())
    assert len(outgoing) == len({one.message_id for one in outgoing}) == 1000
    assert {(one.fault, one.delay) for one in outgoing} == {(Fault.NONE, 0.0)}


def test_the_same_run_has_the_same_faults() -> None:
    assert lived(ALL_FAULTS) == lived(ALL_FAULTS)


@pytest.mark.slow
def test_each_fault_strikes_at_about_its_rate() -> None:
    seen = Counter(one.fault for one in lived(ALL_FAULTS, 3000))
    for fault in Fault:
        assert seen[fault] > 0, fault
    assert 60 < seen[Fault.DUPLICATE] < 120
    assert seen[Fault.MALFORMED] < 60


def test_a_duplicate_is_the_same_message_and_tells_no_new_fact() -> None:
    first, second = written(LOST, Faults(duplicates=1.0))
    assert (second.body, second.message_id) == (first.body, first.message_id)
    assert first.facts
    assert second.facts == ()
    assert second.delay > first.delay


def test_delays_change_nothing_but_the_time_of_sending() -> None:
    [plain] = written(LOST, Faults())
    for faults in (Faults(disorder=1.0), Faults(late=1.0)):
        [delayed] = written(LOST, faults)
        assert (delayed.body, delayed.facts) == (plain.body, plain.facts)
        assert delayed.delay > 0


def test_a_wrong_clock_writes_a_time_that_cannot_be_true() -> None:
    bodies = [written(LOST, Faults(clock=1.0), number)[0] for number in range(20)]
    assert all(fact.occurred_at is None for one in bodies for fact in one.facts)
    assert {NEVER in one.body for one in bodies} == {True, False}
    assert any("2026-03-04T12:00:00.000Z" in one.body for one in bodies)


def test_a_message_with_several_events_is_not_misdated() -> None:
    """Nobody could tell which of them is the newest."""
    [several] = written(events(("3.26.0.85", 0), ("3.26.0.216", 1)), Faults(clock=1.0))
    assert several.fault is Fault.NONE


def test_malformed_messages_come_on_top_and_take_nothing_away() -> None:
    sound, broken = written(LOST, Faults(malformed=1.0))
    assert sound == written(LOST, Faults())[0]
    assert broken.message_id != sound.message_id
    assert [fact.kind for fact in broken.facts] == [Kind.UNREADABLE]


def test_malformed_messages_are_of_several_kinds() -> None:
    broken = [written(LOST, Faults(malformed=1.0), number)[1] for number in range(60)]
    kinds = {one.body.replace(one.message_id, "") for one in broken}
    assert len(kinds) == 5
    assert 0 < sum(is_xml(body) for body in kinds) < 5


def test_other_shapes_tell_the_same_facts() -> None:
    several = [written(LOST, Faults(variants=1.0), number)[0] for number in range(200)]
    assert len({one.body.replace(one.message_id, "") for one in several}) == len(SHAPES)
    assert {one.facts for one in several} == {written(LOST, Faults())[0].facts}
    assert {one.as_bytes for one in several} == {True, False}
    for one in several:
        etree.fromstring(one.body.encode())


def test_rates_are_read_from_text() -> None:
    assert Faults.parse("none") == Faults.parse("") == Faults()
    assert Faults.parse("all") == ALL_FAULTS
    assert Faults.parse("duplicates=0.5, late=1") == Faults(duplicates=0.5, late=1.0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("lightning=0.1", "there is no fault 'lightning'"),
        ("late", "late needs a rate"),
        ("late=often", "late needs a rate"),
        ("late=2", "rate from 0 to 1"),
        ("late=nan", "rate from 0 to 1"),
    ],
)
def test_rates_that_make_no_sense_are_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Faults.parse(text)
