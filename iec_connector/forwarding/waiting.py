"""Reports that wait for the hub: one queue for each device, and one line in which devices take their turns.

A device with many reports takes a share of each batch and goes to the end of the line, so that it delays no other.
Its own reports stay in order: while some of them are under way, the others wait (docs/decisions/0031).
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, Protocol, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchBounds:
    """``most_reports`` and ``most_bytes`` in a batch; a larger report travels alone.

    One device gets a fifth of the reports and half of the bytes: the whole batch waits for its slowest device.
    """

    most_reports: int
    most_bytes: int

    @property
    def share_reports(self) -> int:
        return max(1, self.most_reports // 5)

    @property
    def share_bytes(self) -> int:
        return self.most_bytes // 2


class Waiting(Protocol):
    """A report that waits."""

    @property
    def device_id(self) -> str: ...

    @property
    def size_bytes(self) -> int: ...


W = TypeVar("W", bound=Waiting)


class Line(Generic[W]):
    """Who may travel next. A device whose reports are under way is held until `release`."""

    def __init__(self, bounds: BatchBounds) -> None:
        self._bounds = bounds
        self._queues: dict[str, deque[W]] = {}
        self._devices: deque[str] = deque()
        self._held: set[str] = set()
        self._ready = 0

    @property
    def ready(self) -> int:
        """How many reports could travel now, if a batch took that many; of each device its share at most."""
        return self._ready

    def add(self, one: W) -> None:
        """Let ``one`` wait behind everything else of its device."""
        device = one.device_id
        queue = self._queues.get(device)
        if queue is None:
            queue = self._queues[device] = deque()
            if device not in self._held:
                self._devices.append(device)
        queue.append(one)
        if device not in self._held and len(queue) <= self._bounds.share_reports:
            self._ready += 1

    def take(self) -> list[W]:
        """Return the next batch, and hold its devices; empty when no report may travel."""
        batch: list[W] = []
        size = 0
        while self._devices and len(batch) < self._bounds.most_reports:
            device = self._devices[0]
            part = self._part(self._queues[device], batch_count=len(batch), batch_bytes=size)
            if not part:
                break
            self._ready -= self._ready_of(device)
            self._devices.popleft()
            self._held.add(device)
            queue = self._queues[device]
            for _ in part:
                queue.popleft()
            if not queue:
                del self._queues[device]
            batch += part
            size += sum(one.size_bytes for one in part)
        return batch

    def release(self, device: str, again: list[W]) -> None:
        """Let the device go on: ``again`` first, what waits behind it later, both at the end of the line."""
        self._held.discard(device)
        if again:
            self._queues.setdefault(device, deque()).extendleft(reversed(again))
        if device in self._queues:
            self._devices.append(device)
            self._ready += self._ready_of(device)

    def _ready_of(self, device: str) -> int:
        return min(len(self._queues[device]), self._bounds.share_reports)

    def _part(self, queue: deque[W], *, batch_count: int, batch_bytes: int) -> list[W]:
        """Return what of a device fits into the batch, and into the device's share of it."""
        most = min(self._bounds.share_reports, self._bounds.most_reports - batch_count)
        part: list[W] = []
        size = 0
        for one in islice(queue, most):
            size += one.size_bytes
            too_much = size > self._bounds.share_bytes or (
                batch_bytes + size > self._bounds.most_bytes
            )
            if too_much and (part or batch_count):
                break
            part.append(one)
        return part


@dataclass(slots=True)
class Room:
    """How many reports may wait for their final verdict before no further message is read.

    A device counts with its share at most. So a message with thousands of reports of one device, or a device that the
    hub cannot serve now, leaves room for the others; ``most_held`` and ``most_bytes`` bound the memory that this takes.
    """

    most: int
    share: int
    most_held: int
    most_bytes: int
    held: int = 0
    _held_bytes: int = 0
    _counted: int = 0
    _by_device: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, bounds: BatchBounds) -> "Room":
        most = 20 * bounds.most_reports
        return cls(
            most=most,
            share=bounds.most_reports,
            most_held=5 * most,
            most_bytes=32 * bounds.most_bytes,
        )

    @property
    def is_open(self) -> bool:
        return (
            self._counted < self.most
            and self.held < self.most_held
            and self._held_bytes < self.most_bytes
        )

    def enter(self, one: Waiting) -> None:
        self.held += 1
        self._held_bytes += one.size_bytes
        self._by_device[one.device_id] += 1
        if self._by_device[one.device_id] <= self.share:
            self._counted += 1

    def leave(self, one: Waiting) -> None:
        self.held -= 1
        self._held_bytes -= one.size_bytes
        if self._by_device[one.device_id] <= self.share:
            self._counted -= 1
        self._by_device[one.device_id] -= 1
        if not self._by_device[one.device_id]:
            del self._by_device[one.device_id]
