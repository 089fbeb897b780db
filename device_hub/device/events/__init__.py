"""What can happen to a device. Each event is one class, which holds the event's names for all uses.

- ``STORED``, its name in the journal. Never rename one: a change of shape gets a new number
  (`device_hub.journal.event_codec`). The fields of the class are what is stored, in their order.
- ``entry()``, its line in the timeline. The ``kind`` is published: never rename one.
- for what an EndDeviceEvent reports, also what it means, which facet it sets, and whether the device itself spoke
  (`recorded.Recorded`).

Comes in: the facts that ``decide`` found. Goes out: the same facts, for ever.
Must never be done here: compute what follows from an event (`evolution.evolve` does), or refuse one.
"""

from device_hub.device.events.concluded import ConcludedEvent
from device_hub.device.events.named import NamedEvent
from device_hub.device.events.planned import PlannedEvent
from device_hub.device.events.recorded import RecordedEvent
from device_hub.device.events.stated import StatedEvent

Event = NamedEvent | RecordedEvent | StatedEvent | PlannedEvent | ConcludedEvent
