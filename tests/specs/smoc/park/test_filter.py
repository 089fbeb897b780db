"""Conditions on devices."""

# ruff: noqa: S311 - what is drawn can be drawn again

import random
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given as for_all
from hypothesis import strategies as st
from meterpark.smoc.v1 import device_service_pb2

from service_chassis.scope import EVERYTHING, NetworkDenied, Scope
from smoc_service.park.filter import DeviceFilter
from smoc_service.park.index import Conditions, Span, box_of
from smoc_service.park.questions import FILTER_FIELDS, read_filter
from smoc_service.register.device import FACETS


def wanting(**conditions: Any) -> DeviceFilter:
    return DeviceFilter(wanted=Conditions(**conditions))


def test_the_same_conditions_in_another_order_have_the_same_fingerprint() -> None:
    values = {name: list(given) for name, given in FACETS.items()}
    first = wanting(
        networks=("north", "south"),
        words={name: tuple(given) for name, given in values.items()},
    )
    chance = random.Random(1)
    for given in values.values():
        chance.shuffle(given)
    second = wanting(
        networks=("south", "north"),
        words={name: tuple(values[name]) for name in reversed(list(values))},
    )
    assert first.within(EVERYTHING).fingerprint() == second.within(EVERYTHING).fingerprint()


def test_different_conditions_have_different_fingerprints() -> None:
    conditions = [
        DeviceFilter(),
        wanting(networks=("a",)),
        wanting(words={"model": ("a",)}),
        wanting(words={"area": ("a",)}),
        wanting(networks=("a", "b")),
        wanting(networks=('a", "b',)),
        wanting(beginning="a"),
        wanting(ending="a"),
        wanting(words={"power": ("ON",)}),
        wanting(words={"switch": ("ON",)}),
        wanting(spans={"last_contact_time": Span(start=1)}),
        wanting(spans={"last_contact_time": Span(end=1)}),
        wanting(spans={"power.as_of_time": Span(end=1)}),
        wanting(present={"last_contact_time": True}),
        wanting(present={"last_contact_time": False}),
        wanting(exact={"usage_point": ("a",)}),
        wanting(placed=True),
        wanting(placed=False),
        wanting(box=box_of(south=47, west=8, north=48, east=9)),
        wanting(box=box_of(south=47, west=8, north=48, east=10)),
    ]
    assert len({each.within(EVERYTHING).fingerprint() for each in conditions}) == len(conditions)


def test_every_field_of_the_contract_s_filter_is_a_condition() -> None:
    fields = device_service_pb2.DeviceFilter.DESCRIPTOR.fields
    some_time = Timestamp(seconds=1)
    for field in fields:
        message = device_service_pb2.DeviceFilter()
        match field.name:
            case "last_contact":
                message.last_contact.end_time.CopyFrom(some_time)
            case "facet_ages":
                message.facet_ages.add(facet="power").since.start_time.CopyFrom(some_time)
            case "marked_for_exchange" | "never_contacted" | "placed":
                setattr(message, field.name, False)
            case "box":
                box = device_service_pb2.GeoBox(south=47, west=8, north=48, east=9)
                message.box.CopyFrom(box)
            case "text_beginning" | "text_ending":
                setattr(message, field.name, "a")
            case name if name in FILTER_FIELDS.values():
                getattr(message, name).append("UNKNOWN" if name != "lifecycles" else "ERROR")
            case name:
                getattr(message, name).append("a")
        assert read_filter(message) != DeviceFilter(), field.name
    assert set(FILTER_FIELDS) == set(FACETS)


NETWORKS = ["north", "south", "east", "nord", "nord-2"]
names = st.sampled_from(NETWORKS)


@for_all(wanted=st.sets(names), seen=st.sets(names | st.just("*")), power=st.booleans())
def test_no_conditions_reach_beyond_what_may_be_seen(
    wanted: set[str],
    seen: set[str],
    power: bool,  # noqa: FBT001 - drawn
) -> None:
    conditions = wanting(networks=tuple(wanted) or None, words={"power": ("ON",)} if power else {})
    scope = Scope.of(seen)
    if not all(scope.holds(network) for network in wanted):
        with pytest.raises(NetworkDenied):
            conditions.within(scope)
        return
    visible = conditions.within(scope).conditions
    assert visible.words == conditions.wanted.words
    found = {
        network for network in NETWORKS if visible.networks is None or network in visible.networks
    }
    assert found == (wanted or {network for network in NETWORKS if scope.holds(network)})


def test_a_scope_that_is_not_all_does_not_hold_the_network_without_a_name() -> None:
    assert Scope.of(["*"]).holds("")
    assert not Scope.of(["", "north"]).holds("")
    assert not Scope.of([]).holds("")
