"""Loads beyond daily life: an outage storm over a part of the park, and a burst for measuring.

Last gasps of a storm come faster at its beginning; a head-end system collects what arrives within a moment
into one message. Restores take three times as long, and some never come: real ones do not, and a reading is
what tells that power is back.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from hes_simulator.life.life import Place, Planned
from hes_simulator.messages.event_messages import EndDeviceEvents, MeterReadings, Occurrence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from hes_simulator.park.devices import Park

POWER_LOST = "3.26.0.85"
POWER_RESTORED = "3.26.0.216"
RESTORES_LAST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """`percent` of the devices lose power within `seconds`; after `dark` seconds more the first come back.

    `dark` None: power stays off. `lost_restores`: the share of devices whose restore never arrives, but a
    reading does.
    """

    percent: float
    seconds: float
    dark: float | None = 10.0
    lost_restores: float = 0.0
    events_per_message: int = 20

    def __post_init__(self) -> None:
        if not 0 < self.percent <= 100 or self.seconds <= 0 or (self.dark or 0) < 0:  # noqa: PLR2004
            raise ValueError(
                "a storm takes above 0 to 100 percent, and more than 0 seconds (dark: 0 or more)"
            )
        if not 0 <= self.lost_restores <= 1 or self.events_per_message < 1:
            raise ValueError("lost restores go from 0 to 1, and a message has 1 event or more")


def storm(
    park: Park, storm: Storm, began_at: datetime, *, devices: Sequence[int], seed: int
) -> Iterator[Planned]:
    """Yield the messages of a storm over some of `devices` (indexes), in order. Pure.

    Each device's restore occurs after its loss. Memory: two numbers per device that is hit.
    """
    luck = Random(f"storm/{seed}")
    hit = luck.sample(devices, round(len(devices) * storm.percent / 100))
    losses = sorted((storm.seconds * luck.random() ** 2, index) for index in hit)
    place = itertools.count()
    yield from _grouped(park, storm.events_per_message, began_at, (losses, POWER_LOST), place)
    if storm.dark is None:
        return
    begin = storm.seconds + storm.dark
    returns = sorted((begin + storm.seconds * RESTORES_LAST * luck.random(), i) for i in hit)
    silent = {index for index in hit if luck.random() < storm.lost_restores}
    restored = [(second, index) for second, index in returns if index not in silent]
    yield from _grouped(park, storm.events_per_message, began_at, (restored, POWER_RESTORED), place)
    end = begin + storm.seconds * RESTORES_LAST
    for index in sorted(silent):
        yield Planned(
            place=Place(seconds=end, row=0, slot=next(place), step=0),
            content=MeterReadings(
                device=park.device(index), at=began_at + timedelta(seconds=end), values=(1_000.0,)
            ),
        )


def burst_message(
    park: Park, number: int, *, events_per_message: int, at: datetime
) -> EndDeviceEvents:
    """Return message `number` of a burst, from 0.

    The devices take turns; each loses power in one round and has it back in the next.
    """
    first = number * events_per_message
    return EndDeviceEvents(
        occurrences=tuple(
            Occurrence(
                device=park.device(place % park.size),
                code=POWER_LOST if place // park.size % 2 == 0 else POWER_RESTORED,
                at=at + timedelta(milliseconds=place - first),
            )
            for place in range(first, first + events_per_message)
        )
    )


def _grouped(
    park: Park,
    largest: int,
    began_at: datetime,
    wave: tuple[Sequence[tuple[float, int]], str],
    place: Iterator[int],
) -> Iterator[Planned]:
    """Yield a message per second and per `largest` events, sent when its last event has happened."""
    happenings, code = wave
    for _, within in itertools.groupby(happenings, key=lambda happening: int(happening[0])):
        moment = list(within)
        for first in range(0, len(moment), largest):
            group = moment[first : first + largest]
            yield Planned(
                place=Place(seconds=group[-1][0], row=0, slot=next(place), step=0),
                content=EndDeviceEvents(
                    occurrences=tuple(
                        Occurrence(
                            device=park.device(index),
                            code=code,
                            at=began_at + timedelta(seconds=second),
                        )
                        for second, index in group
                    )
                ),
            )
