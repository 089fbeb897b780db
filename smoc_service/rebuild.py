"""``python -m smoc_service rebuild-history``: rebuilds what is kept about devices' pasts, from timelines and states.

For a register that is older than milestones, days of contact and states, and after a fault in how they are gathered. It
goes through the devices in order of their ids, a few hundred at a time, and stores its progress: after an interruption
the next call continues there. It may run beside the service: a device is read before its timeline, and replaced only if
it did not change meanwhile, else it is done again. What the service stores meanwhile is correct already.
"""

import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bson import MaxKey
from pymongo import ASCENDING, AsyncMongoClient, InsertOne, ReplaceOne

from service_chassis.cancellation import end_if_cancelled
from smoc_service.alarms.documents import ALARMS, POSITIONS, alarm_document, alarm_from
from smoc_service.database import prepare
from smoc_service.mongodb import Document, open_client
from smoc_service.register.device import Device, TimelineEntry
from smoc_service.register.documents import (
    DEVICES,
    OF_THE_CHANGE,
    TIMELINE,
    device_from,
    entry_from,
)
from smoc_service.register.known_states import STATES, device_from_state, state_after
from smoc_service.register.milestones import Past, merged, past_document, past_from, past_of
from smoc_service.register.register import unchanged, write_all_new
from smoc_service.settings import DatabaseSettings

_TELL_SECONDS: Final = 5.0
_DEVICES_AT_ONCE: Final = 200
_ENTRIES_AT_ONCE: Final = 1000
_POSITION: Final = "rebuild-history"
_PAST: Final = ("milestones", "contact_days", *OF_THE_CHANGE)
_NUMBER_ALONE: Final = {"$regex": "^.{20}$"}


@dataclass(slots=True, kw_only=True)
class Progress:
    """The progress so far; ``expected`` is the approximate number of devices."""

    expected: int
    devices: int = 0
    changed: int = 0
    alarms: int = 0


