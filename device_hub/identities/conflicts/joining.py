"""Joins two devices that are one meter, and parts them again, in both journals; reports follow.

The order makes a join safe while reports come in. First the joined device's journal says where it went: from then on
its history takes no report, whichever process holds it in memory (the journal refuses the next revision, and the
recalled device then says so), so its state does not change any more. Then the kept device takes that state in. Then the
door sends reports there directly. The same call again finishes an interrupted join, and so does ``finish``, which goes
over all that were begun.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError, PyMongoError

from device_hub.device.commands import ByPerson, JoinInto, LeaveAgain, TakeIn, TakeOut
from device_hub.device.decisions import decide
from device_hub.device.refusal import Reason, Refused
from device_hub.device.rules import Rules
from device_hub.identities.conflicts.conflict_list import ConflictList
from device_hub.identities.stored.joined import Joined
from device_hub.journal.journal import Journal
from device_hub.turns.history import Memory
from device_hub.turns.turn import (
    HistoryUnsettled,
    recall,
    take_turn,
)
from service_chassis.retries import Retries

log = structlog.get_logger()

Document = dict[str, Any]

_AGAIN: Final = timedelta(minutes=1)
_MOST_ATTEMPTS: Final = 20


class DeviceUnknown(Exception):
    """Nothing was ever reported about this device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """``joins`` has one document per joined device, in state "begun" until both journals hold the join."""

    journal: Journal
    rules: Rules
    joins: AsyncCollection[Document]
    joined: Joined
    conflicts: ConflictList
    now: Callable[[], datetime]

    async def join(self, kept: str, joined: str, *, by: str, reason: str) -> int:
        """Join the device ``joined`` into ``kept``; returns the revision of ``kept``.

        Raises DeviceUnknown, Refused, and what a turn raises (ask again).
        """
        if kept == joined:
            raise Refused(Reason.JOIN_REFUSED, "a device cannot be joined into itself")
        if kept.partition("/")[0] != joined.partition("/")[0]:
            raise Refused(Reason.JOIN_REFUSED, "the devices are of two networks")
        at = self.now()
        keeping, leaving = await self._known(kept), await self._known(joined)
        # Refuse before anything is written.
        decide(leaving.device, JoinInto(into=kept, at=at, by=by, reason=reason), self.rules)
        part = replace(leaving.device, joined_into="", joined_at=None)
        decide(
            keeping.device,
            TakeIn(joined=joined, part=part, at=at, by=by, reason=reason),
            self.rules,
        )
        await self._begin(kept, joined, at=at, by=by, reason=reason)
        return await self._carry_out(kept, joined, at=at, by=by, reason=reason)

    async def undo(self, joined: str, *, by: str, reason: str) -> tuple[str, int]:
        """Part a device from the one that it was joined into; returns that one and its revision.

        Raises DeviceUnknown, Refused, and what a turn raises (ask again).
        """
        leaving = await self._known(joined)
        kept = leaving.device.joined_into
        if not kept:
            raise Refused(Reason.JOIN_REFUSED, "the device was not joined into another")
        at = self.now()
        # First, so that a failure after it leaves no direction that the journals do not know: then the journals are
        # read.
        await self._forget(joined, kept)
        keeping = await self._turn(
            kept, await self._known(kept), TakeOut(joined=joined, at=at, by=by, reason=reason)
        )
        # Before the last turn: asked again after trouble, all of it is done again.
        await self.conflicts.reopen_between(kept, joined)
        await self._turn(joined, leaving, LeaveAgain(at=at, by=by, reason=reason))
        return kept, keeping.revision

    async def run(self) -> None:
        """Finish interrupted joins, for ever."""
        retries = Retries("finish joins")
        await retries.for_ever(
            self.finish, (PyMongoError, HistoryUnsettled), every_seconds=_AGAIN.total_seconds()
        )

    async def finish(self) -> None:
        """Finish joins that were begun a while ago; one that cannot be is taken back."""
        begun = self.joins.find({"begun": True, "at": {"$lt": self.now() - _AGAIN}})
        async for one in begun:
            try:
                await self._carry_out(
                    one["into"], one["_id"], at=one["at"], by=one["by"], reason=one["reason"]
                )
            except Refused as refused:
                log.warning("a join is undone", joined=one["_id"], reason=refused.detail)
            except DeviceUnknown as unknown:
                await self._forget(one["_id"], one["into"])
                log.warning("a join is undone", joined=one["_id"], unknown=str(unknown))

    async def _begin(self, kept: str, joined: str, *, at: datetime, by: str, reason: str) -> None:
        """Note the join, so that it is finished after a crash. Another operator may have begun one, too."""
        try:
            await self.joins.update_one(
                {"_id": joined, "into": kept},
                {"$set": {"at": at, "by": by, "reason": reason, "begun": True}},
                upsert=True,
            )
        except DuplicateKeyError as error:
            raise Refused(
                Reason.DEVICE_JOINED, "the device is just being joined into another"
            ) from error

    async def _forget(self, joined: str, kept: str) -> None:
        await self.joins.delete_one({"_id": joined, "into": kept})
        self.joined.forget(joined)

    async def _carry_out(
        self, kept: str, joined: str, *, at: datetime, by: str, reason: str
    ) -> int:
        keeping = await self._known(kept)
        try:
            leaving = await self._turn(
                joined, await self._known(joined), JoinInto(into=kept, at=at, by=by, reason=reason)
            )
        except Refused:
            # Meanwhile it was joined into another device, or another into it; its journal does not say so yet.
            await self._forget(joined, kept)
            raise
        part = replace(leaving.device, joined_into="", joined_at=None)
        command = TakeIn(joined=joined, part=part, at=at, by=by, reason=reason)
        try:
            keeping = await self._turn(kept, keeping, command)
        except Refused:
            # Meanwhile the kept one was joined into a third device, or it has grown.
            await self._turn(joined, leaving, LeaveAgain(at=self.now(), by=by, reason="not joined"))
            await self._forget(joined, kept)
            raise
        await self.joins.update_one({"_id": joined}, {"$unset": {"begun": ""}})
        self.joined.note(joined, kept)
        await self.conflicts.close_between(kept, joined, by=by, reason=reason)
        return keeping.revision

    async def _known(self, device_id: str) -> Memory:
        memory = await recall(self.journal, device_id)
        if not memory.device.is_known:
            raise DeviceUnknown(device_id)
        return memory

    async def _turn(self, device_id: str, memory: Memory, command: ByPerson) -> Memory:
        report_id = f"person-{secrets.token_hex(16)}"
        for attempt in range(1, _MOST_ATTEMPTS + 1):
            try:
                taken = await take_turn(
                    self.journal,
                    memory,
                    device_id=device_id,
                    report_id=report_id,
                    command=command,
                    rules=self.rules,
                )
            except HistoryUnsettled:
                # The operator waits while reports of the device come in without a pause.
                if attempt == _MOST_ATTEMPTS:
                    raise
                memory = await recall(self.journal, device_id, memory)
            else:
                return taken.memory
        raise AssertionError("the last attempt returns or raises")
