"""One list of what several services list, each newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Known(Protocol):
    """Ids of later deeds are greater, whichever service stored them."""

    @property
    def deed_id(self) -> str: ...


KnownT = TypeVar("KnownT", bound=Known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Generic[KnownT]):
    """What one service answered: its newest; ``more``: it has older ones than these."""

    deeds: Sequence[KnownT]
    more: bool


def merged(parts: Sequence[Part[KnownT]], at_most: int) -> tuple[list[KnownT], bool]:
    """Return the newest of all, up to ``at_most``, and whether there are more.

    A service may answer fewer than it was asked for, and have more. Then the list ends where its answer does: what is
    older may stand behind deeds that this service has not told yet.
    """
    known_to = max((part.deeds[-1].deed_id for part in parts if part.more), default="")
    known = sorted(
        (deed for part in parts for deed in part.deeds if deed.deed_id >= known_to),
        key=lambda deed: deed.deed_id,
        reverse=True,
    )
    return known[:at_most], len(known) > at_most or any(part.more for part in parts)
