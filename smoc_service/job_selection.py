"""Which devices a job is about: those of its conditions, as the park's search knows them now, or those it names."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from google.protobuf import json_format
from meterpark.smoc.v1 import device_service_pb2

from service_chassis.scope import Scope
from smoc_service.device import network_of
from smoc_service.device_filter import ScopedFilter
from smoc_service.job.job import Selection
from smoc_service.requests import read_filter

_IN_A_PIECE = 5_000


class Selected(Protocol):
    """Devices as they were selected; what changes afterwards does not move them."""

    @property
    def count(self) -> int: ...

    def device_ids(self) -> Iterator[Sequence[str]]:
        """Return their ids, each once, in pieces."""
        ...


class SelectsDevices(Protocol):
    def select(self, visible: ScopedFilter) -> Selected: ...


@dataclass(frozen=True, slots=True)
class NamedDevices:
    """Devices by their ids, whether the register knows them or not."""

    names: Sequence[str]

    @property
    def count(self) -> int:
        return len(self.names)

    def device_ids(self) -> Iterator[Sequence[str]]:
        yield self.names


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    devices: Selected
    # The networks that they may lie in; None: any.
    networks: frozenset[str] | None


def choose(selection: Selection, scope: Scope, park: SelectsDevices) -> Chosen:
    """Return the devices of ``selection`` within ``scope``.

    Raises:
        NetworkDenied: it names a network, or a device of one, outside of it.
        CallRefused: its conditions are none any more; only of those kept by an older release.
        NotCountedYet: the park's search is being loaded.
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
    networks = None if visible.networks is None else frozenset(visible.networks)
    return Chosen(devices=park.select(visible), networks=networks)


def first(devices: Selected, at_most: int) -> list[str]:
    """Return up to ``at_most`` of their ids."""
    for piece in devices.device_ids():
        return list(piece[:at_most])
    return []


def pieces(found: Iterable[str]) -> Iterator[Sequence[str]]:
    """Return what is found one by one in pieces."""
    piece: list[str] = []
    for each in found:
        piece.append(each)
        if len(piece) == _IN_A_PIECE:
            yield piece
            piece = []
    if piece:
        yield piece
