"""A device as it was at a time, by all that is known today: what came late counts to when it happened.

How it was *known* at a time is another question. The register answers it from what it held then.
"""

from collections.abc import Iterable
from datetime import datetime

from device_hub.device.events import Event
from device_hub.device.events.concluded import FellSilent


def happened_by(events: Iterable[Event], at: datetime) -> list[Event]:
    """Return those of the events that had happened at ``at``, in their order."""
    return [event for event in events if _happened_at(event) <= at]


def _happened_at(event: Event) -> datetime:
    # A silence begins when the device was heard last, though it is noted a day later.
    return event.silent_since if isinstance(event, FellSilent) else event.entry().occurred_at
