import itertools
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from hes_simulator.expectation.expected import FacetName, claims_of, newest, settled
from hes_simulator.expectation.facts import Kind, facts_of
from hes_simulator.life.life import Chapter, Life, Pace
from hes_simulator.messages.event_messages import EndDeviceEvents, Lifecycle, MeterConfig, Verb
from hes_simulator.park.devices import Park
from tests.examples import examples
from tests.specs.simulator.builders import NOON, PARK, first, life_of


def test_the_same_seed_lives_the_same_life() -> None:
    assert first(2000, life_of(PARK)) == first(2000, life_of(PARK))


def test_another_seed_lives_another_life() -> None:
    other = Park(network="north", size=50, seed=8)
    assert first(500, life_of(PARK)) != first(500, life_of(other))


def test_messages_come_in_the_order_of_time() -> None:
    places = [planned.place for planned in first(3000, life_of(PARK))]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


@examples(12)
@given(stopped_after=st.integers(1, 700))
def test_a_simulator_that_was_stopped_goes_on_as_if_it_had_not_been(stopped_after: int) -> None:
    life = life_of(PARK)
    whole = first(800, life)
    place = whole[stopped_after - 1].place
    rest = itertools.islice(life.planned(NOON, after=place), 800 - stopped_after)
    assert list(rest) == whole[stopped_after:]


def test_roll_out_brings_each_device_from_stock_into_operation() -> None:
    steps = defaultdict(list)
    for planned in life_of(PARK, Pace(rate=0)).planned(NOON):
        for fact in facts_of(planned.content):
            steps[fact.device_id].append((fact.kind, fact.code))
    assert set(steps) == {device.device_id for device in PARK.devices()}
    assert all(
        told
        == [
            (Kind.CONFIGURED, "INVENTORY"),
            (Kind.LINKED, ""),
            (Kind.CONFIGURED, "DISCOVERED"),
            (Kind.EVENT, "3.6.5.58"),
            (Kind.CONFIGURED, "IN_OPERATION"),
            (Kind.CONTACT, ""),
        ]
        for told in steps.values()
    )


def test_the_default_pace_fills_a_park_of_200_in_about_a_minute() -> None:
    life = life_of(Park(network="north", size=200, seed=1))
    created = [
        planned.place.seconds
        for planned in itertools.islice(life.planned(NOON), 1300)
        if isinstance(planned.content, MeterConfig) and planned.content.verb is Verb.CREATED
    ]
    assert created[199] < 60
    assert life.rollout_seconds < 61


def test_a_park_of_three_does_not_change_a_hundred_times_a_second() -> None:
    park = Park(network="north", size=3, seed=1)
    chapter = Chapter(number=1, pace=Pace(rate=1000.0), size=3, first_device=3)
    planned = first(1000, Life(park, chapter))
    assert planned[-1].place.seconds > 100


def test_some_messages_hold_several_events() -> None:
    sizes = {
        len(planned.content.occurrences)
        for planned in first(2000, life_of(PARK))
        if isinstance(planned.content, EndDeviceEvents)
    }
    assert {1, 2, 4} <= sizes


def test_a_changed_pace_begins_a_chapter_after_the_episodes_have_ended() -> None:
    park = Park(network="north", size=30, seed=1)
    old = life_of(park, Pace(rollout=2.0, rate=5.0))
    told = first(400, old)
    place = told[-1].place
    rest = list(old.planned(NOON, after=place, only_started_until=place.seconds))
    following = old.next_chapter(Pace(rate=50.0), 40, after=place)
    larger = Park(network="north", size=40, seed=1)
    new = list(itertools.islice(Life(larger, following).planned(NOON), 500))
    assert following.first_device == 30
    claims = newest(
        claim
        for planned in [*told, *rest]
        for fact in facts_of(planned.content)
        for claim in claims_of(fact, told_at=NOON)
    )
    for device in park.devices():
        facets = settled(claims[device.device_id])
        assert facets[FacetName.LIFECYCLE] in (Lifecycle.IN_OPERATION, Lifecycle.ERROR)
        assert facets.get(FacetName.POWER, "ON") == "ON"
    rolled_out = {
        fact.device_id
        for planned in new
        for fact in facts_of(planned.content)
        if planned.place.row == 0
    }
    assert rolled_out == {larger.device(index).device_id for index in range(30, 40)}
