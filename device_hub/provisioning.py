"""Brings what the journal holds into smoc_service's register: the receiving end of the follower.

Trouble on the way, and being denied, cost delay (`register_client`). A device that smoc_service itself refuses (a
defect on one side) is set aside with an error line, so that it holds up nobody; the checker meets it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import grpc.aio
import structlog
from meterpark.smoc.v1.provisioning_service_pb2 import Provision

from device_hub.device.lifecycle import silence_due_at
from device_hub.device.rules import Rules
from device_hub.heads import Head, Heads
from device_hub.journal import Journal
from device_hub.published import to_device, to_entries
from device_hub.register_client import RegisterClient

log = structlog.get_logger()

Document = dict[str, Any]

_MOST_ENTRIES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioning:
    journal: Journal
    heads: Heads
    register: RegisterClient
    rules: Rules

    async def deliver(self, commits: Sequence[Document]) -> None:
        """Bring commits (at most 500, each device's in order) into the register, then move the heads."""
        newest: dict[str, Document] = {}
        provisions: dict[str, Provision] = {}
        for commit in commits:
            device_id = commit["device_id"]
            provision = provisions.setdefault(device_id, Provision())
            provision.entries.extend(to_entries(commit))
            newest[device_id] = commit
        heads = []
        for device_id, commit in newest.items():
            device = await self.journal.device_after(commit)
            provisions[device_id].device.CopyFrom(
                to_device(device, commit["revision"], commit["committed_at"])
            )
            heads.append(
                Head(
                    device_id=device_id,
                    revision=commit["revision"],
                    silence_due_at=silence_due_at(device, self.rules),
                )
            )
        await self.provision([part for one in provisions.values() for part in _parts(one)])
        await self.heads.advance(heads)

    async def provision(self, provisions: Sequence[Provision]) -> None:
        """Return when the register holds all of ``provisions``, except those that it refuses."""
        if not provisions:
            return
        try:
            await self.register.provision(provisions)
        except grpc.aio.AioRpcError as refused:
            await self._apart(provisions, refused)

    async def _apart(self, provisions: Sequence[Provision], refused: grpc.aio.AioRpcError) -> None:
        if len(provisions) == 1:
            log.error(
                "register refuses a device",
                device_id=provisions[0].device.device_id,
                revision=provisions[0].device.revision,
                detail=refused.details(),
            )
            return
        middle = len(provisions) // 2
        await self.provision(provisions[:middle])
        await self.provision(provisions[middle:])


def _parts(provision: Provision) -> list[Provision]:
    """A device with very many new entries travels in several provisions, each within the contract's limit."""
    if len(provision.entries) <= _MOST_ENTRIES:
        return [provision]
    return [
        Provision(device=provision.device, entries=provision.entries[start : start + _MOST_ENTRIES])
        for start in range(0, len(provision.entries), _MOST_ENTRIES)
    ]
