"""What a job would leave as it is: how many of its devices, and why, before anything is done."""

from collections.abc import Mapping
from enum import StrEnum

from smoc_service.jobs.core.actions import Action, MarkForExchange, Tag, UnmarkForExchange


class SkipReason(StrEnum):
    TAGS_ALREADY_SO = "TAGS_ALREADY_SO"
    NOT_MARKED = "NOT_MARKED"
    MARKED_ALREADY = "MARKED_ALREADY"


def skipped_by(
    action: Action, tagged: Mapping[tuple[str, ...], int], marked: int, unmarked: int
) -> dict[SkipReason, int]:
    """Return how many devices ``action`` would leave as they are, by reason; what is none is left out.

    ``tagged`` says how many devices carry which tags together. Of alarms nothing is told: the job looks at each.
    """
    match action:
        case Tag(add=add, remove=remove):
            so_already = (
                count
                for tags, count in tagged.items()
                if set(add) <= set(tags) and not set(remove) & set(tags)
            )
            found = {SkipReason.TAGS_ALREADY_SO: sum(so_already)}
        case MarkForExchange():
            found = {SkipReason.MARKED_ALREADY: marked}
        case UnmarkForExchange():
            found = {SkipReason.NOT_MARKED: unmarked}
        case _:
            found = {}
    return {reason: count for reason, count in found.items() if count}
