"""Brings commits of the journal into smoc_service's register: the receiving end of the follower.

Trouble and denials cause delay (`client`). A device that smoc_service itself refuses (a defect on one side) is set
aside with an error line, so that it does not delay others; the checker meets it again.

A request is bounded in devices and in bytes, and names a device once. A device with many entries travels in several
provisions, one after the other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import grpc.aio
import structlog
from meterpark.smoc.v1.provisioning_service_pb2 import Provision

from contract_limits import (
    DEVICES_PER_PROVISIONING,
    ENTRIES_PER_PROVISION,
    PROVISIONING_BYTES,
)
from device_hub.device.rules import Rules
from device_hub.journal.heads import Heads, head_of
from device_hub.journal.journal import Journal
from device_hub.register.client import RegisterClient
from device_hub.register.gaps import RegisterGaps
from device_hub.traces import DELIVER
from device_hub.wire.devices import to_device, to_entries, traceparent_of
from service_traces.traces import OFF, Traces

log = structlog.get_logger()

Document = dict[str, Any]

# Some room is left for what surrounds a device within a message: tags, lengths.
_AROUND_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioning:
    journal: Journal
    heads: Heads
    register: RegisterClient
    rules: Rules
    gaps: RegisterGaps
    traces: Traces = OFF

    async def deliver(self, commits: Sequence[Document]) -> None:
        """Bring commits, in any order, into the register, then move the heads."""
        contexts = (traceparent_of(commit.get("origin")) for commit in commits)
        with self.traces.of(DELIVER, contexts, meterpark__commits=len(commits)) as span:
            await self._deliver(commits, span.traceparent)

    async def _deliver(self, commits: Sequence[Document], traceparent: str) -> None:
        newest: dict[str, Document] = {}
        provisions: dict[str, Provision] = {}
        # By revision, as a device's commits may come in another order (`follower`).
        for commit in sorted(commits, key=_revision):
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
            provisions[device_id].traceparent = traceparent_of(commit.get("origin"))
            heads.append(head_of(device_id, commit["revision"], device, self.rules))
        await self.provision(list(provisions.values()), traceparent)
        await self.heads.advance(heads)

    async def provision(self, provisions: Iterable[Provision], traceparent: str = "") -> None:
        """Return when the register holds all of ``provisions``, except those that it refuses."""
        for request in _requests(part for one in provisions for part in _parts(one)):
            await self._ask(request, traceparent)

    async def _ask(self, request: Sequence[Provision], traceparent: str) -> None:
        try:
            await self.register.provision(request, traceparent)
        except grpc.aio.AioRpcError as refused:
            await self._apart(request, refused, traceparent)

    async def _apart(
        self, request: Sequence[Provision], refused: grpc.aio.AioRpcError, traceparent: str
    ) -> None:
        if len(request) == 1:
            log.error(
                "register refuses a device",
                device_id=request[0].device.device_id,
                revision=request[0].device.revision,
                detail=refused.details(),
            )
            self.gaps.refused(request[0].device.device_id, refused.details() or "")
            return
        middle = len(request) // 2
        await self._ask(request[:middle], traceparent)
        await self._ask(request[middle:], traceparent)


def _revision(commit: Document) -> int:
    return int(commit["revision"])


def _requests(provisions: Iterable[Provision]) -> Iterator[list[Provision]]:
    """Yield what travels together: not too many, not too large, and no device twice."""
    request: list[Provision] = []
    devices: set[str] = set()
    size = 0
    for one in provisions:
        its_size = one.ByteSize() + _AROUND_BYTES
        if request and (
            len(request) == DEVICES_PER_PROVISIONING
            or size + its_size > PROVISIONING_BYTES
            or one.device.device_id in devices
        ):
            yield request
            request, devices, size = [], set(), 0
        request.append(one)
        devices.add(one.device.device_id)
        size += its_size
    if request:
        yield request


def _parts(provision: Provision) -> Iterator[Provision]:
    """Yield a provision in as many as it takes to keep each within the contract's limits, oldest entries first."""
    if (
        len(provision.entries) <= ENTRIES_PER_PROVISION
        and provision.ByteSize() + _AROUND_BYTES <= PROVISIONING_BYTES
    ):
        yield provision
        return
    device, context = provision.device, provision.traceparent
    begin = end = 0
    around = provision.device.ByteSize() + _AROUND_BYTES
    size = around
    for end, entry in enumerate(provision.entries):
        its_size = entry.ByteSize() + _AROUND_BYTES
        if end > begin and (
            end - begin == ENTRIES_PER_PROVISION or size + its_size > PROVISIONING_BYTES
        ):
            part = provision.entries[begin:end]
            yield Provision(device=device, entries=part, traceparent=context)
            begin, size = end, around
        size += its_size
    yield Provision(device=device, entries=provision.entries[begin:], traceparent=context)
