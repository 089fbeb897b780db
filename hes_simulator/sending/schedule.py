"""From offsets to clock times: the life of a park from where the ledger says it stands, and a storm from now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hes_simulator.life.life import BEGINNING, Chapter, Life, Pace, Place
from hes_simulator.park.devices import Park
from hes_simulator.sending.pouring import Scheduled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from hes_simulator.life.life import Planned


def life_schedule(
    park: Park, pace: Pace, position: tuple[Chapter, Place] | None, *, now: datetime
) -> Iterator[Scheduled]:
    """Yield the remaining messages, from `now` on.

    A simulator that was away goes on as if no time had passed. With another pace, or a park that has grown,
    the episodes under way come to their end first, then the next chapter begins.
    """
    if position is None:
        chapter, place = Chapter(number=1, pace=pace, size=park.size), BEGINNING
        yield from _told(_life(park, chapter).planned(now), chapter, now)
        return
    chapter, place = position
    life = _life(park, chapter)
    began_at = now - timedelta(seconds=max(0.0, place.seconds))
    if (chapter.pace, chapter.size) == (pace, park.size):
        yield from _told(life.planned(began_at, after=place), chapter, began_at)
        return
    ended_at = now
    rest = life.planned(began_at, after=place, only_started_until=place.seconds)
    for scheduled in _told(rest, chapter, began_at):
        ended_at = scheduled.at
        yield scheduled
    following = life.next_chapter(pace, park.size, after=place)
    yield from _told(_life(park, following).planned(ended_at), following, ended_at)


def rollout_in_the_past(park: Park, pace: Pace, *, now: datetime) -> Iterator[Scheduled]:
    """Yield a roll-out that has just ended, for users who do not want to wait for one."""
    chapter = Chapter(number=1, pace=pace, size=park.size)
    life = _life(park, chapter)
    began_at = now - timedelta(seconds=life.rollout_seconds)
    return _told(life.planned(began_at), chapter, began_at)


def at_times(planned: Iterable[Planned], began_at: datetime) -> Iterator[Scheduled]:
    """Yield what happens once, and is not resumed from a place."""
    for one in planned:
        yield Scheduled(
            at=began_at + timedelta(seconds=one.place.seconds),
            numbers=(one.place.slot,),
            content=one.content,
        )


def _life(park: Park, chapter: Chapter) -> Life:
    return Life(Park(network=park.network, size=chapter.size, seed=park.seed), chapter)


def _told(planned: Iterable[Planned], chapter: Chapter, began_at: datetime) -> Iterator[Scheduled]:
    for one in planned:
        place = one.place
        yield Scheduled(
            at=began_at + timedelta(seconds=place.seconds),
            numbers=(chapter.number, place.row, place.slot, place.step),
            content=one.content,
            reached=(chapter, place),
        )
