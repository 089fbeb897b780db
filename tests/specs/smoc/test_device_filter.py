"""Conditions on devices."""

# ruff: noqa: S311 - what is drawn can be drawn again

import random
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from meterpark.smoc.v1 import device_service_pb2

from service_chassis.scope import EVERYTHING, NetworkDenied, Scope
from smoc_service.database import DEVICE_INDEXES
from smoc_service.device import FACETS
from smoc_service.device_filter import DeviceFilter
from smoc_service.requests import FILTER_FIELDS, read_filter


def test_the_same_conditions_in_another_order_have_the_same_fingerprint() -> None:
    values = {name: list(given) for name, given in FACETS.items()}
    first = DeviceFilter(
        networks=("north", "south"),
        facets={name: tuple(given) for name, given in values.items()},
    )
    chance = random.Random(1)
    for given in values.values():
        chance.shuffle(given)
    second = DeviceFilter(
        networks=("south", "north"),
        facets={name: tuple(values[name]) for name in reversed(list(values))},
    )
    assert first.within(EVERYTHING).fingerprint() == second.within(EVERYTHING).fingerprint()


def test_different_conditions_have_different_fingerprints() -> None:
    conditions = [
        DeviceFilter(),
        DeviceFilter(networks=("a",)),
        DeviceFilter(models=("a",)),
        DeviceFilter(networks=("a", "b")),
        DeviceFilter(networks=('a", "b',)),
        DeviceFilter(beginning="a"),
        DeviceFilter(facets={"power": ("ON",)}),
        DeviceFilter(facets={"switch": ("ON",)}),
    ]
    assert len({each.within(EVERYTHING).fingerprint() for each in conditions}) == len(conditions)


def test_every_single_condition_has_an_index() -> None:
    known = {index.document["name"] for index in DEVICE_INDEXES}
    singles = [
        DeviceFilter(networks=("north",)),
        DeviceFilter(models=("E450",)),
        DeviceFilter(beginning="ZPA"),
        *(DeviceFilter(facets={name: values[:1]}) for name, values in FACETS.items()),
    ]
    assert {each.within(EVERYTHING).index() for each in singles} == known
    two = DeviceFilter(networks=("north",), models=("E450",))
    assert DeviceFilter().within(EVERYTHING).index() is None
    assert two.within(EVERYTHING).index() is None
    north = Scope.of(["north"])
    assert DeviceFilter().within(north).index() == "by_network"
    assert DeviceFilter(models=("E450",)).within(north).index() is None


def test_every_field_of_the_contract_s_filter_is_a_condition() -> None:
    fields = device_service_pb2.DeviceFilter.DESCRIPTOR.fields_by_name
    assert set(fields) == {"networks", "models", "text_beginning", *FILTER_FIELDS.values()}
    assert set(FILTER_FIELDS) == set(FACETS)
    read = read_filter(
        device_service_pb2.DeviceFilter(
            networks=["north", "north"], models=["E450"], powers=["ON"], text_beginning="Z"
        )
    )
    assert read == DeviceFilter(
        networks=("north",), models=("E450",), facets={"power": ("ON",)}, beginning="Z"
    )


NETWORKS = ["north", "south", "east", "nord", "nord-2"]
names = st.sampled_from(NETWORKS)


@for_all(wanted=st.sets(names), seen=st.sets(names | st.just("*")), power=st.booleans())
def test_no_conditions_reach_beyond_what_may_be_seen(
    wanted: set[str],
    seen: set[str],
    power: bool,  # noqa: FBT001 - drawn
) -> None:
    conditions = DeviceFilter(networks=tuple(wanted), facets={"power": ("ON",)} if power else {})
    scope = Scope.of(seen)
    if not all(scope.holds(network) for network in wanted):
        with pytest.raises(NetworkDenied):
            conditions.within(scope)
        return
    query = conditions.within(scope).query()
    found = {network for network in NETWORKS if _fits(query, network)}
    visible = {network for network in NETWORKS if scope.holds(network)}
    assert found == (wanted or visible)
    assert ("power.value" in query) == power


def _fits(query: dict[str, Any], network: str) -> bool:
    """Decide as the database does."""
    match query.get("network"):
        case None:
            return True
        case {"$in": names_wanted}:
            return network in names_wanted
        case name:
            return bool(name == network)


def test_a_scope_that_is_not_all_does_not_hold_the_network_without_a_name() -> None:
    assert Scope.of(["*"]).holds("")
    assert not Scope.of(["", "north"]).holds("")
    assert not Scope.of([]).holds("")
