"""What a preview says of devices that would stay as they are."""

import pytest

from smoc_service.jobs.core.actions import (
    AcknowledgeAlarms,
    Action,
    MarkForExchange,
    Tag,
    UnmarkForExchange,
)
from smoc_service.jobs.core.skips import SkipReason, skipped_by

TAGGED = {(): 5, ("north-yard",): 3, ("north-yard", "old"): 2, ("old",): 1}


@pytest.mark.parametrize(
    ("action", "skipped"),
    [
        (Tag(add=("north-yard",)), {SkipReason.TAGS_ALREADY_SO: 5}),
        (Tag(add=("north-yard",), remove=("old",)), {SkipReason.TAGS_ALREADY_SO: 3}),
        (Tag(remove=("old",)), {SkipReason.TAGS_ALREADY_SO: 8}),
        (Tag(add=("new",)), {}),
        (MarkForExchange(reason="seals broken"), {SkipReason.MARKED_ALREADY: 4}),
        (UnmarkForExchange(), {SkipReason.NOT_MARKED: 7}),
        (AcknowledgeAlarms(), {}),
    ],
)
def test_devices_that_are_so_already_are_counted(
    action: Action, skipped: dict[SkipReason, int]
) -> None:
    assert skipped_by(action, TAGGED, marked=4, unmarked=7) == skipped
