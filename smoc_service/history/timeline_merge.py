"""One timeline from several strands, each newest first, with a position of its own.

A page takes the newest entries of all strands. The next page continues in each strand from where this page ended, so
new entries at the strands' beginning move nothing, and no entry is shown twice or left out.

A strand may stop before it has found enough for a page, because few of very many entries fit. It says so (``more``),
and how far it has read (``horizon``): the page shows nothing beyond that. The page is then shorter, or even empty, and
there is a next one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from smoc_service.register.device import TimelineEntry

NEVER: Final = datetime.min.replace(tzinfo=UTC)
# In characters, of four bytes at most each: a gRPC message has 16 MiB.
_CHARACTERS_AT_MOST: Final = 2 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    entry: TimelineEntry
    # When it was recorded: what puts the timeline in order.
    at: datetime
    # Where to go on after it, as JSON can hold it.
    position: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """What a strand shows from its position on, newest first."""

    found: Sequence[Found] = ()
    # The position of which ``found`` is what follows: newer ones that come in meanwhile lie before it.
    begins: Any
    # There may be more than ``found``: not before ``horizon``, and from ``looked_to`` on.
    more: bool = False
    horizon: datetime = NEVER
    looked_to: Any = None


def merged(
    strands: Mapping[str, Strand],
    positions: Mapping[str, Any],
    size: int,
    characters_at_most: int = _CHARACTERS_AT_MOST,
) -> tuple[list[TimelineEntry], Mapping[str, Any] | None]:
    """Return up to ``size`` entries, fewer where they would be too large for an answer, and the next page's positions.

    The positions are None when this was the last page.
    """
    left = {name: list(strand.found) for name, strand in strands.items()}
    after = {name: strand.begins for name, strand in strands.items()} | dict(positions)
    page: list[TimelineEntry] = []
    characters = 0
    while len(page) < size:
        heads = {name: found[0] for name, found in left.items() if found}
        if not heads:
            break
        name = max(heads, key=lambda each: heads[each].at)
        newest = heads[name]
        if any(
            strand.more and not left[other] and strand.horizon > newest.at
            for other, strand in strands.items()
        ):
            break
        characters += _characters(newest.entry)
        if page and characters > characters_at_most:
            break
        left[name].pop(0)
        page.append(newest.entry)
        after[name] = newest.position
    unseen = False
    for name, strand in strands.items():
        if left[name]:
            unseen = True
        elif strand.more:
            unseen = True
            if strand.looked_to is not None:
                after[name] = strand.looked_to
    return page, after if unseen else None


def _characters(entry: TimelineEntry) -> int:
    return len(entry.summary) + sum(len(name) + len(text) for name, text in entry.details.items())
