"""Hands messages to the broker: each at its time, or as fast as the broker takes them.

`pour` is the one loop of a paced simulator. It writes what is due into the ledger, sends what the ledger
holds, and notes what the broker accepted. When the connection fails it ends with the error, and everything that
matters is in the ledger: call it again with a new connection.
"""

from __future__ import annotations

import asyncio
import heapq
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from hes_simulator.faults import write_out
from jms_transport import OutgoingMessage
from service_chassis.tasks import side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from hes_simulator.faults import Faults, Outgoing
    from hes_simulator.ledger.ledger import Ledger
    from hes_simulator.ledger.reader import Pending
    from hes_simulator.life.life import Chapter, Place
    from hes_simulator.messages.event_messages import Content
    from jms_transport import Connection, Destination

Clock: TypeAlias = "Callable[[], datetime]"

TICK_SECONDS: Final = 0.05
AT_ONCE: Final = 256
# Sent messages that the ledger keeps: enough to look at, little enough for a simulator that runs for months.
KEPT_MESSAGES: Final = 100_000
FORGET_EVERY: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A content with its time and its place in the stream; `reached` is noted when the stream can be resumed."""

    at: datetime
    numbers: tuple[int, ...]
    content: Content
    reached: tuple[Chapter, Place] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """The destination of a stream of messages, its faults, and its ledger."""

    connection: Connection
    destination: Destination
    ledger: Ledger
    stream: str
    source: str
    faults: Faults
    now: Clock


async def pour(
    outlet: Outlet,
    schedule: Iterator[Scheduled],
    *,
    stop: asyncio.Event,
    hurry: bool = False,
) -> None:
    """Send what the ledger still holds of this stream, then what is scheduled, each at its time.

    Returns when everything is accepted by the broker, or soon after `stop` is set (the ledger holds the rest).
    `hurry`: as fast as the broker takes it, in the order of the times. Raises TransportError when the
    connection fails.
    """
    waiting = [(pending.due_at, pending.number, pending) for pending in _unsent(outlet)]
    heapq.heapify(waiting)
    ahead: Scheduled | None = next(schedule, None)
    sent = 0
    while not stop.is_set() and (waiting or ahead):
        now = outlet.now()
        due: list[Scheduled] = []
        while ahead and len(due) < AT_ONCE and (hurry or ahead.at <= now):
            due.append(ahead)
            ahead = next(schedule, None)
        for pending in _write_down(outlet, due):
            heapq.heappush(waiting, (pending.due_at, pending.number, pending))
        batch: list[Pending] = []
        while waiting and len(batch) < AT_ONCE and (hurry or waiting[0][0] <= now):
            batch.append(heapq.heappop(waiting)[2])
        if batch:
            await _send(outlet, batch)
            sent += len(batch)
            if sent // FORGET_EVERY != (sent - len(batch)) // FORGET_EVERY:
                outlet.ledger.forget(keep=KEPT_MESSAGES)
        elif not due:
            await _pause(stop)


async def blast(
    connection: Connection,
    destination: Destination,
    messages: Iterator[Outgoing],
    *,
    in_flight: int,
    accepted: Callable[[Outgoing], None],
) -> None:
    """Send messages as fast as the broker takes them, at most `in_flight` without its answer.

    Calls `accepted` for each that the broker has. Raises TransportError when the connection fails.
    """

    async def lane() -> None:
        for message in messages:
            await connection.send(destination, OutgoingMessage(body=message.body))
            accepted(message)

    await side_by_side(*(lane() for _ in range(in_flight)))


def _unsent(outlet: Outlet) -> list[Pending]:
    return outlet.ledger.unsent(outlet.stream)


def _write_down(outlet: Outlet, due: list[Scheduled]) -> list[Pending]:
    if not due:
        return []
    outgoing = [
        (scheduled.at + timedelta(seconds=message.delay), message)
        for scheduled in due
        for message in write_out(
            scheduled.content,
            stream=outlet.stream,
            numbers=scheduled.numbers,
            source=outlet.source,
            at=scheduled.at,
            faults=outlet.faults,
        )
    ]
    return outlet.ledger.plan(outlet.stream, outgoing, due[-1].reached)


async def _send(outlet: Outlet, batch: list[Pending]) -> None:
    answers = await asyncio.gather(
        *(
            outlet.connection.send(
                outlet.destination,
                OutgoingMessage(body=pending.body.encode() if pending.as_bytes else pending.body),
            )
            for pending in batch
        ),
        return_exceptions=True,
    )
    accepted = [p.number for p, answer in zip(batch, answers, strict=True) if answer is None]
    if accepted:
        outlet.ledger.sent(accepted, outlet.now())
    for answer in answers:
        if answer is not None:
            raise answer


async def _pause(stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(TICK_SECONDS):
            await stop.wait()
    except TimeoutError:
        return
