"""Reading the journal for callers: each sees the devices of its networks."""

from dataclasses import dataclass
from typing import Any

from device_hub.device.state import Device
from device_hub.journal.journal import Journal
from service_chassis.scope import Scope

Document = dict[str, Any]


class DeviceUnknown(Exception):
    """Nothing was ever reported about this device."""


@dataclass(frozen=True, slots=True)
class Archive:
    """Answers questions about the journal; a device outside of the caller's scope is ``NetworkDenied``."""

    journal: Journal

    async def device(self, device_id: str, scope: Scope) -> tuple[Device, Document]:
        """Return a device as its journal says, and its last commit; raise ``DeviceUnknown``."""
        _require(device_id, scope)
        commit = await self.journal.newest_commit(device_id)
        if commit is None:
            raise DeviceUnknown(device_id)
        return await self.journal.device_after(commit), commit

    async def commits(
        self, device_id: str, scope: Scope, *, after: int, limit: int
    ) -> list[Document]:
        """Return up to ``limit`` commits behind revision ``after``, in order; raise ``DeviceUnknown``."""
        _require(device_id, scope)
        commits = await self.journal.commits(device_id, after=after, limit=limit)
        if not commits and (not after or await self.journal.newest_commit(device_id) is None):
            raise DeviceUnknown(device_id)
        return commits


def _require(device_id: str, scope: Scope) -> None:
    scope.require(device_id.partition("/")[0], f"device {device_id}")
