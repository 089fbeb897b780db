"""Follows the register's devices for their alarms: by the change stream, and by the times at which alarms are due.

A change only names the device to examine; the decision uses what the register holds then (``settling``).
So a change may be seen twice, by two processes, or late. Changes that concern no rule are skipped here. The position is
stored after its changes were handled. Without a position, with a lost one, or after a change of the rules, the park's
index names the devices that match a rule, and all alarms are examined.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, Final

import structlog
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from change_streams import Changes, changes, follow, point_of_time
from service_chassis.retries import Retries
from smoc_service.alarms.core.pace import Pace
from smoc_service.alarms.core.rules import FacetRule, Rules
from smoc_service.alarms.documents import POSITIONS
from smoc_service.alarms.settling import AT_MOST, AlarmSettling
from smoc_service.errors import ParkNotLoaded, TooManyQuestions
from smoc_service.mongodb import Document
from smoc_service.park.index import Conditions
from smoc_service.park.park import Park
from smoc_service.register.device import FACETS
from smoc_service.register.documents import DEVICES, facet_values

log = structlog.get_logger()

_NAME: Final = "alarms"
PATIENCE_SECONDS: Final = 0.2
_SWEEP_SECONDS = 1.0
# Batches.
_DUE_BETWEEN_CHANGES = 4
# Keeping a position is a write, which moves the stream's token itself: an idle follower keeps it rarely.
_IDLE_KEEP_SECONDS = 30.0

_WHAT_MATTERS: list[Mapping[str, Any]] = [
    {"$match": {"operationType": {"$in": ["insert", "replace"]}}},
    {
        "$project": {
            "operationType": True,
            "clusterTime": True,
            "fullDocument._id": True,
            "fullDocument.revision": True,
            "fullDocument.was": True,
            **{f"fullDocument.{name}.value": True for name in FACETS},
        }
    },
]


class AlarmFollower:
    """Keeps the alarms right while ``run`` runs; several processes may do so at once."""

    def __init__(
        self,
        database: AsyncDatabase[Document],
        rules: Rules,
        settling: AlarmSettling,
        park: Park,
        beat: Callable[[], None] = lambda: None,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """``beat`` is called in each round, so that a missing round is noticed.

        Changes that come within ``patience_seconds`` are examined together.
        """
        self._park = park
        self._beat = beat
        self._patience_seconds = patience_seconds
        self._database = database
        self._positions = database[POSITIONS]
        self._rules = rules
        self._settling = settling
        self._pace = None if rules.storm is None else Pace(rules.storm)

    async def run(self) -> None:
        """Follow for ever. Trouble with the database causes delay."""
        retries = Retries("follow devices for alarms")
        await follow(
            partial(self._follow, retries),
            retries,
            anew=self._forget_position,
            on=(PyMongoError, ParkNotLoaded, TooManyQuestions),
        )

    async def _follow(self, retries: Retries) -> None:
        clock = asyncio.get_running_loop().time
        kept_at = swept_at = clock()
        async with await self._open() as stream:
            while True:
                self._beat()
                events, _ = await stream.some(AT_MOST, self._patience_seconds)
                await self._take(events)
                if events or clock() - kept_at > _IDLE_KEEP_SECONDS:
                    await self._keep(resume_token=stream.position)
                    kept_at = clock()
                if clock() - swept_at > _SWEEP_SECONDS and not await self._is_more_due():
                    swept_at = clock()
                retries.got_on()

    async def _is_more_due(self) -> bool:
        """Examine due alarms for a limited time, so that changes do not wait for all the due alarms of an outage."""
        for _ in range(_DUE_BETWEEN_CHANGES):
            if await self._settling.settle_due() < AT_MOST:
                return False
        return True

    async def _take(self, events: Sequence[Mapping[str, Any]]) -> None:
        concerned: set[str] = set()
        storms = {}
        for event in events:
            document = event["fullDocument"]
            device_id = document["_id"]
            if self._concerns(event["operationType"], document):
                concerned.add(device_id)
            if self._pace is None:
                continue
            at = event["clusterTime"].as_datetime()
            since = self._pace.note(device_id, document["revision"], at)
            if since is not None:
                storms[device_id] = since
        await self._settling.settle(concerned | storms.keys(), storms)

    def _concerns(self, operation: str, document: Mapping[str, Any]) -> bool:
        values = facet_values(document)
        if operation == "insert":
            return self._rules.concern(values)
        # Only there when a value changed.
        was = document.get("was")
        return was is not None and (self._rules.concern(was) or self._rules.concern(values))

    async def _open(self) -> AbstractAsyncContextManager[Changes[Document]]:
        kept = await self._positions.find_one({"_id": _NAME})
        if kept is None or kept["rules"] != self._rules.fingerprint:
            kept = await self._caught_up()
        return changes(
            self._database[DEVICES],
            _WHAT_MATTERS,
            after=kept.get("resume_token"),
            since=kept.get("begun_at"),
            patience_seconds=self._patience_seconds,
            at_once=AT_MOST,
        )

    async def _caught_up(self) -> Document:
        """Read what the stream no longer holds; return the point from which it can continue."""
        begun_at = await point_of_time(self._database[DEVICES])
        log.info("alarms are catching up", rules=self._rules.fingerprint)
        await self._park.caught_up_with(begun_at)
        for rule in self._rules.facets:
            await self._read(rule)
        await self._settling.have_all_looked_at()
        position = {"begun_at": begun_at, "rules": self._rules.fingerprint}
        await self._positions.replace_one({"_id": _NAME}, position, upsert=True)
        return position

    async def _read(self, rule: FacetRule) -> None:
        wanted = Conditions(words={rule.facet: rule.values})
        last = ""
        while True:
            self._beat()
            after = last
            found = await self._park.ask(
                lambda index: index.select(wanted).device_ids(AT_MOST, after)  # noqa: B023 - awaited here
            )
            await self._settling.settle(found)
            if len(found) < AT_MOST:
                return
            last = found[-1]

    async def _keep(self, **position: Any) -> None:
        await self._positions.update_one({"_id": _NAME}, {"$set": position})

    async def _forget_position(self) -> None:
        await self._positions.delete_one({"_id": _NAME})
