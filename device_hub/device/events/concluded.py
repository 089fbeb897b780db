"""Events that no report states: the hub concludes them (`device_hub.device.deciding.conclusions`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from device_hub.device.timeline import TimelineEntry
from device_hub.device.values import Flag

_INFERRED: Final = (Flag.INFERRED.value,)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFirstHeard:
    """The first event of every history: the first report about this device."""

    STORED: ClassVar[str] = "device-first-heard.1"

    network: str
    identifier: str
    received_at: datetime

    def entry(self) -> TimelineEntry:
        at = self.received_at
        return TimelineEntry(
            kind="first-heard", summary="First heard of", occurred_at=at, received_at=at
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerRestoreInferred:
    """The restore was not reported, but a device that speaks has power."""

    STORED: ClassVar[str] = "power-restore-inferred.1"

    at: datetime
    received_at: datetime

    def entry(self) -> TimelineEntry:
        return TimelineEntry(
            kind="power-restored",
            summary="Power is back: the device was heard",
            occurred_at=self.at,
            received_at=self.received_at,
            flags=_INFERRED,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunicationInferred:
    """The link was not reported as re-established, but the device was heard."""

    STORED: ClassVar[str] = "communication-inferred.1"

    at: datetime
    received_at: datetime

    def entry(self) -> TimelineEntry:
        return TimelineEntry(
            kind="communication-established",
            summary="Communication is back: the device was heard",
            occurred_at=self.at,
            received_at=self.received_at,
            flags=_INFERRED,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FellSilent:
    """The device is in the field and was not heard for too long."""

    STORED: ClassVar[str] = "fell-silent.1"

    silent_since: datetime
    noted_at: datetime

    def entry(self) -> TimelineEntry:
        return TimelineEntry(
            kind="fell-silent",
            summary=f"Silent since {self.silent_since:%Y-%m-%d %H:%M} UTC",
            occurred_at=self.noted_at,
            received_at=self.noted_at,
            details={"silent_since": self.silent_since.isoformat()},
            flags=_INFERRED,
        )


ConcludedEvent = DeviceFirstHeard | PowerRestoreInferred | CommunicationInferred | FellSilent
