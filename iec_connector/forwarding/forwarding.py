"""Reports on their way to the hub: batches, order per device, and patience.

Devices wait in one line, each with its reports in order (`waiting`). A batch takes from the head of the line, up to a
number and a size, a share of each device, and waits a moment for more. While a report of a device is under way, its
later reports wait: so several batches can be in flight, the reports of each device stay in order, and a device that
the hub cannot serve now, or that reports a thousand events at once, delays only itself.

A verdict is final (recorded, unchanged, refused) or the report is sent again, for ever: there is no attempt after
which a report would be given up.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from contract_limits import MIB, REPORTS_PER_CALL
from iec_connector.forwarding.waiting import BatchBounds, Line, Room
from service_chassis.retries import Backoff, Retries


class HubUnavailable(Exception):
    """The hub, or a sidecar on the way, is in trouble: try again."""


class HubRefused(Exception):
    """The hub says that the call itself is wrong: the same call will be refused again."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Outcome(StrEnum):
    RECORDED = "recorded"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    POSTPONED = "postponed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the hub says of one report. ``reason`` and ``detail`` are set when it is refused."""

    outcome: Outcome
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A report made ready to travel; ``content`` is for the hub's client alone.

    ``traceparent``: the context of its message's trace, if that is recorded.
    """

    device_id: str
    size_bytes: int
    content: Any
    traceparent: str = ""


# When so many devices are postponed at once, it is the hub that can do nothing now.
_FEW_DEVICES = 10

Record = Callable[[Sequence[Parcel]], Awaitable[Sequence[Verdict]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """``most_reports`` and ``most_bytes`` in a batch (a larger report travels alone), ``in_flight`` batches at once."""

    most_reports: int = REPORTS_PER_CALL
    most_bytes: int = 2 * MIB
    linger_seconds: float = 0.02
    in_flight: int = 4


@dataclass(slots=True)
class _Submission:
    """The reports of one message: done when the last has its verdict."""

    verdicts: list[Verdict | None]
    missing: int
    done: asyncio.Future[list[Verdict]]


@dataclass(slots=True)
class _Entry:
    parcel: Parcel
    submission: _Submission
    index: int
    attempts: int = field(default=0)

    @property
    def device_id(self) -> str:
        return self.parcel.device_id

    @property
    def size_bytes(self) -> int:
        return self.parcel.size_bytes


class Forwarder:
    """Takes the reports of messages, in order, and gets a final verdict for each."""

    def __init__(self, record: Record, batching: Batching, backoff: Backoff) -> None:
        self._record = record
        self._batching = batching
        self._backoff = backoff
        self._retries = Retries("send reports to the hub", backoff)
        bounds = BatchBounds(most_reports=batching.most_reports, most_bytes=batching.most_bytes)
        self._line: Line[_Entry] = Line(bounds)
        self._room = Room.of(bounds)
        self._arrived = asyncio.Event()
        self._full = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._forming = asyncio.Lock()

    @property
    def unresolved(self) -> int:
        """How many reports wait for their final verdict."""
        return self._room.held

    async def room(self) -> None:
        """Wait until another message may be submitted; submitting without waiting would fill the memory."""
        await self._has_room.wait()

    def submit(self, parcels: Sequence[Parcel]) -> asyncio.Future[list[Verdict]]:
        """Queue the reports of one message; the future gives a final verdict for each, in their order."""
        done: asyncio.Future[list[Verdict]] = asyncio.get_running_loop().create_future()
        if not parcels:
            done.set_result([])
            return done
        submission = _Submission([None] * len(parcels), len(parcels), done)
        for index, parcel in enumerate(parcels):
            entry = _Entry(parcel, submission, index)
            self._line.add(entry)
            self._room.enter(entry)
        if not self._room.is_open:
            self._has_room.clear()
        self._wake()
        return done

    async def run(self) -> None:
        """Send batches for ever."""
        async with asyncio.TaskGroup() as senders:
            for _ in range(self._batching.in_flight):
                senders.create_task(self._send_for_ever())

    async def _send_for_ever(self) -> None:
        retries = self._retries.of_one()
        while True:
            async with (
                self._forming
            ):  # one sender at a time, else each would linger for the same reports
                batch = await self._next_batch()
            postponed = await self._send(batch, retries)
            self._put_back(batch, postponed)
            if len(postponed) == len(batch) and _is_of_many(batch):
                await asyncio.sleep(
                    self._backoff.seconds(max(entry.attempts for entry in postponed))
                )

    async def _next_batch(self) -> list[_Entry]:
        while True:
            while not self._line.ready:
                self._arrived.clear()
                await self._arrived.wait()
            if self._line.ready < self._batching.most_reports and self._batching.linger_seconds:
                self._full.clear()
                # Not `wait_for`: with Python 3.11 it forgets that it was cancelled when both come in one moment.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._batching.linger_seconds):
                        await self._full.wait()
            if batch := self._line.take():
                return batch

    async def _send(self, batch: list[_Entry], retries: Retries) -> list[_Entry]:
        """Send until the hub has answered; return the entries that it postponed."""
        while True:
            try:
                verdicts = await self._record([entry.parcel for entry in batch])
            except HubUnavailable as error:
                await retries.pause(error)
            except HubRefused as refused:
                retries.got_on()
                return await self._find_the_refused(batch, refused, retries)
            else:
                retries.got_on()
                return self._decide(batch, verdicts)

    async def _find_the_refused(
        self, batch: list[_Entry], refused: HubRefused, retries: Retries
    ) -> list[_Entry]:
        """The hub refuses the batch as a whole: halve it until the report is alone whose fault that is."""
        if len(batch) == 1:
            verdict = Verdict(outcome=Outcome.REFUSED, reason=refused.reason, detail=refused.detail)
            return self._decide(batch, [verdict])
        middle = len(batch) // 2
        postponed = await self._send(batch[:middle], retries)
        held_up = {entry.parcel.device_id for entry in postponed}
        free = [entry for entry in batch[middle:] if entry.parcel.device_id not in held_up]
        postponed += [entry for entry in batch[middle:] if entry.parcel.device_id in held_up]
        return postponed + (await self._send(free, retries) if free else [])

    def _decide(self, batch: list[_Entry], verdicts: Sequence[Verdict]) -> list[_Entry]:
        postponed = []
        for entry, verdict in zip(batch, verdicts, strict=True):
            if verdict.outcome is Outcome.POSTPONED:
                entry.attempts += 1
                postponed.append(entry)
                continue
            submission = entry.submission
            submission.verdicts[entry.index] = verdict
            submission.missing -= 1
            self._room.leave(entry)
            if submission.missing == 0 and not submission.done.done():
                submission.done.set_result([final for final in submission.verdicts if final])
        if self._room.is_open:
            self._has_room.set()
        return postponed

    def _put_back(self, batch: list[_Entry], postponed: list[_Entry]) -> None:
        """Let the devices of the batch go on; those with a postponed report after a pause of their own."""
        again: dict[str, list[_Entry]] = {entry.parcel.device_id: [] for entry in batch}
        for entry in postponed:
            again[entry.parcel.device_id].append(entry)
        loop = asyncio.get_running_loop()
        for device, entries in again.items():
            if entries:
                pause = self._backoff.seconds(entries[0].attempts)
                loop.call_later(pause, self._go_on, device, entries)
            else:
                self._go_on(device, entries)

    def _go_on(self, device: str, entries: list[_Entry]) -> None:
        self._line.release(device, entries)
        if self._line.ready:
            self._wake()

    def _wake(self) -> None:
        self._arrived.set()
        if self._line.ready >= self._batching.most_reports:
            self._full.set()


def _is_of_many(batch: Sequence[_Entry]) -> bool:
    """Return whether a postponed batch shows trouble of the hub, and not of few devices, which pause alone."""
    return len({entry.device_id for entry in batch}) > _FEW_DEVICES
