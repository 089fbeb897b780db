"""Which devices a job is about: those of its conditions, as the park's search knows them now, or those it names."""

from bisect import bisect_right
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from google.protobuf import json_format
from meterpark.smoc.v1 import device_service_pb2

from service_chassis.scope import Scope
from smoc_service.jobs.core.actions import Action
from smoc_service.jobs.core.job import Selection
from smoc_service.jobs.core.skips import SkipReason, skipped_by
from smoc_service.park.filter import DeviceFilter, ScopedFilter
from smoc_service.park.index import Conditions, ParkIndex
from smoc_service.park.park import Park
from smoc_service.park.questions import read_filter
from smoc_service.park.rows import MARKED, NO, YES
from smoc_service.register.device import network_of

TAG: Final = "tag"


class Devices(Protocol):
    """Devices in order of their ids, of which a part may be asked for at a time."""

    async def count(self) -> int: ...

    async def some(self, at_most: int, after: str) -> Sequence[str]:
        """Return the first ids, or those that follow the id ``after``; none: that was all."""
        ...


Find = Callable[[ScopedFilter], Devices]
# Says how many of the devices an action would leave as they are.
Survey = Callable[[ScopedFilter, Action], Awaitable[Mapping[SkipReason, int]]]


class SearchedDevices:
    """Devices of the park's search, queried again for each part; one that comes or goes is included once or not."""

    def __init__(self, park: Park, visible: ScopedFilter) -> None:
        self._park = park
        self._wanted = visible.conditions

    async def count(self) -> int:
        return await self._park.ask(lambda index: index.select(self._wanted).count)

    async def some(self, at_most: int, after: str) -> Sequence[str]:
        return await self._park.ask(
            lambda index: index.select(self._wanted).device_ids(at_most, after)
        )


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

    async def some(self, at_most: int, after: str) -> Sequence[str]:
        begin = bisect_right(self._device_ids, after)
        return self._device_ids[begin : begin + at_most]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    devices: Devices
    # What finds them, those apart that the register does not know.
    visible: ScopedFilter
    # The networks that they may lie in; None: any.
    networks: frozenset[str] | None


def choose(selection: Selection, scope: Scope, find: Find) -> Chosen:
    """Return the devices of ``selection`` within ``scope``.

    Raises:
        NetworkDenied: it names a network, or a device of one, outside of it.
        CallRefused: its conditions are none any more; only of those kept by an older release.
    """
    if selection.conditions is None:
        for device_id in selection.device_ids:
            scope.require(network_of(device_id), f"device {device_id}")
        named_ones = DeviceFilter(wanted=Conditions(among=selection.device_ids))
        return Chosen(
            devices=NamedDevices(selection.device_ids),
            visible=named_ones.within(scope),
            networks=frozenset(map(network_of, selection.device_ids)),
        )
    message = json_format.ParseDict(dict(selection.conditions), device_service_pb2.DeviceFilter())
    wanted = read_filter(message)
    wanted = replace(wanted, wanted=replace(wanted.wanted, without=selection.without))
    visible = wanted.within(scope)
    named = visible.conditions.networks
    networks = None if named is None else frozenset(named)
    return Chosen(devices=find(visible), visible=visible, networks=networks)
