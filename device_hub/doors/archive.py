"""Reading the journal for callers: each sees the devices of its networks."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from device_hub.device.evolution import fold
from device_hub.device.past import happened_by
from device_hub.device.state import INITIAL, Device
from device_hub.journal.event_codec import events_from_documents
from device_hub.journal.journal import Journal
from service_chassis.scope import Scope

Document = dict[str, Any]

# Commits that are read between two breaths of the event loop.
_AT_ONCE: Final = 200


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

    async def device_true_at(
        self, device_id: str, scope: Scope, at: datetime
    ) -> tuple[Device, Document]:
        """Return a device as it was at ``at`` by all that is known, and its last commit; raise ``DeviceUnknown``.

        Its whole history is read. ``DeviceUnknown`` also when nothing is known to have happened by then.
        """
        now, last = await self.device(device_id, scope)
        device, happened, revision = INITIAL, False, 0
        while commits := await self.journal.commits(device_id, after=revision, limit=_AT_ONCE):
            for commit in commits:
                events = happened_by(events_from_documents(commit["events"]), at)
                device = fold(device, events)
                happened = happened or bool(events)
            revision = commits[-1]["revision"]
            await asyncio.sleep(0)
        if not happened:
            raise DeviceUnknown(device_id)
        # What it is called is said by its first report, which may tell of later times alone.
        return replace(device, network=now.network, identifier=now.identifier), last

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
