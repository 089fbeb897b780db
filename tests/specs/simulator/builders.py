"""Shapes that several specs of the simulator use."""

import itertools
from datetime import UTC, datetime, timedelta

from hes_simulator.life.life import Chapter, Life, Pace, Planned
from hes_simulator.messages.event_messages import (
    EndDeviceEvents,
    Lifecycle,
    MeterConfig,
    Occurrence,
    Verb,
)
from hes_simulator.park.devices import Park, ParkDevice

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PARK = Park(network="north", size=50, seed=7)
METER = PARK.device(3)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def events(*codes_and_seconds: tuple[str, float], device: ParkDevice = METER) -> EndDeviceEvents:
    return EndDeviceEvents(
        occurrences=tuple(
            Occurrence(device=device, code=code, at=after(seconds))
            for code, seconds in codes_and_seconds
        )
    )


def config(status: Lifecycle, seconds: float, *, firmware: str = "1.4.0") -> MeterConfig:
    return MeterConfig(
        verb=Verb.CHANGED, device=METER, status=status, firmware=firmware, at=after(seconds)
    )


def life_of(park: Park, pace: Pace | None = None) -> Life:
    return Life(park, Chapter(number=1, pace=pace or Pace(), size=park.size))


def first(count: int, life: Life) -> list[Planned]:
    return list(itertools.islice(life.planned(NOON), count))
