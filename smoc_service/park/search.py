"""Reading the register: single devices, pages and counts of devices.

Which devices fit, and which come first, the park's index says; what they are, the database.

Pages go by key: a token says after which device to go on, by the values that it is sorted by, so that what changes
elsewhere moves nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from pymongo import AsyncMongoClient

from service_chassis.pages import Page, PageTokenInvalid, resumed, seal
from service_chassis.scope import Scope
from smoc_service.errors import DeviceUnknown
from smoc_service.mongodb import Document
from smoc_service.park.filter import DeviceFilter
from smoc_service.park.index import Counted, CursorInvalid, Ids, ParkIndex, SortKey
from smoc_service.park.park import Park
from smoc_service.register.device import Device, network_of
from smoc_service.register.documents import DEVICES, INTERNAL, device_from

_SHOWN = dict.fromkeys(INTERNAL, False)

# Of one answer's texts, of four bytes at most each: a gRPC message has 16 MiB.
_CHARACTERS_AT_MOST: Final = 2 * 2**20
# Of one dimension, as the contract promises.
VALUES_AT_MOST: Final = 1_000

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePage(Page[Device]):
    # How many devices fit in all.
    total_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkCounts:
    total_size: int
    # By dimension, each cut to the largest values.
    counts: Mapping[str, Counted]


class Search:
    """Answers requests; changes nothing. Trouble of MongoDB raises ``PyMongoError``.

    Every request comes with the caller's scope. Naming something outside of it raises ``NetworkDenied``; the rest of
    the register is invisible.
    """

    def __init__(self, client: AsyncMongoClient[Document], database: str, park: Park) -> None:
        self._park = park
        self._devices = client[database][DEVICES]

    async def device(self, device_id: str, scope: Scope) -> Device:
        """Return one device; raise ``DeviceUnknown``."""
        _require(device_id, scope)
        found = await self._devices.find_one({"_id": device_id}, _SHOWN)
        if found is None:
            raise DeviceUnknown(device_id)
        return device_from(found)

    async def devices(
        self, device_ids: Sequence[str], scope: Scope
    ) -> tuple[list[Device], list[str]]:
        """Return the devices in the order asked for, each once, and the ids that are unknown."""
        wanted = list(dict.fromkeys(device_ids))
        for device_id in wanted:
            _require(device_id, scope)
        by_id = await self._by_id(wanted)
        return (
            [by_id[device_id] for device_id in wanted if device_id in by_id],
            [device_id for device_id in wanted if device_id not in by_id],
        )

    async def page(
        self, wanted: DeviceFilter, scope: Scope, order: Sequence[SortKey], size: int, token: str
    ) -> DevicePage:
        """Return up to ``size`` devices that fit, in ``order``; fewer where they would be too large for an answer.

        Raises:
            NetworkDenied, PageTokenInvalid, ParkNotLoaded, TooManyQuestions.
        """
        visible = wanted.within(scope)
        sorted_by = ", ".join(f"{key.name} {'desc' if key.descending else 'asc'}" for key in order)
        question = f"devices {visible.fingerprint()} {sorted_by}"
        after = resumed(question, token) or None

        def find(index: ParkIndex) -> tuple[int, Ids]:
            selection = index.select(visible.conditions)
            return selection.count, selection.page(order, size, after)

        try:
            total_size, found = await self._park.ask(find)
        except CursorInvalid:
            raise PageTokenInvalid from None
        by_id = await self._by_id(found.device_ids)
        # What was deleted by hand meanwhile is not there.
        items = [by_id[each] for each in found.device_ids if each in by_id]
        fitting = fitting_devices(items)
        if fitting < len(items):
            # Rare, as a device has some 2 KiB: the page ends where the message would be too large.
            return await self.page(wanted, scope, order, fitting, token)
        return DevicePage(
            items=items,
            next_token="" if found.cursor is None else seal(question, found.cursor),
            total_size=total_size,
        )

    async def counts(
        self, wanted: DeviceFilter, scope: Scope, dimensions: Sequence[str]
    ) -> ParkCounts:
        """Return how many devices fit, by ``dimensions``; raises as ``page`` does."""
        visible = wanted.within(scope)

        def count(index: ParkIndex) -> ParkCounts:
            selection = index.select(visible.conditions)
            return ParkCounts(
                total_size=selection.count, counts=selection.counts(dimensions, VALUES_AT_MOST)
            )

        return await self._park.ask(count)

    async def _by_id(self, device_ids: list[str]) -> dict[str, Device]:
        if not device_ids:
            return {}
        found = self._devices.find(
            {"_id": {"$in": device_ids}}, _SHOWN, batch_size=len(device_ids) + 1
        )
        return {document["_id"]: device_from(document) async for document in found}


def fitting_devices(devices: Sequence[Device]) -> int:
    """Return how many of ``devices``, at least one, fit into one answer."""
    characters = 0
    for count, device in enumerate(devices):
        texts = (device.attributes, device.names, device.life_dates)
        characters += sum(len(word) + len(text) for some in texts for word, text in some.items())
        characters += sum(
            len(plan.summary) + sum(len(word) + len(text) for word, text in plan.changes.items())
            for plan in device.planned
        )
        characters += sum(len(one.scheme) + len(one.value) for one in device.identifiers)
        if count and characters > _CHARACTERS_AT_MOST:
            return count
    return len(devices)


def _require(device_id: str, scope: Scope) -> None:
    scope.require(network_of(device_id), f"device {device_id}")
