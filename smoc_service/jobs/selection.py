"""Which devices a job is about: those of its conditions, as the park's search knows them now, or those it names."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from google.protobuf import json_format
from meterpark.smoc.v1 import device_service_pb2

from service_chassis.scope import Scope
from smoc_service.jobs.core.job import Selection
from smoc_service.park.filter import ScopedFilter
from smoc_service.park.park import Park
from smoc_service.park.questions import read_filter
from smoc_service.register.device import network_of


class Devices(Protocol):
    """Devices in order of their ids, of which a part may be asked for at a time."""

    async def count(self) -> int: ...

    async def some(self, at_most: int, after: str) -> Sequence[str]:
        """Return the first ids, or those that follow the id ``after``; none: that was all."""
        ...


Find = Callable[[ScopedFilter], Devices]


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
        return Chosen(
            devices=NamedDevices(selection.device_ids),
            networks=frozenset(map(network_of, selection.device_ids)),
        )
    message = json_format.ParseDict(dict(selection.conditions), device_service_pb2.DeviceFilter())
    visible = read_filter(message).within(scope)
    named = visible.conditions.networks
    networks = None if named is None else frozenset(named)
    return Chosen(devices=find(visible), networks=networks)
