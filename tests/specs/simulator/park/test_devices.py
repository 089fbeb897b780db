import re
import sys
import tracemalloc
from math import dist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hes_simulator.park.devices import LARGEST_PARK, Park


def test_the_same_seed_makes_the_same_park() -> None:
    first = Park(network="north", size=100, seed=42)
    again = Park(network="north", size=100, seed=42)
    assert list(first.devices()) == list(again.devices())


def test_another_seed_or_network_makes_other_devices() -> None:
    here = {device.mrid for device in Park(network="north", size=100, seed=42).devices()}
    for other in (
        Park(network="north", size=100, seed=43),
        Park(network="south", size=100, seed=42),
    ):
        assert here.isdisjoint(device.mrid for device in other.devices())


@pytest.mark.slow
def test_no_two_devices_share_what_identifies_them() -> None:
    devices = list(Park(network="north", size=20_000, seed=1).devices())
    for field in ("serial_number", "utility_number", "mrid", "usage_point"):
        assert len({getattr(device, field) for device in devices}) == len(devices), field


def test_meters_of_an_area_stand_close_together_and_networks_are_other_towns() -> None:
    by_area: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for network in ("north", "south"):
        for device in Park(network=network, size=600, seed=1).devices():
            place = float(device.latitude), float(device.longitude)
            by_area.setdefault((network, device.area), []).append(place)
    for places in by_area.values():
        for degrees in zip(*places, strict=True):
            assert max(degrees) - min(degrees) < 0.04
    towns = {network: by_area[network, "Hafen"][0] for network in ("north", "south")}
    assert dist(towns["north"], towns["south"]) > 0.5


def test_a_park_that_grows_keeps_its_devices() -> None:
    small, large = (Park(network="north", size=size, seed=1) for size in (10, 1000))
    assert list(small.devices()) == [large.device(index) for index in range(10)]


@given(seed=st.integers(), index=st.integers(0, LARGEST_PARK - 1))
def test_serial_numbers_look_like_those_of_real_meters(seed: int, index: int) -> None:
    device = Park(network="north", size=LARGEST_PARK, seed=seed).device(index)
    assert re.fullmatch(r"1[A-Z]{3}[0-9A-F]{2}\d{8}", device.serial_number)
    assert device.device_id == f"north/{device.serial_number}"


def test_a_park_of_a_million_costs_no_memory_per_device() -> None:
    tracemalloc.start()
    park = Park(network="north", size=1_000_000, seed=1)
    park.device(999_999)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert sys.getsizeof(park) < 1000


def test_what_cannot_be_a_park_is_refused() -> None:
    with pytest.raises(ValueError, match="no name for a network"):
        Park(network="North/1", size=10, seed=1)
    with pytest.raises(ValueError, match="a park has 1 to"):
        Park(network="north", size=0, seed=1)
    with pytest.raises(IndexError):
        Park(network="north", size=10, seed=1).device(10)
