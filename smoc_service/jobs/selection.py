"""What a job is about: devices or alarms of its conditions, as they are now, or those that it names."""

from bisect import bisect_right
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from google.protobuf import json_format
from meterpark.smoc.v1 import alarm_service_pb2, device_service_pb2
from pymongo import DESCENDING
from pymongo.asynchronous.collection import AsyncCollection

from service_chassis.scope import Scope
from smoc_service.alarms.documents import number_of
from smoc_service.alarms.filter import ScopedAlarmFilter
from smoc_service.alarms.wire import read_alarm_filter
from smoc_service.jobs.core.actions import Action
from smoc_service.jobs.core.job import Selection
from smoc_service.jobs.core.skips import SkipReason, skipped_by
from smoc_service.jobs.documents import Picked
from smoc_service.mongodb import Document
from smoc_service.park.filter import DeviceFilter, ScopedFilter
from smoc_service.park.index import Conditions, ParkIndex
from smoc_service.park.park import Park
from smoc_service.park.questions import read_filter
from smoc_service.park.rows import MARKED, NO, YES
from smoc_service.register.device import network_of

TAG: Final = "tag"
_TIME_LIMIT_MS: Final = 10_000


class Selected(Protocol):
    """Devices or alarms in an order that stays, of which a part may be asked for at a time."""

    async def count(self) -> int: ...

    async def some(self, at_most: int, after: str) -> Sequence[Picked]:
        """Return the first, or those that follow the one with the key ``after``; none: that was all."""
        ...


Find = Callable[[ScopedFilter], Selected]
# Says how many of the devices an action would leave as they are.
Survey = Callable[[ScopedFilter, Action], Awaitable[Mapping[SkipReason, int]]]


class SearchedDevices:
    """Devices of the park's search, queried again for each part; one that comes or goes is included once or not."""

    def __init__(self, park: Park, visible: ScopedFilter) -> None:
        self._park = park
        self._wanted = visible.conditions

    async def count(self) -> int:
        return await self._park.ask(lambda index: index.select(self._wanted).count)

    async def some(self, at_most: int, after: str) -> Sequence[Picked]:
        found = await self._park.ask(
            lambda index: index.select(self._wanted).device_ids(at_most, after)
        )
        return list(map(Picked, found))


async def survey(park: Park, visible: ScopedFilter, action: Action) -> Mapping[SkipReason, int]:
    """Return how many devices ``action`` would leave as they are, by reason, as the park's search knows them now."""

    def count(index: ParkIndex) -> Mapping[SkipReason, int]:
        selection = index.select(visible.conditions)
        marks = selection.by_word(MARKED)
        tagged: Any = selection.by_word(TAG)
        return skipped_by(action, tagged, marks.get(YES, 0), marks.get(NO, 0))

    return await park.ask(count)


class NamedDevices:
    """Devices by their ids, whether the register knows them or not."""

    def __init__(self, device_ids: Sequence[str]) -> None:
        self._device_ids = sorted(device_ids)

    async def count(self) -> int:
        return len(self._device_ids)

    async def some(self, at_most: int, after: str) -> Sequence[Picked]:
        begin = bisect_right(self._device_ids, after)
        return list(map(Picked, self._device_ids[begin : begin + at_most]))


class SearchedAlarms:
    """Alarms as a list shows them, opened last first: what is opened meanwhile is in none of the parts that follow."""

    def __init__(
        self,
        alarms: AsyncCollection[Document],
        visible: ScopedAlarmFilter,
        without: Sequence[str] = (),
    ) -> None:
        self._alarms = alarms
        self._query = visible.query()
        if without:
            self._query["_id"] = {"$nin": list(without)}
        self._index = visible.index()

    async def count(self) -> int:
        return await self._alarms.count_documents(
            self._query, hint=self._index, maxTimeMS=_TIME_LIMIT_MS
        )

    async def some(self, at_most: int, after: str) -> Sequence[Picked]:
        following = {"number": {"$lt": await self._place(after)}} if after else {}
        found = self._alarms.find(self._query | following, {"device_id": True}, hint=self._index)
        return [
            Picked(each["device_id"], each["_id"])
            async for each in found.sort("number", DESCENDING)
            .limit(at_most)
            .max_time_ms(_TIME_LIMIT_MS)
        ]

    async def _place(self, alarm_id: str) -> str:
        """Return where the list holds the alarm; that of its number when its days of keeping are over."""
        held = await self._alarms.find_one({"_id": alarm_id}, {"number": True})
        return number_of(alarm_id) if held is None else str(held["number"])


class NamedAlarms:
    """Alarms by their ids, whether there are such or not."""

    def __init__(self, alarms: AsyncCollection[Document], alarm_ids: Sequence[str]) -> None:
        self._alarms = alarms
        self._alarm_ids = sorted(alarm_ids)

    async def count(self) -> int:
        return len(self._alarm_ids)

    async def some(self, at_most: int, after: str) -> Sequence[Picked]:
        begin = bisect_right(self._alarm_ids, after)
        wanted = self._alarm_ids[begin : begin + at_most]
        found = self._alarms.find({"_id": {"$in": wanted}}, {"device_id": True})
        devices = {each["_id"]: each["device_id"] async for each in found}
        return [Picked(devices.get(each, ""), each) for each in wanted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    selected: Selected
    # What finds the devices, those apart that the register does not know; None: they are alarms.
    visible: ScopedFilter | None
    # The networks that they may lie in; None: any.
    networks: frozenset[str] | None


def choose(
    selection: Selection, scope: Scope, find: Find, alarms: AsyncCollection[Document]
) -> Chosen:
    """Return what ``selection`` says within ``scope``.

    Raises:
        NetworkDenied: it names a network, or something of one, outside of it.
        CallRefused: its conditions are none any more; only of those kept by an older release.
    """
    if selection.is_of_alarms:
        return _choose_alarms(selection, scope, alarms)
    if selection.conditions is None:
        return Chosen(
            selected=NamedDevices(selection.device_ids),
            visible=DeviceFilter(wanted=Conditions(among=selection.device_ids)).within(scope),
            networks=_networks_of(selection.device_ids, scope, "device"),
        )
    message = json_format.ParseDict(dict(selection.conditions), device_service_pb2.DeviceFilter())
    wanted = read_filter(message)
    wanted = replace(wanted, wanted=replace(wanted.wanted, without=selection.without))
    visible = wanted.within(scope)
    named = visible.conditions.networks
    networks = None if named is None else frozenset(named)
    return Chosen(selected=find(visible), visible=visible, networks=networks)


def _choose_alarms(selection: Selection, scope: Scope, alarms: AsyncCollection[Document]) -> Chosen:
    if selection.alarm_conditions is None:
        return Chosen(
            selected=NamedAlarms(alarms, selection.alarm_ids),
            visible=None,
            networks=_networks_of(selection.alarm_ids, scope, "alarm"),
        )
    kept = dict(selection.alarm_conditions)
    message = json_format.ParseDict(kept, alarm_service_pb2.AlarmFilter())
    visible = read_alarm_filter(message).within(scope)
    named = visible.narrowed.get("network")
    return Chosen(
        selected=SearchedAlarms(alarms, visible, selection.without),
        visible=None,
        networks=None if named is None else frozenset(named),
    )


def _networks_of(ids: Sequence[str], scope: Scope, kind: str) -> frozenset[str]:
    for each in ids:
        scope.require(network_of(each), f"{kind} {each}")
    return frozenset(map(network_of, ids))
