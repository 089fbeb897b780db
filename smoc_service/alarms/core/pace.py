"""How often devices change: enough to detect a storm, in bounded memory.

It keeps only the start of each device's present window. Devices that change often stay in memory. In a new process all
windows start again, so a storm is detected at most one window later.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from smoc_service.alarms.core.rules import StormRule

DEVICES_REMEMBERED: Final = 50_000


@dataclass(frozen=True, slots=True)
class _Window:
    began_at: datetime
    revision: int


class Pace:
    """Takes the changes of all devices in turn. A revision is a change: none is missed when several come as one."""

    def __init__(self, rule: StormRule, devices_at_most: int = DEVICES_REMEMBERED) -> None:
        self._rule = rule
        self._devices_at_most = devices_at_most
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def __len__(self) -> int:
        return len(self._windows)

    def note(self, device_id: str, revision: int, at: datetime) -> datetime | None:
        """Take a change; return since when the device storms, None when it does not."""
        window = self._windows.get(device_id)
        if window is None or at - window.began_at > self._rule.within:
            window = _Window(at, revision - 1)
            self._windows[device_id] = window
            if len(self._windows) > self._devices_at_most:
                self._windows.popitem(last=False)
        self._windows.move_to_end(device_id)
        storms = revision - window.revision > self._rule.more_than_changes
        return window.began_at if storms else None
