"""Reports on their way to the hub: batches, order per device, and patience.

Reports wait in one line. A batch takes from its head, up to a number and a size, and waits a moment for more.
While a report of a device is under way, later reports of that device step aside, whoever else goes on: so several
batches can be in flight, the reports of each device stay in order, and one device that the hub cannot serve now
holds up only itself. (A fixed lane per device would be less code, but then such a device stops its whole lane.)

A verdict is final (recorded, unchanged, refused) or the report is sent again, for ever: there is no attempt after
which a report would be given up.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from iec_connector.weather import Weather
from jms_transport import Backoff


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
    """A report made ready to travel; ``content`` is for the hub's client alone."""

    device_id: str
    size_bytes: int
    content: Any


Record = Callable[[Sequence[Parcel]], Awaitable[Sequence[Verdict]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """``most_reports`` and ``most_bytes`` in a batch (a larger report travels alone), ``in_flight`` batches at once."""

    most_reports: int = 500
    most_bytes: int = 2 * 1024 * 1024
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


class Forwarder:
    """Takes the reports of messages, in order, and gets a final verdict for each."""

    def __init__(
        self, record: Record, batching: Batching, backoff: Backoff, weather: Weather
    ) -> None:
        self._record = record
        self._batching = batching
        self._backoff = backoff
        self._weather = weather
        self._ready: deque[_Entry] = deque()
        self._under_way: set[str] = set()
        self._aside: dict[str, list[_Entry]] = {}
        self._unresolved = 0
        self._most_unresolved = 20 * batching.most_reports
        self._arrived = asyncio.Event()
        self._full = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._forming = asyncio.Lock()

    @property
    def unresolved(self) -> int:
        """How many reports wait for their final verdict."""
        return self._unresolved

    async def room(self) -> None:
        """Wait until another message may be submitted; whoever submits without asking makes memory the buffer."""
        await self._has_room.wait()

    def submit(self, parcels: Sequence[Parcel]) -> asyncio.Future[list[Verdict]]:
        """Queue the reports of one message; the future gives a final verdict for each, in their order."""
        done: asyncio.Future[list[Verdict]] = asyncio.get_running_loop().create_future()
        if not parcels:
            done.set_result([])
            return done
        submission = _Submission([None] * len(parcels), len(parcels), done)
        self._ready.extend(
            _Entry(parcel, submission, index) for index, parcel in enumerate(parcels)
        )
        self._unresolved += len(parcels)
        if self._unresolved >= self._most_unresolved:
            self._has_room.clear()
        self._wake()
        return done

    async def run(self) -> None:
        """Send batches for ever."""
        async with asyncio.TaskGroup() as senders:
            for _ in range(self._batching.in_flight):
                senders.create_task(self._send_for_ever())

    async def _send_for_ever(self) -> None:
        while True:
            async with (
                self._forming
            ):  # one sender at a time, else each would linger for the same reports
                batch = await self._next_batch()
            postponed = await self._send(batch)
            self._put_back(batch, postponed)
            if len(postponed) == len(batch):  # the hub answers, and can do nothing now
                await asyncio.sleep(
                    self._backoff.seconds(max(entry.attempts for entry in postponed))
                )

    async def _next_batch(self) -> list[_Entry]:
        while True:
            while not self._ready:
                self._arrived.clear()
                await self._arrived.wait()
            if len(self._ready) < self._batching.most_reports and self._batching.linger_seconds:
                self._full.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._full.wait(), self._batching.linger_seconds)
            if batch := self._take():
                return batch

    def _take(self) -> list[_Entry]:
        taken: list[_Entry] = []
        devices: set[str] = set()
        size = 0
        while self._ready and len(taken) < self._batching.most_reports:
            entry = self._ready[0]
            device = entry.parcel.device_id
            if device in self._under_way and device not in devices:
                self._aside.setdefault(device, []).append(self._ready.popleft())
                continue
            size += entry.parcel.size_bytes
            if taken and size > self._batching.most_bytes:
                break
            taken.append(self._ready.popleft())
            devices.add(device)
            self._under_way.add(device)
        return taken

    async def _send(self, batch: list[_Entry]) -> list[_Entry]:
        """Send until the hub has answered; return the entries that it postponed."""
        attempt = 0
        while True:
            try:
                verdicts = await self._record([entry.parcel for entry in batch])
            except HubUnavailable as error:
                self._weather.bad(str(error))
                await asyncio.sleep(self._backoff.seconds(attempt))
                attempt += 1
            except HubRefused as refused:
                return await self._find_the_refused(batch, refused)
            else:
                self._weather.good()
                return self._decide(batch, verdicts)

    async def _find_the_refused(self, batch: list[_Entry], refused: HubRefused) -> list[_Entry]:
        """The hub refuses the batch as a whole: halve it until the report is alone whose fault that is."""
        if len(batch) == 1:
            verdict = Verdict(outcome=Outcome.REFUSED, reason=refused.reason, detail=refused.detail)
            return self._decide(batch, [verdict])
        middle = len(batch) // 2
        postponed = await self._send(batch[:middle])
        held_up = {entry.parcel.device_id for entry in postponed}
        free = [entry for entry in batch[middle:] if entry.parcel.device_id not in held_up]
        postponed += [entry for entry in batch[middle:] if entry.parcel.device_id in held_up]
        return postponed + (await self._send(free) if free else [])

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
            self._unresolved -= 1
            if submission.missing == 0 and not submission.done.done():
                submission.done.set_result([final for final in submission.verdicts if final])
        if self._unresolved < self._most_unresolved:
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
        self._under_way.discard(device)
        # What stepped aside is older than whatever of this device is still in the line.
        self._ready.extendleft(reversed(entries + self._aside.pop(device, [])))
        if self._ready:
            self._wake()

    def _wake(self) -> None:
        self._arrived.set()
        if len(self._ready) >= self._batching.most_reports:
            self._full.set()
