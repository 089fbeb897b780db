"""Events about what was announced for later (`device_hub.device.plans`)."""

from dataclasses import dataclass
from typing import ClassVar

from device_hub.device.plan import Plan, PlanKind
from device_hub.device.timeline import TimelineEntry, entry_at, spoken
from device_hub.device.values import Occurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlanned:
    """Something was announced for later. ``when`` is when that was said."""

    STORED: ClassVar[str] = "change-planned.1"

    when: Occurrence
    plan: Plan

    def entry(self) -> TimelineEntry:
        summary = planned_summary(self.plan)
        return entry_at(self.when, "change-planned", summary, _details(self.plan))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWithdrawn:
    """What was announced is called off."""

    STORED: ClassVar[str] = "plan-withdrawn.1"

    when: Occurrence
    plan: Plan

    def entry(self) -> TimelineEntry:
        summary = "Called off: p" + planned_summary(self.plan).removeprefix("P")
        return entry_at(self.when, "plan-withdrawn", summary, _details(self.plan))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCarriedOut:
    """The plan's time has come; what it does follows as events of their own. ``refused``: why it cannot be done."""

    STORED: ClassVar[str] = "plan-carried-out.1"

    plan: Plan
    refused: str = ""

    def entry(self) -> TimelineEntry:
        summary, details = "As planned: " + _says(self.plan), _details(self.plan)
        if self.refused:
            summary = f"Cannot be done as planned ({self.refused}): {_says(self.plan)}"
            details["refused"] = self.refused
        at = self.plan.effective_at
        return TimelineEntry(
            kind="plan-carried-out",
            summary=summary,
            occurred_at=at,
            received_at=at,
            details=details,
        )


PlannedEvent = ChangePlanned | PlanWithdrawn | PlanCarriedOut


def planned_summary(plan: Plan) -> str:
    """Return what people read of a plan that waits."""
    return f"Planned for {plan.effective_at:%Y-%m-%d %H:%M} UTC: {_says(plan)}"


def _details(plan: Plan) -> dict[str, str]:
    return {**plan.said, "plan": plan.kind.value, "effective_time": plan.effective_at.isoformat()}


def _says(plan: Plan) -> str:
    opening = {PlanKind.LINK: "linked to ", PlanKind.UNLINK: "unlinked from "}.get(plan.kind, "")
    said = (f"{spoken(word)} {text}".rstrip() for word, text in sorted(plan.said.items()))
    return opening + ", ".join(said)
