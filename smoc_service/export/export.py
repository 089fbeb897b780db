"""Reading all devices of a filter, a piece at a time.

Theory of operation: which devices fit, the park's index says, some thousands of ids at a time and in their order; what
they are, the database, in smaller pieces. Nothing is read ahead of the caller but the ids, so a slow caller costs no
memory. Who comes or goes meanwhile is told or not; who stays is told once, as ids are only ever gone through upwards.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Final

from pymongo import AsyncMongoClient

from smoc_service.changes.watch import Watchers
from smoc_service.export.columns import Column, projection
from smoc_service.mongodb import Document
from smoc_service.park.filter import ScopedFilter
from smoc_service.park.park import Park
from smoc_service.register.documents import DEVICES

_IDS_AT_ONCE: Final = 10_000
_DEVICES_AT_ONCE: Final = 1_000
# Of one piece's texts, of four bytes at most each: a gRPC message has 16 MiB.
_CHARACTERS_AT_MOST: Final = 2**20
AT_MOST: Final = 8
OF_ONE_CALLER_AT_MOST: Final = 2

Row = tuple[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    visible: ScopedFilter
    columns: Sequence[Column]
    # Behind which device to go on; empty: from the first one.
    after: str


class DeviceExport:
    """Tells devices to a bounded number of callers at once; MongoDB in trouble is a ``PyMongoError``."""

    def __init__(
        self,
        client: AsyncMongoClient[Document],
        database: str,
        park: Park,
        callers: Watchers | None = None,
    ) -> None:
        self._park = park
        self._devices = client[database][DEVICES]
        self._callers = callers or Watchers(AT_MOST, OF_ONE_CALLER_AT_MOST, "exports")

    async def count(self, visible: ScopedFilter) -> int:
        """Return how many devices fit now; raise ``ParkNotLoaded`` or ``TooManyQuestions``."""
        return await self._park.ask(lambda index: index.select(visible.conditions).count)

    async def pieces(self, wanted: Wanted, subject: str) -> AsyncGenerator[list[Row]]:
        """Yield the devices' ids and texts; nothing at first, as soon as the caller has a place.

        Raises:
            TooManyWatchers: at once; try again later.
            WatchClosed: this process stops; go on after the last device.
            ParkNotLoaded, TooManyQuestions: go on in a moment.
        """
        with self._callers.one_more(subject):
            yield []
            after = wanted.after
            while device_ids := await self._ids(wanted.visible, after):
                for begin in range(0, len(device_ids), _DEVICES_AT_ONCE):
                    self._callers.check_open()
                    some = device_ids[begin : begin + _DEVICES_AT_ONCE]
                    for rows in _fitting(await self._rows(some, wanted.columns)):
                        yield rows
                after = device_ids[-1]

    def close(self) -> None:
        """Let every caller go; it goes on with another process."""
        self._callers.is_closed = True

    async def _ids(self, visible: ScopedFilter, after: str) -> list[str]:
        return await self._park.ask(
            lambda index: index.select(visible.conditions).device_ids(_IDS_AT_ONCE, after)
        )

    async def _rows(self, device_ids: list[str], columns: Sequence[Column]) -> list[Row]:
        found = self._devices.find(
            {"_id": {"$in": device_ids}}, projection(columns), batch_size=len(device_ids) + 1
        )
        by_id = {each["_id"]: [column.text(each) for column in columns] async for each in found}
        # What was deleted by hand meanwhile is not there.
        return [(each, by_id[each]) for each in device_ids if each in by_id]


def _fitting(rows: list[Row]) -> list[list[Row]]:
    """Return ``rows`` in pieces that fit into a message each."""
    pieces: list[list[Row]] = [[]]
    characters = 0
    for row in rows:
        size = len(row[0]) + sum(map(len, row[1]))
        if pieces[-1] and characters + size > _CHARACTERS_AT_MOST:
            pieces.append([])
            characters = 0
        pieces[-1].append(row)
        characters += size
    return pieces
