"""Events: what happened at a device, from an EndDeviceEvent in any place of a message.

In comes one event; out go statements about the devices that it names. ``event_types`` finds the code, ``details``
keeps everything else, ``ending`` handles events that were closed.

Must never be done here: leave out an event with an unknown code; it is a report as well, without a meaning.
"""

from iec_connector.understanding.events.end_device_events import read_event, read_events
from iec_connector.understanding.events.event_types import Definitions

__all__ = ["Definitions", "read_event", "read_events"]
