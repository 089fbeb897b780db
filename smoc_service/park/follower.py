"""Keeps the park's index equal to the register: reads all devices at the start, then follows the changes.

Theory of operation:

* The stream begins at a point of the database's time before the first device is read, and every change carries the
  whole device. So a device that changed while others were read is at last as the stream tells it, whatever was read.
  Answers are given when all is in that had changed by the end of the reading.
* From time to time the database counts the park at one point of its time, and the index its own devices when it has
  taken in exactly what happened until then. They must be the same; if not, that is an error, and all is read again.
* Also read again is what somebody did to the collection by hand, and what the stream forgot.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, cast

import structlog
from bson import Timestamp, decode_all
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from change_streams import Position, PositionLost, changes, point_of_time
from service_chassis.cancellation import end_if_cancelled
from service_chassis.retries import Backoff, Retries
from smoc_service.mongodb import Document
from smoc_service.park.index import ParkIndex, Rows
from smoc_service.park.park import Park
from smoc_service.park.recount import Recount
from smoc_service.park.rows import CODEC, FIELDS, GROUPS, WORD_ORDER, rows_from
from smoc_service.register.documents import DEVICES

log = structlog.get_logger()

RECOUNT_SECONDS: Final = 600.0
PATIENCE_SECONDS: Final = 0.1
_BACKOFF = Backoff(first_seconds=0.2, ceiling_seconds=5.0)
_EVENTS_AT_MOST = 2_000
_DEVICES_AT_ONCE = 2_000
_WHAT_IS_KEPT: list[Mapping[str, Any]] = [
    {
        "$project": {
            "operationType": True,
            "clusterTime": True,
            **{f"fullDocument.{name}": True for name in ("_id", *FIELDS)},
        }
    }
]


class _Outdated(Exception):
    """The index cannot be kept any further; all is to be read again."""


@dataclass(slots=True, kw_only=True)
class _Way:
    """How far an index is along the stream of changes."""

    index: ParkIndex
    begun_at: Timestamp
    # Answers are given when all until then is in.
    read_by: Timestamp
    is_shown: bool = False
    position: Position | None = None
    recount: Recount | None = None
    recount_due: float = 0.0


class ParkFollower:
    """Keeps ``park`` while ``run`` runs. Several processes may each have their own."""

    def __init__(
        self,
        database: AsyncDatabase[Document],
        park: Park,
        now: Callable[[], datetime],
        recount_seconds: float = RECOUNT_SECONDS,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """Changes that come within ``patience_seconds`` are taken in together."""
        self._database = database
        self._devices = database.get_collection(DEVICES, codec_options=CODEC)
        self._park = park
        self._now = now
        self._recount_seconds = recount_seconds
        self._patience_seconds = patience_seconds

    async def run(self) -> None:
        """Load and follow, for ever. Trouble with the database causes delay."""
        while True:
            way = await Retries("load the search", _BACKOFF).until_done(self._load, PyMongoError)
            retries = Retries("keep the search up", _BACKOFF)
            try:
                await retries.for_ever(partial(self._follow, way, retries), PyMongoError)
            except (_Outdated, PositionLost) as reason:
                log.warning("search is loaded again", reason=str(reason)[:300])
            finally:
                if way.recount is not None:
                    way.recount.cancel()

    async def _load(self) -> _Way:
        started = self._clock()
        begun_at = await point_of_time(self._devices)
        index = ParkIndex(GROUPS, WORD_ORDER)
        expected = await self._devices.estimated_document_count()
        batches = self._devices.find_raw_batches(
            {}, dict.fromkeys(FIELDS, True), batch_size=_DEVICES_AT_ONCE
        )
        filling = asyncio.create_task(asyncio.sleep(0))
        # The database looks for the next batch while the last one is taken in.
        async for batch in cast("AsyncIterator[bytes]", batches):
            end_if_cancelled()
            await filling
            self._park.tell_loading(f"{index.device_count} of about {expected} devices")
            filling = asyncio.create_task(self._park.fill(index, partial(_read, batch)))
        await filling
        seconds = round(self._clock() - started, 1)
        log.info("search is loaded", devices=index.device_count, seconds=seconds)
        return _Way(
            index=index,
            begun_at=begun_at,
            read_by=await point_of_time(self._devices),
            recount_due=self._clock() + self._recount_seconds,
        )

    async def _follow(self, way: _Way, retries: Retries) -> None:
        async with changes(
            self._devices,
            _WHAT_IS_KEPT,
            after=way.position,
            since=way.begun_at,
            patience_seconds=self._patience_seconds,
            at_once=_EVENTS_AT_MOST,
        ) as stream:
            while True:
                await self._recount_when_due(way)
                awaited, asked_at = self._park.awaited(), self._now()
                events, quiet = await stream.some(_EVENTS_AT_MOST, self._patience_seconds)
                await self._take(way, events, quiet=quiet)
                way.position = stream.position
                retries.got_on()
                self._park.note_seen(asked_at if quiet else _at(events[-1]).as_datetime())
                for point, seen in awaited:
                    # Those of one transaction have one time: more of them may follow.
                    if quiet or point < _at(events[-1]):
                        seen.set()

    async def _take(self, way: _Way, events: Sequence[Mapping[str, Any]], *, quiet: bool) -> None:
        """Bring the changes into the index, stopping where it is to be counted."""
        # The stream begins with what was there when all was read: a deletion by hand must not have it read again.
        events = [event for event in events if _at(event) > way.begun_at]
        for event in events:
            if event["operationType"] not in {"insert", "replace"}:
                raise _Outdated(f"the register was changed by hand ({event['operationType']})")
        recount = way.recount
        if recount is None or recount.is_counted:
            await self._change(way, events, quiet=quiet)
            return
        until = [event for event in events if _at(event) <= recount.point]
        beyond = events[len(until) :]
        await self._change(way, until, quiet=quiet)
        if beyond or quiet:
            recount.count(await self._park.count(way.index))
        await self._change(way, beyond, quiet=quiet)

    async def _change(self, way: _Way, events: Sequence[Mapping[str, Any]], *, quiet: bool) -> None:
        if events:
            documents = [event["fullDocument"] for event in events]
            await self._park.fill(way.index, partial(rows_from, documents))
        way.is_shown = way.is_shown or quiet or (bool(events) and _at(events[-1]) > way.read_by)
        if way.is_shown and (events or not self._park.shows(way.index)):
            await self._park.show(way.index)

    async def _recount_when_due(self, way: _Way) -> None:
        recount = way.recount
        if recount is not None:
            if recount.is_done:
                way.recount = None
                if wrong := recount.differences():
                    log.error("search holds other counts than the register", differences=wrong)
                    raise _Outdated("its counts differed from the database's")
        elif self._clock() > way.recount_due and self._park.is_loaded:
            way.recount_due = self._clock() + self._recount_seconds
            way.recount = Recount(self._database, await point_of_time(self._devices))

    @staticmethod
    def _clock() -> float:
        return asyncio.get_running_loop().time()


def _read(batch: bytes) -> Rows:
    return rows_from(decode_all(batch, CODEC))


def _at(event: Mapping[str, Any]) -> Timestamp:
    at: Timestamp = event["clusterTime"]
    return at