class HistoryRebuild:
    """MongoDB in trouble is a ``PyMongoError``; call it again."""

    def __init__(self, client: AsyncMongoClient[Document], database: str) -> None:
        self._client = client
        self._devices = client[database][DEVICES]
        self._timeline = client[database][TIMELINE]
        self._states = client[database][STATES]
        self._alarms = client[database][ALARMS]
        self._positions = client[database][POSITIONS]

    async def run(self, tell: Callable[[Progress], None], *, anew: bool = False) -> Progress:
        """Go through all devices and alarms, or those that the last run left; report each part."""
        progress = Progress(expected=await self._devices.estimated_document_count())
        noted = None if anew else await self._positions.find_one({"_id": _POSITION})
        after, progress.devices = (noted["after"], noted["devices"]) if noted else ("", 0)
        while ids := await self._ids(after):
            end_if_cancelled()
            progress.changed += await self._rebuild(ids)
            progress.devices += len(ids)
            after = ids[-1]
            done = {"after": after, "devices": progress.devices}
            await self._positions.replace_one({"_id": _POSITION}, done, upsert=True)
            tell(progress)
        await self._date_alarms(progress, tell)
        await self._positions.delete_one({"_id": _POSITION})
        return progress

    async def _ids(self, after: str) -> list[str]:
        found = self._devices.find({"_id": {"$gt": after}}, {"_id": True})
        batch = await found.sort("_id", ASCENDING).limit(_DEVICES_AT_ONCE).to_list()
        return [document["_id"] for document in batch]

    async def _rebuild(self, ids: Sequence[str]) -> int:
        """Rebuild the devices with ids from the first to the last of ``ids``; return how many changed."""
        changed = 0
        # Ends: a device stays open only when the service replaced it in between.
        while ids:
            async with self._client.start_session(causal_consistency=True) as session:
                found = self._devices.find(
                    {"_id": {"$in": list(ids)}}, batch_size=_DEVICES_AT_ONCE + 1, session=session
                )
                held = {document["_id"]: document async for document in found}
                told = await self._told(ids[0], ids[-1])
                written: list[str] = []
                writes: list[ReplaceOne[Document]] = []
                states: list[InsertOne[Document]] = []
                for device_id, before in held.items():
                    device = device_from(before)
                    past = merged(told.get(device_id, Past()), past_of(device, ()))
                    state, mark = (
                        state_after(before, device) if "state" not in before else (None, {})
                    )
                    if state is not None:
                        states.append(InsertOne(state))
                    if mark or past != past_from(before):
                        kept = {name: before[name] for name in before if name not in _PAST}
                        after = kept | past_document(past) | mark
                        writes.append(ReplaceOne(unchanged(device, before), after, upsert=True))
                        written.append(device_id)
                if states:
                    await write_all_new(self._states, states, session)
                moved = await write_all_new(self._devices, writes, session) if writes else []
            changed += len(writes) - len(moved)
            ids = sorted(written[index] for index in moved)
        return changed

    async def _told(self, first: str, last: str) -> dict[str, Past]:
        """Return what timelines and states say about the devices with ids from ``first`` to ``last``."""
        told: dict[str, Past] = {}
        between = {"$gt": {"device_id": first}, "$lt": {"device_id": last, "revision": MaxKey()}}
        entries = self._timeline.find({"_id": between}, batch_size=_ENTRIES_AT_ONCE)
        async for device_id, some in _by_device(entries.sort("_id", ASCENDING)):
            past = past_of(_nothing_but_id(device_id), some)
            told[device_id] = merged(told.get(device_id, Past()), past)
        between = {"$gt": {"device_id": first}, "$lt": {"device_id": last, "at": MaxKey()}}
        async for state in self._states.find({"_id": between}, batch_size=_ENTRIES_AT_ONCE):
            then = device_from_state(state, state.get("described", {}))
            known = told.get(then.device_id, Past())
            told[then.device_id] = merged(known, past_of(then, ()))
        return told

    async def _date_alarms(self, progress: Progress, tell: Callable[[Progress], None]) -> None:
        """Have alarms say from when to when something was done with them, and stand in lists by when they were opened.

        Those of before do not say it, and stand there by their numbers.
        """
        undated = {"history.0": {"$exists": True}, "deeds": {"$exists": False}}
        by_number = {"shown": True, "opened_at": {"$type": "date"}, "number": _NUMBER_ALONE}
        found = self._alarms.find({"$or": [undated, by_number]}, batch_size=_DEVICES_AT_ONCE)
        async for document in found:
            alarm = alarm_from(document)
            guard = {"_id": alarm.alarm_id, "version": alarm.version}
            # A concurrent change has stored its date.
            await self._alarms.replace_one(guard, alarm_document(alarm))
            progress.alarms += 1
            if progress.alarms % _DEVICES_AT_ONCE == 0:
                end_if_cancelled()
                tell(progress)


async def _by_device(
    documents: Any,
) -> AsyncIterator[tuple[str, list[TimelineEntry]]]:
    """Yield the entries of one device after the other, of one with very many in several parts."""
    device_id, some = "", list[TimelineEntry]()
    async for document in documents:
        if some and (document["_id"]["device_id"] != device_id or len(some) == _ENTRIES_AT_ONCE):
            yield device_id, some
            some = []
        device_id = document["_id"]["device_id"]
        some.append(entry_from(document))
    if some:
        yield device_id, some


def _nothing_but_id(device_id: str) -> Device:
    network, _, identifier = device_id.partition("/")
    return Device(
        device_id=device_id, network=network, device_identifier=identifier, revision=0, facets={}
    )


async def rebuild_history(settings: DatabaseSettings, *, anew: bool) -> None:
    """Rebuild, and say on standard output how far it is."""
    started = time.monotonic()
    told_at = started

    def tell(progress: Progress) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _TELL_SECONDS:
            told_at = time.monotonic()
            sys.stdout.write(f"{_line(progress)}\n")
            sys.stdout.flush()

    async with open_client(settings.mongodb_url.get_secret_value(), **settings.login) as client:
        # Its indexes, if the service has not made them yet.
        await prepare(client[settings.mongodb_database])
        rebuild = HistoryRebuild(client, settings.mongodb_database)
        progress = await rebuild.run(tell, anew=anew)
    seconds = round(time.monotonic() - started)
    sys.stdout.write(f"done: {_line(progress)}, {seconds} s\n")


def _line(progress: Progress) -> str:
    return (
        f"{progress.devices:,} of about {progress.expected:,} devices, {progress.changed:,} changed; "
        f"{progress.alarms:,} alarms dated"
    )
