import itertools
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hes_simulator.expectation.expected import FacetName, Facets, claims_of, newest, settled
from hes_simulator.expectation.facts import Kind, facts_of
from hes_simulator.messages.event_messages import Content, Lifecycle, Linkage, MeterReadings, Verb
from tests.specs.simulator.builders import METER, NOON, after, config, events


def facets(*contents: Content) -> Facets:
    """What the meter must look like when these arrive in this order, the last one ten minutes after noon."""
    claims = (
        claim
        for content in contents
        for fact in facts_of(content)
        for claim in claims_of(fact, told_at=after(600))
    )
    return settled(newest(claims)[METER.device_id])


LOST, RESTORED = events(("3.26.0.85", 10)), events(("3.26.0.216", 20))


def reading(seconds: float) -> MeterReadings:
    return MeterReadings(device=METER, at=after(seconds), values=(1.0,))


@pytest.mark.parametrize("order", list(itertools.permutations((LOST, RESTORED))))
def test_power_is_on_after_loss_and_return_in_whatever_order_they_arrive(
    order: tuple[Content, ...],
) -> None:
    assert facets(*order)[FacetName.POWER] == "ON"


def test_a_late_loss_of_power_does_not_switch_the_meter_off() -> None:
    assert facets(RESTORED, events(("3.26.0.85", 5)))[FacetName.POWER] == "ON"


def test_power_stays_off_until_something_says_otherwise() -> None:
    assert facets(RESTORED, events(("3.26.0.85", 30)))[FacetName.POWER] == "OFF"
    assert facets(reading(9), LOST)[FacetName.POWER] == "OFF"


def test_a_reading_after_the_loss_proves_power() -> None:
    assert facets(LOST, reading(11))[FacetName.POWER] == "ON"


def test_a_last_gasp_proves_no_power() -> None:
    assert facets(LOST, events(("3.26.0.85", 15)))[FacetName.POWER] == "OFF"


def test_a_lost_phase_is_a_partial_outage() -> None:
    assert facets(RESTORED, events(("3.26.126.85", 30)))[FacetName.POWER] == "PARTIAL"
    lost_and_back = events(("3.26.126.85", 30), ("3.26.126.216", 40))
    assert facets(RESTORED, lost_and_back)[FacetName.POWER] == "ON"


def test_a_time_that_cannot_be_true_counts_as_the_time_of_sending() -> None:
    [occurrence] = LOST.occurrences
    misdated = replace(LOST, occurrences=(replace(occurrence, written_at="1970-01-01T00:00:00Z"),))
    assert facets_of_fact_is_untimed(misdated)
    assert facets(RESTORED, misdated)[FacetName.POWER] == "OFF"
    assert facets(misdated, events(("3.26.0.216", 700)))[FacetName.POWER] == "ON"


def facets_of_fact_is_untimed(content: Content) -> bool:
    return all(fact.occurred_at is None for fact in facts_of(content))


def test_tamper_switch_and_firmware_follow_their_events() -> None:
    told = facets(
        config(Lifecycle.IN_OPERATION, 0),
        events(("3.12.29.212", 10), ("3.31.0.68", 11), ("3.11.83.54", 12), ("3.11.283.85", 13)),
    )
    assert told[FacetName.TAMPER] == "DETECTED"
    assert told[FacetName.SWITCH] == "DISCONNECTED"
    assert told[FacetName.FIRMWARE] == "FAILED"
    assert told[FacetName.LIFECYCLE] == "ERROR"
    assert told[FacetName.FIRMWARE_VERSION] == "1.4.0"


def test_a_late_configuration_does_not_bring_the_old_firmware_back() -> None:
    told = facets(
        config(Lifecycle.IN_OPERATION, 20, firmware="1.5.0"),
        config(Lifecycle.UPDATE_IN_PROGRESS, 10, firmware="1.4.0"),
    )
    assert told[FacetName.FIRMWARE_VERSION] == "1.5.0"
    assert told[FacetName.LIFECYCLE] == "IN_OPERATION"


def test_a_statement_of_the_registry_ends_what_was_wrong_before() -> None:
    told = facets(
        events(("3.1.0.85", 10)),
        config(Lifecycle.POOR_COMMUNICATION, 11),
        events(("3.1.52.29", 20)),
        config(Lifecycle.IN_OPERATION, 21),
    )
    assert told[FacetName.LIFECYCLE] == "IN_OPERATION"
    assert told[FacetName.COMMUNICATION] == "REACHABLE"


def test_poor_communication_is_over_when_the_device_speaks() -> None:
    told = facets(config(Lifecycle.POOR_COMMUNICATION, 11), reading(12))
    assert told[FacetName.LIFECYCLE] == "IN_OPERATION"


def test_linkage_puts_the_meter_at_its_usage_point_and_takes_it_away() -> None:
    linked = Linkage(verb=Verb.CREATED, device=METER, at=after(1))
    closed = Linkage(verb=Verb.CLOSED, device=METER, at=after(2))
    assert facets(linked)[FacetName.USAGE_POINT] == METER.usage_point
    assert facets(closed, linked)[FacetName.USAGE_POINT] == ""


def test_each_report_is_a_fact_of_its_own() -> None:
    content = replace(reading(0), occurrences=LOST.occurrences)
    assert [fact.kind for fact in facts_of(content)] == [Kind.CONTACT, Kind.EVENT]


CODES = ("3.26.0.85", "3.26.0.216", "3.31.0.68", "3.31.0.42", "3.12.29.212", "3.12.43.291")


@given(
    happenings=st.lists(
        st.tuples(st.sampled_from(CODES), st.integers(0, 10_000)),
        min_size=1,
        max_size=12,
        unique_by=lambda happening: happening[1],
    ),
    shuffle=st.randoms(use_true_random=False),
)
def test_the_order_of_arrival_never_matters(
    happenings: list[tuple[str, int]], shuffle: Random
) -> None:
    in_order = [events(happening) for happening in sorted(happenings, key=lambda one: one[1])]
    mixed = list(in_order)
    shuffle.shuffle(mixed)
    assert facets(*mixed) == facets(*in_order)


def test_facts_carry_the_time_that_the_message_carries() -> None:
    content = replace(reading(0), at=NOON + timedelta(microseconds=1999))
    assert facts_of(content)[0].occurred_at == NOON + timedelta(milliseconds=1)
