"""What can happen to a device. Each event is one class, which says what the event is called everywhere.

- ``STORED``, the name under which it lies in the journal. Never rename one: a change of shape gets a new number
  (`device_hub.journal.event_codec`). The fields of the class are what is stored, in their order.
- ``entry()``, the line that people read of it in the timeline. Its ``kind`` is published: never rename one.
- for what an EndDeviceEvent reports, also what it means, which facet it sets, and whether the device itself spoke
  (`recorded.Recorded`).

Comes in: the facts that ``decide`` found. Goes out: the same facts, for ever.
Must never be done here: compute what follows from an event (`evolution.evolve` does), or refuse one.
"""

from device_hub.device.events.concluded import (
    CommunicationInferred,
    DeviceFirstHeard,
    FellSilent,
    PowerRestoreInferred,
)
from device_hub.device.events.named import DeviceJoined, Identified, JoinedInto, JoinUndone
from device_hub.device.events.planned import ChangePlanned, PlanCarriedOut, PlanWithdrawn
from device_hub.device.events.recorded import (
    CommunicationEstablished,
    CommunicationLost,
    DeviceDiscovered,
    EventNoted,
    FaultCleared,
    FaultDetected,
    FirmwareUpdateFailed,
    FirmwareUpdateStarted,
    FirmwareUpdateSucceeded,
    PhaseLost,
    PhaseRestored,
    PowerLost,
    PowerRestored,
    Recorded,
    RecordedEvent,
    SwitchConnected,
    SwitchDisconnected,
    TamperCleared,
    TamperDetected,
    UnknownEventNoted,
)
from device_hub.device.events.stated import (
    Configured,
    ContactMade,
    ControlNoted,
    LifecycleStaged,
    Linked,
    Shipped,
    Unlinked,
)

Event = (
    DeviceFirstHeard
    | Identified
    | JoinedInto
    | DeviceJoined
    | JoinUndone
    | RecordedEvent
    | Configured
    | Shipped
    | LifecycleStaged
    | Linked
    | Unlinked
    | ContactMade
    | ControlNoted
    | ChangePlanned
    | PlanWithdrawn
    | PlanCarriedOut
    | PowerRestoreInferred
    | CommunicationInferred
    | FellSilent
)

__all__ = [
    "ChangePlanned",
    "CommunicationEstablished",
    "CommunicationInferred",
    "CommunicationLost",
    "Configured",
    "ContactMade",
    "ControlNoted",
    "DeviceDiscovered",
    "DeviceFirstHeard",
    "DeviceJoined",
    "Event",
    "EventNoted",
    "FaultCleared",
    "FaultDetected",
    "FellSilent",
    "FirmwareUpdateFailed",
    "FirmwareUpdateStarted",
    "FirmwareUpdateSucceeded",
    "Identified",
    "JoinUndone",
    "JoinedInto",
    "LifecycleStaged",
    "Linked",
    "PhaseLost",
    "PhaseRestored",
    "PlanCarriedOut",
    "PlanWithdrawn",
    "PowerLost",
    "PowerRestoreInferred",
    "PowerRestored",
    "Recorded",
    "RecordedEvent",
    "Shipped",
    "SwitchConnected",
    "SwitchDisconnected",
    "TamperCleared",
    "TamperDetected",
    "UnknownEventNoted",
    "Unlinked",
]
