"""The broker's queues: messages that wait although a consumer reads them, or because none does."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.status.v1.status_service_pb2 import GetStatusResponse

from jms_transport import Destination, DestinationError
from meterpark_cli.doctor.check import Check
from meterpark_cli.doctor.hops import Looked, iso
from meterpark_cli.doctor.queue_depths import DepthsUnknown, QueueDepth, read_depths
from meterpark_cli.failures import Failure
from meterpark_cli.showing.rendering import when
from meterpark_cli.stack.broker_access import BrokerAccess, find_broker

_DEAD_LETTERS = "DLQ."
# A queue that is being worked off gives up some message within this time.
_LOOK_AGAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The readers of a queue, by the connectors' reports; ``quiet_since`` is when they last settled a message."""

    source: str
    broker: str
    quiet_since: datetime | None


def readers(status: GetStatusResponse | None) -> dict[str, Reader]:
    """Return the queues that connectors read, each with its reader."""
    found: dict[str, Reader] = {}
    for teller in status.tellers if status else ():
        for hop in teller.hops:
            for name in hop.destinations:
                try:
                    destination = Destination.to_subscribe(name)
                except DestinationError:
                    continue
                if destination.kind != "queue":
                    continue
                last = hop.last_done_time if hop.HasField("last_done_time") else teller.started_time
                found[destination.name] = Reader(
                    source=hop.name, broker=hop.peer, quiet_since=_at(last)
                )
    return found


async def queue_checks(
    status: GetStatusResponse | None,
    *,
    timeout_seconds: float,
    standstill_seconds: float,
    with_dead_letters: bool,
) -> AsyncIterator[Check]:
    """Check each queue that a connector reads; without a connector's report, the queue of the local stack."""
    try:
        access = find_broker(os.environ)
    except Failure:
        return  # the broker's own check has said so
    if access is None:
        return
    read_by = readers(status) or _default(access)
    names = [*read_by, *(f"{_DEAD_LETTERS}{name}" for name in read_by)]
    try:
        depths = await _depths(access, names, timeout_seconds)
        looked = Looked(now=datetime.now(UTC), standstill_seconds=standstill_seconds)
        if any(_waits_long(depths.get(name), looked) for name in read_by):
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            later = await _depths(access, names, timeout_seconds)
        else:
            later = depths
    except (DepthsUnknown, Failure, ValueError) as error:
        yield Check(name="queues", state="not checked", finding=f"{access.url}: {error}")
        return
    for name, reader in read_by.items():
        yield judge_queue(name, reader, depths.get(name), later.get(name), looked)
        dead = later.get(f"{_DEAD_LETTERS}{name}")
        if with_dead_letters and dead is not None and dead.message_count:
            yield Check(
                name=f"queue {_DEAD_LETTERS}{name}",
                state="wrong",
                finding=f"{dead.message_count:,} messages that neither the hub nor the quarantine accepted",
                remedy="look at them in the broker; the connector's log says why",
            )


def judge_queue(
    name: str,
    reader: Reader,
    before: QueueDepth | None,
    depth: QueueDepth | None,
    looked: Looked,
) -> Check:
    """Judge one queue from two readings of it."""
    check = f"queue {name}"
    if before is None or depth is None:
        where = f"; {reader.source} reads at {reader.broker}" if reader.broker else ""
        return Check(
            name=check, state="not checked", finding=f"this broker does not know it{where}"
        )
    told = f"{depth.message_count:,} wait" if depth.message_count else "empty"
    if depth.unsettled_count:
        told += f", {depth.unsettled_count:,} of them handed out and not settled"
    if not depth.message_count or not _waits_long(before, looked):
        return Check(name=check, state="fine", finding=f"{told}; {depth.consumer_count} read it")
    since = _latest(depth.oldest_at, reader.quiet_since if _is_long(reader, looked) else None)
    told += f", the oldest {looked.told(depth.oldest_at)}" if depth.oldest_at else ""
    if not depth.consumer_count:
        return Check(
            name=check,
            state="wrong",
            finding=f"{told}, and no consumer reads it",
            remedy="check that the connector runs and may read this queue: make status; make logs P=iec-connector",
            since=iso(since) if since else "",
        )
    stands = depth.dequeued_count == before.dequeued_count
    if stands and (depth.oldest_at is not None or _is_long(reader, looked)):
        return Check(
            name=check,
            state="wrong",
            finding=f"{told}; {depth.consumer_count} consumers read it, but no message is settled",
            remedy="make logs P=iec-connector says what its source waits for",
            since=iso(since) if since else "",
        )
    return Check(name=check, state="fine", finding=f"{told}; the number falls")


async def _depths(
    access: BrokerAccess, names: list[str], timeout_seconds: float
) -> Mapping[str, QueueDepth]:
    return await asyncio.to_thread(read_depths, access, names, timeout_seconds)


def _waits_long(depth: QueueDepth | None, looked: Looked) -> bool:
    if depth is None or not depth.message_count:
        return False
    return depth.oldest_at is None or looked.is_long(depth.oldest_at)


def _is_long(reader: Reader, looked: Looked) -> bool:
    return reader.quiet_since is not None and looked.is_long(reader.quiet_since)


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _default(access: BrokerAccess) -> dict[str, Reader]:
    try:
        destination = Destination.to_subscribe(access.destination)
    except DestinationError:
        return {}
    if destination.kind != "queue":
        return {}
    return {destination.name: Reader(source="a connector", broker="", quiet_since=None)}


def _at(timestamp: Timestamp) -> datetime | None:
    return when(timestamp, datetime.now(UTC))
