"""The messages of a run follow from its seed, and say what the ledger notes of them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults.ledger.traffic import Poison
from hes_simulator.expectation.facts import Kind
from iec_connector.understanding import FixedNetwork, Source, load_event_codes, understand
from iec_connector.understanding.unreadable import Unreadable
from tests.specs.faults.as_stored import NOON, traffic

SOURCE = Source(name="hes", network=FixedNetwork(network="north"), codes=load_event_codes())
ALL = traffic(messages=1_500)


def test_the_same_seed_gives_the_same_messages_and_another_seed_gives_others() -> None:
    again, other = traffic(messages=1_500), replace(ALL, seed=2)
    assert [again.message(n) for n in range(200)] == [ALL.message(n) for n in range(200)]
    assert {other.message(n).message_id for n in range(200)}.isdisjoint(
        ALL.message(n).message_id for n in range(200)
    )


def test_another_beginning_gives_the_same_statements_at_other_times() -> None:
    later = replace(ALL, began_at=NOON + timedelta(days=3))
    for number in range(200):
        now, then = ALL.message(number), later.message(number)
        assert [(one.device_id, one.fact.kind, one.fact.code) for one in now.statements] == [
            (one.device_id, one.fact.kind, one.fact.code) for one in then.statements
        ]
        assert now.poison is then.poison


@given(st.integers(0, 1_600))
def test_a_message_speaks_of_a_device_once_at_most(number: int) -> None:
    devices = [one.device_id for one in ALL.message(number).statements]
    assert len(devices) == len(set(devices))


def test_what_happened_is_dated_in_order_and_before_the_beginning() -> None:
    times = [
        one.fact.occurred_at
        for number in range(ALL.messages + 100)
        for one in ALL.message(number).statements
        if one.fact.occurred_at is not None
    ]
    assert times == sorted(times)
    assert times[-1] < NOON - timedelta(minutes=30)


def test_every_message_has_its_place_and_some_come_twice_but_never_before_it() -> None:
    places = [ALL.published_at(place) for place in range(ALL.messages)]
    assert [numbers[0] for numbers in places] == list(range(ALL.messages))
    copies = [number for numbers in places for number in numbers[1:]]
    assert 0 < len(copies) < ALL.messages // 10
    assert all(copy <= numbers[0] for numbers in places for copy in numbers[1:])


def test_each_kind_of_content_and_of_poison_is_there() -> None:
    messages = [ALL.message(number) for number in range(ALL.messages)]
    assert {message.poison for message in messages} == {None, *Poison}
    kinds = {one.fact.kind for message in messages for one in message.statements}
    assert kinds == {Kind.CONFIGURED, Kind.EVENT, Kind.CONTACT}
    assert max(len(message.statements) for message in messages) > 10


def test_the_connector_reads_of_each_message_what_the_ledger_says() -> None:
    for number in (*range(5), *range(ALL.messages - 250, ALL.messages + 2)):
        message = ALL.message(number)
        if message.poison not in (None, Poison.NAMELESS):
            with pytest.raises(Unreadable):
                understand(message.body, SOURCE, received_at=NOON)
            continue
        understood = understand(message.body, SOURCE, received_at=NOON)
        assert [f"north/{one.device_identifier}" for one in understood.reports] == [
            one.device_id for one in message.statements
        ]
        assert {one.origin.message_id for one in understood.reports} == {message.message_id}
        assert bool(understood.problems) == (message.poison is Poison.NAMELESS)
