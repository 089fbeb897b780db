"""How a plan is stored in the journal: in its events, and in the state of its device."""

from collections.abc import Mapping
from typing import Any, Final

from device_hub.device.plan import Plan, PlanKind
from device_hub.journal.newer import WrittenByNewerHub

Document = dict[str, Any]
Stored = Mapping[str, Any]
_KEYS: Final = frozenset({"kind", "effective_at", "said_at", "said"})


def plan_to_document(plan: Plan) -> Document:
    return {
        "kind": plan.kind.value,
        "effective_at": plan.effective_at,
        "said_at": plan.said_at,
        "said": dict(plan.said),
    }


def plan_from_document(stored: Stored) -> Plan:
    if more := stored.keys() - _KEYS:
        raise WrittenByNewerHub(f"a stored plan says more than this hub knows: {sorted(more)}")
    return Plan(
        kind=PlanKind(stored["kind"]),
        effective_at=stored["effective_at"],
        said_at=stored["said_at"],
        said=stored["said"],
    )
