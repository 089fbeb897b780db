"""Which device reports what, and when: the roll-out of a park and the daily life after it.

Theory of operation. Time is cut into slots, one row of slots for the roll-out and one for daily life. Slot
n belongs to one device and starts one episode there; which one follows from the seed, the device and how
often it had its turn. So any stretch of the schedule can be worked out without what came before: nothing is
kept per device, and a simulator that was stopped goes on from the place of the last message. Follow-ups of
running episodes wait in a heap; there are as many as episodes run at once, not as many as devices.

Times are seconds since the chapter began. A chapter is a stretch with one pace and one park size; a changed
setting starts the next chapter, after the episodes of the last one have come to their end.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from random import Random
from typing import TYPE_CHECKING, Final

from hes_simulator.life.episodes import (
    DAILY,
    EPISODES_PER_UPDATE,
    FAILING_UPDATES,
    ROLLOUT,
    UPDATE,
    UPDATE_FAILED,
    Episode,
    Moment,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from hes_simulator.messages.event_messages import Content
    from hes_simulator.park.devices import Park

# An episode ends well before the device's next turn.
LONGEST_SHARE_OF_TURN: Final = 0.6
SHORTEST_TURN_SECONDS: Final = 1.0


class Row(IntEnum):
    """The two rows of slots."""

    ROLLOUT = 0
    DAILY = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast it goes.

    `rollout`: devices per second into the park. `rate`: messages per second of daily life, 0 for none. `speed_up`:
    how much shorter an episode is than in a real park.
    """

    rollout: float = 4.0
    rate: float = 5.0
    speed_up: float = 60.0

    def __post_init__(self) -> None:
        if self.rollout <= 0 or self.rate < 0 or self.speed_up <= 0:
            raise ValueError("rollout and speed-up must be above 0, rate must not be negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A pace for a park of `size`.

    Devices below `first_device` are in operation already; turns count from `first_turn`.
    """

    number: int
    pace: Pace
    size: int
    first_device: int = 0
    first_turn: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """The place of a message in its chapter. Places are in the order of sending, and no two are equal."""

    seconds: float
    row: int
    slot: int
    step: int


BEGINNING: Final = Place(seconds=-1.0, row=0, slot=0, step=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A message that is to be sent `place.seconds` after the chapter began."""

    place: Place
    content: Content


class Life:
    """The schedule of one chapter of a park. Pure: same park, chapter and arguments, same messages."""

    def __init__(self, park: Park, chapter: Chapter) -> None:
        self._park = park
        self._chapter = chapter
        pace = chapter.pace
        weights = sum(episode.weight for episode in DAILY)
        mean = sum(episode.weight * episode.messages for episode in DAILY) / weights
        mean += (UPDATE.messages - mean) / EPISODES_PER_UPDATE
        # A device takes its turn at most once in a second: a park of three cannot change a hundred times a second.
        self._slot_seconds = (
            max(mean / pace.rate, SHORTEST_TURN_SECONDS / park.size) if pace.rate else math.inf
        )
        self._turn_seconds = self._slot_seconds * park.size
        self._stride = _coprime_stride(park.size)
        self._longest = max(
            self._seconds(episode, 1.0, row)
            for row, episodes in ((Row.ROLLOUT, (ROLLOUT,)), (Row.DAILY, (*DAILY, UPDATE)))
            for episode in episodes
        )

    def planned(
        self,
        began_at: datetime,
        *,
        after: Place = BEGINNING,
        only_started_until: float = math.inf,
    ) -> Iterator[Planned]:
        """Yield every message after that place, in order.

        Args:
            began_at: when second 0 of the chapter is; a simulator that was away moves it, and says nothing late.
            after: the place of the last message that was handed over.
            only_started_until: leave out episodes that start after that second; the way to end a chapter.
        """
        waiting: list[tuple[Place, Content]] = []
        for start, row, slot in self._slots(from_second=after.seconds - self._longest):
            if start > only_started_until:
                break
            while waiting and waiting[0][0].seconds < start:
                place, content = heapq.heappop(waiting)
                yield Planned(place=place, content=content)
            for place, content in self._episode(began_at, start, row, slot):
                if place > after:
                    heapq.heappush(waiting, (place, content))
        while waiting:
            place, content = heapq.heappop(waiting)
            yield Planned(place=place, content=content)

    def next_chapter(self, pace: Pace, size: int, *, after: Place) -> Chapter:
        """Return the chapter that follows when this one ends after that place."""
        started = max(0, math.floor(after.seconds * self._chapter.pace.rollout))
        while self._rollout_start(started) <= after.seconds:
            started += 1
        turns = math.ceil(max(0.0, after.seconds) / self._turn_seconds)
        return Chapter(
            number=self._chapter.number + 1,
            pace=pace,
            size=size,
            first_device=min(self._chapter.first_device + started, self._park.size),
            first_turn=self._chapter.first_turn + turns + 1,
        )

    @property
    def rollout_seconds(self) -> float:
        """When the last episode of the roll-out has ended, at the latest."""
        devices = self._park.size - self._chapter.first_device
        return self._rollout_start(devices) + self._seconds(ROLLOUT, 1.0, Row.ROLLOUT)

    def _slots(self, from_second: float) -> Iterator[tuple[float, Row, int]]:
        """Yield the slots of both rows, merged by time, from that second on."""
        return heapq.merge(self._rollout_slots(from_second), self._daily_slots(from_second))

    def _rollout_slots(self, from_second: float) -> Iterator[tuple[float, Row, int]]:
        slot = max(0, math.floor(from_second * self._chapter.pace.rollout))
        while self._chapter.first_device + slot < self._park.size:
            yield self._rollout_start(slot), Row.ROLLOUT, slot
            slot += 1

    def _daily_slots(self, from_second: float) -> Iterator[tuple[float, Row, int]]:
        if math.isinf(self._slot_seconds):
            return
        slot = max(0, math.floor(from_second / self._slot_seconds))
        while True:
            start = slot * self._slot_seconds
            if self._in_operation(self._device_of(slot), start):
                yield start, Row.DAILY, slot
            slot += 1

    def _rollout_start(self, slot: int) -> float:
        return slot / self._chapter.pace.rollout

    def _device_of(self, slot: int) -> int:
        return slot * self._stride % self._park.size

    def _in_operation(self, device: int, second: float) -> bool:
        slot = device - self._chapter.first_device
        if slot < 0:
            return True
        return second > self._rollout_start(slot) + self._seconds(ROLLOUT, 1.0, Row.ROLLOUT)

    def _seconds(self, episode: Episode, luck: float, row: Row) -> float:
        shortest, longest = episode.minutes
        seconds = (shortest + (longest - shortest) * luck) * 60 / self._chapter.pace.speed_up
        if row is Row.ROLLOUT:
            return seconds
        return min(seconds, LONGEST_SHARE_OF_TURN * self._turn_seconds)

    def _episode(
        self, began_at: datetime, start: float, row: Row, slot: int
    ) -> Iterator[tuple[Place, Content]]:
        if row is Row.ROLLOUT:
            index, turn = self._chapter.first_device + slot, -1
        else:
            index, turn = self._device_of(slot), self._chapter.first_turn + slot // self._park.size
        luck = Random(f"{self._park.seed}/{index}/{turn}")
        episode = ROLLOUT if row is Row.ROLLOUT else self._choice(index, turn, luck)
        seconds = self._seconds(episode, luck.random(), row)
        device = self._park.device(index)
        moment = Moment(
            device=device,
            began_at=began_at + timedelta(seconds=start),
            seconds=seconds,
            firmware=device.firmware(self._updates(index, turn)),
            next_firmware=device.firmware(self._updates(index, turn + 1)),
            luck=luck,
        )
        for step, (share, content) in enumerate(episode.course(moment)):
            place = Place(seconds=start + share * seconds, row=row, slot=slot, step=step)
            yield place, content

    def _choice(self, index: int, turn: int, luck: Random) -> Episode:
        if (turn + self._update_offset(index)) % EPISODES_PER_UPDATE == EPISODES_PER_UPDATE - 1:
            return UPDATE_FAILED if self._update_fails(index, turn) else UPDATE
        return luck.choices(DAILY, weights=[episode.weight for episode in DAILY])[0]

    def _updates(self, index: int, before_turn: int) -> int:
        """Return which update the device has run by then: the last one offered that did not fail."""
        offset = self._update_offset(index)
        offered = (max(0, before_turn) + offset) // EPISODES_PER_UPDATE
        while offered and self._update_fails(index, offered * EPISODES_PER_UPDATE - 1 - offset):
            offered -= 1
        return offered

    def _update_offset(self, index: int) -> int:
        return Random(f"{self._park.seed}/{index}").randrange(EPISODES_PER_UPDATE)

    def _update_fails(self, index: int, turn: int) -> bool:
        return Random(f"{self._park.seed}/{index}/update/{turn}").random() < FAILING_UPDATES


def _coprime_stride(size: int) -> int:
    """Return a step near the golden section of `size` that visits every device before any comes again."""
    stride = max(1, round(size * 0.618))
    while math.gcd(stride, size) != 1:
        stride += 1
    return stride
