"""Brings the alarms of devices in line with the devices: read both, decide, write if nothing changed meanwhile.

It may run for any device at any time, in several processes at once: the second one meets a newer version or the unique
index, and reads again.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pymongo import ASCENDING, AsyncMongoClient
from pymongo.errors import DuplicateKeyError

from smoc_service.alarms.core.alarm import Alarm, area_subject
from smoc_service.alarms.core.areas import Margins, broken_out, looked_at
from smoc_service.alarms.core.causes import (
    Change,
    Drop,
    NewId,
    Put,
    Seen,
    causes,
    decide,
    ended,
)
from smoc_service.alarms.core.rules import AreaRule, Rules
from smoc_service.alarms.documents import ALARMS, alarm_document, alarm_from
from smoc_service.alarms.store import parts_to_look_at
from smoc_service.alarms.writing import AlarmWriting, version_of
from smoc_service.mongodb import Document, as_stored
from smoc_service.register.device import Device
from smoc_service.register.documents import DEVICES, INTERNAL, device_from

AT_MOST: Final = 500
_SHOWN = dict.fromkeys(INTERNAL, False)

Area = tuple[str, str]
Held = dict[str, dict[str, Alarm]]


class AlarmSettling:
    """Every method may be repeated; MongoDB in trouble is a ``PyMongoError``."""

    def __init__(
        self,
        client: AsyncMongoClient[Document],
        database: str,
        rules: Rules,
        *,
        now: Callable[[], datetime],
        new_id: NewId,
    ) -> None:
        self._devices = client[database][DEVICES]
        self._alarms = client[database][ALARMS]
        self._rules = rules
        self._now = now
        self._new_id = new_id
        self._margins = Margins()
        self._writing = AlarmWriting(client, database)
        # How many alarms this process opened since the start, by rule and severity.
        self.opened = self._writing.opened

    async def settle(
        self, device_ids: Collection[str], storms: Mapping[str, datetime] | None = None
    ) -> None:
        """Make the alarms of up to ``AT_MOST`` devices right; ``storms`` says since when which of them storms."""
        # It ends: a further round only comes when another process settled one of them, and then nothing is left for
        # both.
        while device_ids:
            changes, lost = await self._decide(list(device_ids), storms or {})
            settled = await self._writing.store(changes)
            await self._watch_areas(lost)
            if settled:
                return

    async def settle_due(self) -> int:
        """Examine up to ``AT_MOST`` alarms that are due; return how many there were."""
        due = self._alarms.find(
            {"unresolved": True, "look_at": {"$lte": as_stored(self._now())}},
            {"device_id": True},
            hint="due",
        )
        found = await due.sort("look_at", ASCENDING).limit(AT_MOST).to_list()
        await self.settle({each["device_id"] for each in found if each["device_id"]})
        for each in found:
            if not each["device_id"]:
                await self._look_at_area(each["_id"])
        return len(found)

    async def have_all_looked_at(self) -> None:
        """Make every unresolved alarm due, in pieces."""
        update = {"$set": {"look_at": as_stored(self._now())}, "$inc": {"version": 1}}
        await self._alarms.update_many({"unresolved": True}, update, hint="due")

    async def _decide(
        self, device_ids: list[str], storms: Mapping[str, datetime]
    ) -> tuple[list[Change], dict[Area, list[datetime]]]:
        """Return what to store, and since when devices are lost in areas that have no area's alarm."""
        now = as_stored(self._now())
        # The alarms first, and those resolved by hand later: one that is resolved meanwhile is found here or there.
        held = await self._held(device_ids)
        found = self._devices.find({"_id": {"$in": device_ids}}, _SHOWN, batch_size=AT_MOST + 1)
        devices = {document["_id"]: device_from(document) async for document in found}
        by_hand = await self._by_hand(
            [
                device_id
                for device_id, device in devices.items()
                if device_id in storms
                or causes(device, self._rules).keys() - held.get(device_id, {}).keys()
            ]
        )
        area_alarms = await self._area_alarms({_area(device) for device in devices.values()})
        changes: list[Change] = []
        lost: dict[Area, list[datetime]] = {}
        for device_id in device_ids:
            device = devices.get(device_id)
            if device is None:
                changes += [_gone(alarm, now) for alarm in held.get(device_id, {}).values()]
                continue
            seen = Seen(
                device=device,
                held=held.get(device_id, {}),
                by_hand=by_hand.get(device_id, ()),
                area_alarm=area_alarms.get(_area(device)),
                storms_since=storms.get(device_id),
            )
            decided = decide(seen, self._rules, now, self._new_id)
            changes += decided
            since = self._lost_since(seen.held, decided)
            area = _area(device)
            if since is not None and area[1] and area not in area_alarms:
                lost.setdefault(area, []).append(since)
        return changes, lost

    def _lost_since(self, held: Mapping[str, Alarm], decided: Sequence[Change]) -> datetime | None:
        """Return since when a device newly matches the rule for outages of areas; None when it does not.

        An alarm is new when it was stored, here or by another process, and nothing happened to it yet: so a later
        examination does not raise again what a user resolved.
        """
        if self._rules.area is None:
            return None
        name = self._rules.area.of
        alarm = held.get(name)
        for change in decided:
            if change.alarm.rule == name:
                alarm = change.alarm if isinstance(change, Put) else None
        return alarm.since if alarm is not None and alarm.version == 1 else None

    async def _held(self, device_ids: list[str]) -> Held:
        held: Held = {}
        query = {"unresolved": True, "subject": {"$in": device_ids}}
        async for document in self._alarms.find(query, hint="one_at_most"):
            alarm = alarm_from(document)
            held.setdefault(alarm.device_id, {})[alarm.rule] = alarm
        return held

    async def _by_hand(self, device_ids: list[str]) -> dict[str, set[tuple[str, datetime]]]:
        """Return what people resolved of devices that have a cause and no alarm, or storm."""
        if not device_ids:
            return {}
        found: dict[str, set[tuple[str, datetime]]] = {}
        cursor = self._alarms.find(
            {"by_hand": True, "subject": {"$in": device_ids}},
            {"_id": False, "subject": True, "rule": True, "since": True},
        ).hint("resolved_by_hand")
        async for each in cursor:
            found.setdefault(each["subject"], set()).add((each["rule"], each["since"]))
        return found

    async def _area_alarms(self, areas: Collection[Area]) -> dict[Area, Alarm]:
        rule = self._rules.area
        if rule is None:
            return {}
        subjects = [area_subject(*each) for each in areas if each[1]]
        if not subjects:
            return {}
        query = {"unresolved": True, "rule": rule.name, "subject": {"$in": subjects}}
        found = self._alarms.find(query, hint="one_at_most")
        alarms = [alarm_from(document) async for document in found]
        return {(alarm.network, alarm.area): alarm for alarm in alarms}

    async def _watch_areas(self, lost: Mapping[Area, Sequence[datetime]]) -> None:
        rule = self._rules.area
        if rule is None:
            return
        for area, since in lost.items():
            if self._margins.are_used_up(area, len(since)):
                await self._judge_area(rule, area, max(since))

    async def _judge_area(self, rule: AreaRule, area: Area, end: datetime) -> None:
        lost_lately = {**_of(rule, area), "since": {"$gte": end - rule.within, "$lte": end}}
        lost = await self._alarms.count_documents(lost_lately, hint="of_an_area")
        left = rule.breaks_out_at(await self._size(area)) - lost
        if left > 0:
            self._margins.note(area, left)
            return
        first = await self._alarms.find_one(
            lost_lately, {"since": True}, hint="of_an_area", sort=[("since", ASCENDING)]
        )
        now = as_stored(self._now())
        alarm = broken_out(
            rule,
            network=area[0],
            area=area[1],
            since=end - rule.within if first is None else first["since"],
            lost=lost,
            now=now,
            new_id=self._new_id,
        )
        try:
            await self._alarms.insert_one(alarm_document(alarm))
        except DuplicateKeyError:
            return
        self.opened[alarm.rule, alarm.severity] += 1
        await self._alarms.update_many(*parts_to_look_at(alarm, now))

    async def _look_at_area(self, alarm_id: str) -> None:
        found = await self._alarms.find_one({"_id": alarm_id})
        if found is None:
            return
        alarm, rule, now = alarm_from(found), self._rules.area, as_stored(self._now())
        area = (alarm.network, alarm.area)
        lost = 0
        if rule is not None:
            lost = await self._alarms.count_documents(_of(rule, area), hint="of_an_area")
        after = looked_at(alarm, rule, lost=lost, devices=await self._size(area), now=now)
        stored = await self._alarms.replace_one(version_of(alarm), alarm_document(after))
        if stored.matched_count and after.resolved_at is not None:
            await self._alarms.update_many(*parts_to_look_at(after, now))

    async def _size(self, area: Area) -> int:
        query = {"area": area[1], "network": area[0]}
        return await self._devices.count_documents(query, hint="by_area")


def _gone(alarm: Alarm, now: datetime) -> Change:
    after = ended(alarm, "the device is not in the register any more", now)
    return Drop(alarm) if after is None else Put(after, alarm)


def _area(device: Device) -> Area:
    return device.network, device.attributes.get("area", "")


def _of(rule: AreaRule, area: Area) -> dict[str, Any]:
    return {"unresolved": True, "network": area[0], "area": area[1], "rule": rule.of}
