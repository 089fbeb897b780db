"""Events of reports that state something: configurations, linkages, shipments, contacts, outcomes of controls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from device_hub.device.attributes import STATED_LIFECYCLE
from device_hub.device.timeline import TimelineEntry, add_ours, entry_at, spoken
from device_hub.device.values import Control, Lifecycle, Occurrence, Outcome, Switch

_STAGES: Final[Mapping[Lifecycle, str]] = {
    Lifecycle.NOT_DEFINED: "not defined",
    Lifecycle.INVENTORY: "in inventory",
    Lifecycle.DISCOVERED: "discovered",
    Lifecycle.IN_OPERATION: "in operation",
    Lifecycle.UPDATE_IN_PROGRESS: "being updated",
    Lifecycle.POOR_COMMUNICATION: "in poor communication",
    Lifecycle.ERROR: "in error",
    Lifecycle.REMOVED: "removed",
}
_CONTROLS: Final[Mapping[Outcome, tuple[str, str]]] = {
    Outcome.UNSPECIFIED: ("control-noted", "Order"),
    Outcome.ORDERED: ("control-ordered", "Ordered"),
    Outcome.EXECUTED: ("control-executed", "Order carried out"),
    Outcome.FAILED: ("control-failed", "Order failed"),
    Outcome.CANCELED: ("control-canceled", "Order canceled"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A configuration said something new. Only what differs from what was known.

    ``overtaken`` came too late: something newer was known ("lifecycle" and "switch" are words of
    it, too). Then ``fingerprint`` is set, so that the same again leaves no second trace.
    """

    STORED: ClassVar[str] = "configured.1"

    when: Occurrence
    changed: Mapping[str, str] = field(default_factory=dict)
    overtaken: Mapping[str, str] = field(default_factory=dict)
    switch: Switch | None = None
    fingerprint: int | None = None

    def entry(self) -> TimelineEntry:
        said = {word: text for word, text in self.changed.items() if text}
        new = {word: text for word, text in said.items() if word != STATED_LIFECYCLE}
        if self.switch is not None:
            new["switch"] = self.switch.value
        parts = []
        if new:
            parts.append(", ".join(f"{spoken(word)} {text}" for word, text in sorted(new.items())))
        if self.overtaken:
            late = ", ".join(spoken(word) for word in sorted(self.overtaken))
            parts.append(f"came too late: {late}")
        details = {**said, **new}
        details |= {f"overtaken {word}": text for word, text in self.overtaken.items()}
        return entry_at(self.when, "configured", _sentence("Configured", parts), details)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """A shipment file stated facts that no other source had stated.

    ``contradicted``: its facts that contradict known ones; the known ones stay. Then ``fingerprint`` is set, so that a
    repetition leaves no second trace.
    """

    STORED: ClassVar[str] = "shipped.1"

    when: Occurrence
    changed: Mapping[str, str] = field(default_factory=dict)
    contradicted: Mapping[str, str] = field(default_factory=dict)
    fingerprint: int | None = None

    def entry(self) -> TimelineEntry:
        said = [f"{spoken(word)} {text}" for word, text in sorted(self.changed.items())]
        parts = [", ".join(said)] if said else []
        if self.contradicted:
            words = ", ".join(spoken(word) for word in sorted(self.contradicted))
            parts.append(f"says otherwise, and is not believed: {words}")
        details = dict(self.changed)
        details |= {f"contradicted {word}": text for word, text in self.contradicted.items()}
        summary = _sentence("Named by a shipment file", parts)
        return entry_at(self.when, "shipped", summary, details)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleStaged:
    """The device entered a stage of its life: stated by a configuration, or inferred (see flags)."""

    STORED: ClassVar[str] = "lifecycle-staged.1"

    lifecycle: Lifecycle
    when: Occurrence
    cause: str

    def entry(self) -> TimelineEntry:
        summary = f"Now {_STAGES[self.lifecycle]} ({self.cause})"
        details = {"lifecycle": self.lifecycle.value, "cause": self.cause}
        return entry_at(self.when, "lifecycle", summary, details)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """The device is at a usage point, behind a parent, or both."""

    STORED: ClassVar[str] = "linked.1"

    when: Occurrence
    usage_point: str = ""
    area: str = ""
    parent: str = ""
    fingerprint: int | None = None

    def entry(self) -> TimelineEntry:
        place, parent = self.usage_point, self.parent
        details = {"usage_point": place, "parent": parent, "area": self.area}
        behind = f", behind {parent}" if parent else ""
        summary = f"Installed at usage point {place}{behind}" if place else f"Behind {parent}"
        kind = "installed" if place else "attached"
        return entry_at(self.when, kind, summary, _filled(details))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlinked:
    """With a parent, the device left that, and no usage point."""

    STORED: ClassVar[str] = "unlinked.1"

    when: Occurrence
    usage_point: str = ""
    parent: str = ""
    fingerprint: int | None = None

    def entry(self) -> TimelineEntry:
        place, parent = self.usage_point, self.parent
        details = _filled({"usage_point": place, "parent": parent})
        if parent:
            return entry_at(self.when, "detached", f"No longer behind {parent}", details)
        summary = f"Removed from usage point {place}".rstrip()
        return entry_at(self.when, "uninstalled", summary, details)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMade:
    """The device was heard: a message holds readings that came from it."""

    STORED: ClassVar[str] = "contact-made.1"

    when: Occurrence
    reading_count: int = 0

    def entry(self) -> TimelineEntry:
        count = self.reading_count
        if not count:
            return entry_at(self.when, "contact", "Heard from")
        summary = f"Heard from, with {count} readings"
        return entry_at(self.when, "contact", summary, {"readings": str(count)})


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlNoted:
    """An order to the device, or its outcome. Changes no facet: the device itself reports what it did.

    ``fingerprint`` distinguishes a repetition from another outcome; None when the outcome holds nothing that does.
    """

    STORED: ClassVar[str] = "control-noted.1"

    control: Control
    when: Occurrence
    fingerprint: int | None = None

    def entry(self) -> TimelineEntry:
        control = self.control
        kind, opening = _CONTROLS[control.outcome]
        details = dict(control.details)
        ours = {
            "code_name": control.code_name,
            "action": control.action,
            "control_mrid": control.control_mrid,
            "issuer_tracking_id": control.issuer_tracking_id,
            "author": control.author,
            "status": control.status,
            "reason": control.reason,
            "remark": control.remark,
        }
        add_ours(details, ours, self.when)
        what = control.action or control.code_name or control.code
        summary = opening + (f": {what}" if what else "")
        summary += f" ({control.reason})" if control.reason else ""
        return entry_at(self.when, kind, summary, details, control.code)


StatedEvent = (
    Configured | Shipped | LifecycleStaged | Linked | Unlinked | ContactMade | ControlNoted
)


def _sentence(opening: str, parts: list[str]) -> str:
    return opening + (": " + "; ".join(parts) if parts else "")


def _filled(details: Mapping[str, str]) -> dict[str, str]:
    return {word: text for word, text in details.items() if text}
