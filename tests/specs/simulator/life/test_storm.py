from collections.abc import Iterable

import pytest

from hes_simulator.expectation.expected import FacetName, claims_of, newest, settled
from hes_simulator.expectation.facts import Fact, facts_of
from hes_simulator.life.life import Planned
from hes_simulator.life.storm import Storm, burst_message, storm
from hes_simulator.messages.event_messages import EndDeviceEvents
from hes_simulator.park.devices import Park
from tests.specs.simulator.builders import NOON, after

PARK = Park(network="north", size=1000, seed=1)


def told(weather: Storm, seed: int = 1) -> list[Planned]:
    return list(storm(PARK, weather, NOON, devices=range(PARK.size), seed=seed))


def facts(planned: Iterable[Planned]) -> list[Fact]:
    return [fact for one in planned for fact in facts_of(one.content)]


def power_of(planned: Iterable[Planned]) -> dict[str, str]:
    claims = newest(claim for fact in facts(planned) for claim in claims_of(fact, told_at=NOON))
    return {device: settled(found)[FacetName.POWER] for device, found in claims.items()}


def test_the_share_that_was_asked_for_goes_dark_in_the_time_that_was_asked_for() -> None:
    lost = facts(told(Storm(percent=30, seconds=60, dark=None)))
    assert len(lost) == len({fact.device_id for fact in lost}) == 300
    assert all(fact.occurred_at and NOON <= fact.occurred_at <= after(60) for fact in lost)


def test_a_storm_begins_hard() -> None:
    lost = facts(told(Storm(percent=100, seconds=60, dark=None)))
    early = sum(1 for fact in lost if fact.occurred_at and fact.occurred_at < after(15))
    assert early > 400


def test_everyone_is_back_after_the_storm() -> None:
    assert set(power_of(told(Storm(percent=30, seconds=60))).values()) == {"ON"}


def test_without_an_end_the_park_stays_dark() -> None:
    assert set(power_of(told(Storm(percent=30, seconds=60, dark=None))).values()) == {"OFF"}


def test_a_restore_that_never_arrives_is_made_good_by_a_reading() -> None:
    planned = told(Storm(percent=30, seconds=60, lost_restores=0.5))
    assert 100 < sum(fact.code == "3.26.0.216" for fact in facts(planned)) < 200
    assert set(power_of(planned).values()) == {"ON"}


def test_messages_hold_several_events_but_no_more_than_asked_for() -> None:
    planned = told(Storm(percent=100, seconds=10, events_per_message=8))
    sizes = {
        len(one.content.occurrences) for one in planned if isinstance(one.content, EndDeviceEvents)
    }
    assert max(sizes) == 8


def test_no_message_is_sent_before_its_events_happened() -> None:
    for one in told(Storm(percent=50, seconds=10)):
        for fact in facts_of(one.content):
            assert fact.occurred_at is not None
            assert fact.occurred_at <= after(one.place.seconds)


def test_the_same_seed_makes_the_same_storm() -> None:
    weather = Storm(percent=30, seconds=60)
    assert told(weather) == told(weather)
    assert told(weather) != told(weather, seed=2)


def test_a_storm_that_makes_no_sense_is_refused() -> None:
    for percent, seconds in ((0.0, 60.0), (101.0, 60.0), (10.0, 0.0)):
        with pytest.raises(ValueError, match="storm"):
            Storm(percent=percent, seconds=seconds)


def test_a_burst_spreads_its_events_evenly_over_the_park() -> None:
    small = Park(network="north", size=10, seed=1)
    found = [
        fact
        for number in range(4)
        for fact in facts_of(burst_message(small, number, events_per_message=5, at=after(number)))
    ]
    assert [fact.device_id for fact in found[:10]] == [d.device_id for d in small.devices()]
    assert [fact.code for fact in found] == ["3.26.0.85"] * 10 + ["3.26.0.216"] * 10
