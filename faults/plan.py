"""Which fault when: a function of the seed, so that a run can be repeated."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from faults.kinds.table import ALL, How

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from faults.kinds.table import Kind

_PAIR_EACH: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One or two faults at once, after a pause; those that last, last ``seconds``."""

    number: int
    pause_seconds: float
    seconds: float
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Bounds of the pauses between faults, and of how long a fault lasts."""

    pause_seconds: tuple[float, float] = (0.5, 3.0)
    lasting_seconds: tuple[float, float] = (3.0, 12.0)


def planned(seed: int, kinds: Sequence[Kind], pace: Pace) -> Iterator[Step]:
    """Yield steps for ever: every kind once in random order, then again; each fourth step is a pair."""
    luck = Random(f"{seed}/faults")
    deck: list[Kind] = []
    number = 0
    while True:
        if not deck:
            deck = luck.sample(kinds, len(kinds))
        number += 1
        chosen = [deck.pop()]
        if number % _PAIR_EACH == 0:
            others = [kind for kind in kinds if _fits(kind, chosen[0])]
            if others:
                chosen.append(luck.choice(others))
        yield Step(
            number=number,
            pause_seconds=luck.uniform(*pace.pause_seconds),
            seconds=luck.uniform(*pace.lasting_seconds),
            kinds=tuple(chosen),
        )


def _fits(kind: Kind, other: Kind) -> bool:
    # mongod has one fail point for all commands, and a process that is frozen cannot be found dead elsewhere.
    points = (How.POINT, How.ANSWER)
    together = kind.how in points and other.how in points
    return kind.who != other.who and ALL not in (kind.who, other.who) and not together
