"""Reading the register: single devices, pages of devices, pages of a device's timeline.

Pages go by key: a token says after which device (before which entry) to go on, so that a page costs what it shows,
however deep, and what changes elsewhere moves nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pymongo import ASCENDING, AsyncMongoClient

from service_chassis.scope import Scope
from smoc_service.device import Device, network_of
from smoc_service.device_filter import DeviceFilter, ScopedFilter
from smoc_service.documents import (
    DEVICES,
    INTERNAL,
    TIMELINE,
    Document,
    device_from,
)
from smoc_service.errors import DeviceUnknown, PageTokenInvalid
from smoc_service.opaque import seal, unseal

# Of several conditions the database follows one index and looks at each device found. A combination that finds next
# to nothing among very many must not occupy it for ever.
_TIME_LIMIT_MS = 10_000
_SHOWN = dict.fromkeys(INTERNAL, False)

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[ItemT]):
    items: list[ItemT]
    # Empty: that was the last page.
    next_token: str


class Search:
    """Answers questions; changes nothing. MongoDB in trouble is a ``PyMongoError``.

    Every question comes with the scope of who asks; what he names outside of it is ``NetworkDenied``, and the rest of
    the register does not exist for him.
    """

    def __init__(self, client: AsyncMongoClient[Document], database: str) -> None:
        self._client = client
        self._devices = client[database][DEVICES]
        self._timeline = client[database][TIMELINE]

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
        found = self._devices.find({"_id": {"$in": wanted}}, _SHOWN, batch_size=len(wanted) + 1)
        by_id = {document["_id"]: device_from(document) async for document in found}
        return (
            [by_id[device_id] for device_id in wanted if device_id in by_id],
            [device_id for device_id in wanted if device_id not in by_id],
        )

    async def page(self, wanted: DeviceFilter, scope: Scope, size: int, token: str) -> Page[Device]:
        """Return up to ``size`` devices in order of their ids; raise ``PageTokenInvalid``."""
        visible = wanted.within(scope)
        question = f"devices {visible.fingerprint()}"
        after = resumed(question, token)
        # A snapshot, because a device may change from one value asked for to the other while the page is read: in a
        # scan of two index ranges as they come, it could be in neither.
        async with self._client.start_session(snapshot=True) as session:
            found = await (
                self._devices.find(
                    _page_query(visible, after), _SHOWN, hint=visible.index(), session=session
                )
                .sort("_id", ASCENDING)
                .limit(size + 1)
                .batch_size(size + 1)
                .max_time_ms(_TIME_LIMIT_MS)
                .to_list()
            )
        devices = [device_from(document) for document in found[:size]]
        more = len(found) > size
        return Page(items=devices, next_token=seal(question, devices[-1].device_id) if more else "")


def _require(device_id: str, scope: Scope) -> None:
    scope.require(network_of(device_id), f"device {device_id}")


def _page_query(visible: ScopedFilter, after: str) -> dict[str, Any]:
    query = visible.query()
    bounds = {"$gt": after} if after else {}
    if visible.networks is not None and len(visible.networks) == 1:
        # A network is a range of device ids: so it narrows the scan of every other condition's index.
        [network] = visible.networks
        bounds = {"$gt": max(after, f"{network}/"), "$lt": f"{network}0"}  # "0" follows "/"
    if bounds:
        query["_id"] = bounds
    return query


def resumed(question: str, token: str) -> str:
    """Return what ``token`` holds for ``question``, "" without one; raise ``PageTokenInvalid``."""
    if not token:
        return ""
    text = unseal(question, token)
    if not text:
        raise PageTokenInvalid("page_token: not made by this service, or for another question")
    return text
