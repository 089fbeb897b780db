"""A plan, and how plans of one device stand together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from contract_limits import PLAN_BYTES_PER_DEVICE, PLANS_PER_DEVICE


class PlanKind(StrEnum):
    """What takes effect. Published and stored: never rename one."""

    CONFIGURATION = "configuration"
    LINK = "link"
    UNLINK = "unlink"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be said of the device at ``effective_at``: attributes, and the words "lifecycle" and "switch".

    ``said_at`` orders statements about the same: the newer one counts.
    """

    kind: PlanKind
    effective_at: datetime
    said_at: datetime
    said: Mapping[str, str] = field(default_factory=dict)

    def is_same(self, other: "Plan") -> bool:
        """Return whether both say the same for the same date, independent of when they were made."""
        return (self.kind, self.effective_at, self.said) == (
            other.kind,
            other.effective_at,
            other.said,
        )


def merged(plans: Sequence[Plan], new: Plan) -> tuple[Plan, ...]:
    """Return the plans after ``new`` was announced, soonest first; ``plans`` themselves if it says nothing new.

    For one date, the newer statement counts, word by word. The same for another date is the plan moved to that date,
    unless something else is planned of it in between.
    """
    same_kind = [plan for plan in plans if plan.kind is new.kind]
    if any(plan.is_same(new) for plan in same_kind):
        return tuple(plans)
    said = dict(new.said)
    gone: list[Plan] = []
    cut: list[Plan] = []
    for plan in same_kind:
        newer = new.said_at >= plan.said_at
        if plan.effective_at == new.effective_at:
            if newer:
                gone.append(plan)
                left = {word: text for word, text in plan.said.items() if word not in new.said}
                cut += [replace(plan, said=left)] if left else []
            else:
                said = {word: text for word, text in said.items() if word not in plan.said}
        elif plan.said == new.said and not _between(plan, new, same_kind):
            if not newer:
                return tuple(plans)
            gone.append(plan)
    kept = [plan for plan in plans if plan not in gone]
    if not said:
        return tuple(plans)
    return in_order([*kept, *cut, replace(new, said=said)])


def without(plans: Iterable[Plan], over: Plan) -> tuple[Plan, ...]:
    return tuple(plan for plan in plans if not plan.is_same(over))


def in_order(plans: Iterable[Plan]) -> tuple[Plan, ...]:
    """Return the plans in the order in which they take effect: unlinks before links."""
    return tuple(
        sorted(
            plans,
            key=lambda plan: (
                plan.effective_at,
                plan.kind is PlanKind.LINK,
                plan.said_at,
                sorted(plan.said.items()),
            ),
        )
    )


def is_too_much(plans: Sequence[Plan]) -> bool:
    """A device has one or two. Without a limit, a source that announces endlessly would grow it for ever."""
    size = sum(
        len(word.encode()) + len(text.encode())
        for plan in plans
        for word, text in plan.said.items()
    )
    return len(plans) > PLANS_PER_DEVICE or size > PLAN_BYTES_PER_DEVICE


def _between(one: Plan, other: Plan, plans: Iterable[Plan]) -> bool:
    first, last = sorted((one.effective_at, other.effective_at))
    return any(
        first < plan.effective_at < last and not plan.said.keys().isdisjoint(one.said)
        for plan in plans
    )
