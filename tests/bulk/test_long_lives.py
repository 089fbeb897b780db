"""Lives of a simulated park that are long enough to show what is rare."""

from collections import Counter

import pytest

from hes_simulator.expectation.facts import Kind, facts_of
from hes_simulator.life.life import Chapter, Life, Pace
from hes_simulator.messages.event_messages import MeterConfig
from hes_simulator.park.devices import Park
from tests.specs.simulator.builders import PARK, first, life_of


def test_daily_life_keeps_the_rate_that_was_asked_for() -> None:
    park = Park(network="north", size=2000, seed=1)
    chapter = Chapter(number=2, pace=Pace(rate=20.0), size=park.size, first_device=park.size)
    planned = first(10_000, Life(park, chapter))
    assert planned[-1].place.seconds == pytest.approx(10_000 / 20.0, rel=0.1)


def test_daily_life_shows_everything_that_happens_to_meters() -> None:
    seen: Counter[str] = Counter()
    for planned in first(6000, life_of(PARK)):
        seen.update(fact.code.partition(".")[2] or fact.kind for fact in facts_of(planned.content))
    for code in ("26.0.85", "26.0.216", "31.0.68", "31.0.42", "12.43.291", "11.283.4", "1.0.85"):
        assert seen[code], code
    assert seen[Kind.CONTACT] > 500
    assert seen[Kind.UNLINKED]


def test_a_device_has_one_episode_at_a_time() -> None:
    """Every loss is followed by its restore before anything else happens to the device."""
    dark: set[str] = set()
    for planned in first(6000, life_of(PARK)):
        for fact in facts_of(planned.content):
            if fact.code.endswith(".26.0.85"):
                dark.add(fact.device_id)
            elif fact.code.endswith(".26.0.216"):
                dark.discard(fact.device_id)
            else:
                assert fact.device_id not in dark


def test_firmware_versions_only_rise() -> None:
    versions: dict[str, tuple[int, ...]] = {}
    for planned in first(12_000, life_of(Park(network="north", size=20, seed=3))):
        if isinstance(planned.content, MeterConfig) and planned.content.firmware:
            device_id = planned.content.device.device_id
            version = tuple(map(int, planned.content.firmware.split(".")))
            assert versions.get(device_id, version) <= version
            versions[device_id] = version
    assert len(set(versions.values())) > 1
