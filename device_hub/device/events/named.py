"""Events about a device's identity: its names, and devices that are joined (`device_hub.device.joins`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from device_hub.device.state import Device
from device_hub.device.timeline import TimelineEntry, spoken
from device_hub.device.values import Identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """The device is known by more names than before; ``by`` is the operator who said so, "" for a report."""

    STORED: ClassVar[str] = "identified.1"

    identifiers: tuple[Identifier, ...]
    learned_at: datetime
    by: str = ""
    reason: str = ""

    def entry(self) -> TimelineEntry:
        said = ", ".join(
            f"{spoken(one.scheme.removeprefix('name/')) or 'name'} {one.value}"
            for one in self.identifiers
        )
        by = f", says {self.by}: {self.reason}" if self.by else ""
        return TimelineEntry(
            kind="identified",
            summary=f"Known as {said}{by}",
            occurred_at=self.learned_at,
            received_at=self.learned_at,
            details=self._details(),
        )

    def _details(self) -> dict[str, str]:
        names: dict[str, list[str]] = {}
        for one in self.identifiers:
            names.setdefault(one.scheme or "name", []).append(one.value)
        details = {scheme: ", ".join(values) for scheme, values in names.items()}
        return details | ({"by": self.by, "reason": self.reason} if self.by else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedInto:
    """An operator found that this device is the same as ``into``, which takes its reports from now on."""

    STORED: ClassVar[str] = "joined-into.1"

    into: str
    at: datetime
    by: str
    reason: str

    def entry(self) -> TimelineEntry:
        return _join_entry(self, self.into, "joined-into", f"Joined into {self.into}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceJoined:
    """An operator found that ``joined`` is this device; ``part`` is its state before."""

    STORED: ClassVar[str] = "device-joined.1"

    joined: str
    part: Device
    at: datetime
    by: str
    reason: str

    def entry(self) -> TimelineEntry:
        return _join_entry(self, self.joined, "device-joined", f"{self.joined} is this device")


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinUndone:
    """The join with ``other`` is undone. In both journals."""

    STORED: ClassVar[str] = "join-undone.1"

    other: str
    at: datetime
    by: str
    reason: str

    def entry(self) -> TimelineEntry:
        summary = f"The join with {self.other} is undone"
        return _join_entry(self, self.other, "join-undone", summary)


NamedEvent = Identified | JoinedInto | DeviceJoined | JoinUndone


def _join_entry(
    event: JoinedInto | DeviceJoined | JoinUndone, device_id: str, kind: str, summary: str
) -> TimelineEntry:
    return TimelineEntry(
        kind=kind,
        summary=summary,
        occurred_at=event.at,
        received_at=event.at,
        details={"device_id": device_id, "by": event.by, "reason": event.reason},
    )
