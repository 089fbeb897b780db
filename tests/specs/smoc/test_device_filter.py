"""Conditions on devices."""

# ruff: noqa: S311 - what is drawn can be drawn again

import random

from meterpark.smoc.v1 import device_service_pb2

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
    assert first.fingerprint() == second.fingerprint()


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
    assert len({each.fingerprint() for each in conditions}) == len(conditions)


def test_every_single_condition_has_an_index() -> None:
    known = {index.document["name"] for index in DEVICE_INDEXES}
    singles = [
        DeviceFilter(networks=("north",)),
        DeviceFilter(models=("E450",)),
        DeviceFilter(beginning="ZPA"),
        *(DeviceFilter(facets={name: values[:1]}) for name, values in FACETS.items()),
    ]
    assert {each.index() for each in singles} == known
    assert DeviceFilter().index() is None
    assert DeviceFilter(networks=("north",), models=("E450",)).index() is None


def test_every_field_of_the_contract_s_filter_is_a_condition() -> None:
    fields = device_service_pb2.DeviceFilter.DESCRIPTOR.fields_by_name
    assert set(fields) == {"networks", "models", "serial_number_prefix", *FILTER_FIELDS.values()}
    assert set(FILTER_FIELDS) == set(FACETS)
    read = read_filter(
        device_service_pb2.DeviceFilter(
            networks=["north", "north"], models=["E450"], powers=["ON"], serial_number_prefix="Z"
        )
    )
    assert read == DeviceFilter(
        networks=("north",), models=("E450",), facets={"power": ("ON",)}, beginning="Z"
    )
