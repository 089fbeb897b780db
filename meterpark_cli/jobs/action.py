"""What a job does with each of its devices, as the user gave it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class ActionKind(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    TAG = "tag"
    MARK = "mark"
    UNMARK = "unmark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """The action, as the user gave it."""

    kind: ActionKind
    add: Sequence[str]
    remove: Sequence[str]
    reason: str
    assignee: str
    comment: str
    rule: Sequence[str]
