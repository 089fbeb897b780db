"""The past of one device: its timeline, and the device as it was known at a time.

When other devices were joined into a device, its timeline is that of all of them: each device has its strands, read by
its own id, each with the position up to which the page showed it. So it costs one read per device, of which there are
few, and no search. Entries of joined devices are never moved or copied: when the join is undone, the timeline is as
before.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, AsyncMongoClient

from service_chassis.pages import Page, PageTokenInvalid, resumed, seal
from service_chassis.scope import Scope
from smoc_service.alarms.documents import ALARMS
from smoc_service.errors import DeviceUnknown
from smoc_service.history.alarm_strand import deeds_strand
from smoc_service.history.entry_strand import entries_strand
from smoc_service.history.timeline_filter import TimelineFilter
from smoc_service.history.timeline_merge import Strand, merged
from smoc_service.json_text import read_json
from smoc_service.mongodb import Document
from smoc_service.register.device import Device, TimelineEntry, network_of
from smoc_service.register.documents import DEVICES, TIMELINE
from smoc_service.register.known_states import (
    STATES,
    device_from_state,
    state_id,
    states_known,
    states_of,
)
from smoc_service.register.wire import LARGEST_REVISION

_TIME_LIMIT_MS: Final = 10_000
_REPORTS, _ALARMS = "reports", "alarms"
_FIRST_REVISION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceThen:
    device: Device
    # More was known at that time than this register has kept.
    incomplete: bool


class DeviceHistory:
    """Answers requests; changes nothing. Trouble of MongoDB raises ``PyMongoError``."""

    def __init__(self, client: AsyncMongoClient[Document], database: str) -> None:
        self._devices = client[database][DEVICES]
        self._states = client[database][STATES]
        self._timeline = client[database][TIMELINE]
        self._alarms = client[database][ALARMS]

    async def timeline(
        self, device_id: str, wanted: TimelineFilter, scope: Scope, size: int, token: str
    ) -> Page[TimelineEntry]:
        """Return up to ``size`` entries, newest first; raise ``DeviceUnknown`` or ``PageTokenInvalid``.

        Those of devices that are joined into it are among them. A token from before a join, or its undoing, is invalid.
        When few entries fit, a page may hold less than there is, even nothing, and have a next one all the same.
        """
        scope.require(network_of(device_id), f"device {device_id}")
        joined = await self._joined_into(device_id)
        with_others = f" with {json.dumps(joined)}" if joined else ""
        question = f"timeline {device_id}{with_others} {wanted.fingerprint()}"
        positions = _read(resumed(question, token))
        strands = await self._strands((device_id, *(joined or ())), wanted, positions, size)
        entries, after = merged(strands, positions, size)
        if joined is None and not entries and not token:
            raise DeviceUnknown(device_id)
        return Page(
            items=entries, next_token="" if after is None else seal(question, json.dumps(after))
        )

    async def device_at(self, device_id: str, scope: Scope, at: datetime) -> DeviceThen:
        """Return the device as it was known at ``at``; raise ``DeviceUnknown``, or ``NetworkDenied``.

        What the first report said counts as known from its receipt on, though it was recorded a moment later. For a
        time at which the device was known but no state is kept, the answer holds only its identity.
        """
        scope.require(network_of(device_id), f"device {device_id}")
        found = await (
            self._states.find(states_known(device_id, at))
            .sort("_id", DESCENDING)
            .limit(1)
            .max_time_ms(_TIME_LIMIT_MS)
            .to_list()
        )
        if not found:
            return await self._unrecorded(device_id, at)
        [state] = found
        holder = state
        # Nearly always one step at most; ends, as each leads to an older revision.
        while "described" not in holder:
            key = state_id(device_id, holder["described_in"])
            older = await self._states.find_one({"_id": key})
            if older is None:
                return DeviceThen(device=device_from_state(state, {}), incomplete=True)
            holder = older
        return DeviceThen(device=device_from_state(state, holder["described"]), incomplete=False)

    async def _joined_into(self, device_id: str) -> list[str] | None:
        """Return the devices that are joined into this one, None when the register does not know it."""
        held = await self._devices.find_one({"_id": device_id}, {"joined": True})
        return None if held is None else held.get("joined", [])

    async def _strands(
        self,
        device_ids: Sequence[str],
        wanted: TimelineFilter,
        positions: Mapping[str, Any],
        size: int,
    ) -> dict[str, Strand]:
        """Return the strands of all devices; the first one's have the plain names."""
        strands: dict[str, Strand] = {}
        for number, device_id in enumerate(device_ids):
            beside = f" {device_id}" if number else ""
            reports, alarms = _REPORTS + beside, _ALARMS + beside
            if wanted.wants_reports:
                strands[reports] = await entries_strand(
                    self._timeline, device_id, wanted, positions.get(reports), size
                )
            if wanted.wants_alarms:
                strands[alarms] = await deeds_strand(
                    self._alarms, device_id, wanted, positions.get(alarms), size
                )
        return strands

    async def _unrecorded(self, device_id: str, at: datetime) -> DeviceThen:
        held = await self._devices.find_one(
            {"_id": device_id}, {"network": True, "device_identifier": True, "first_seen_at": True}
        )
        if held is None or held["first_seen_at"] is None or at < held["first_seen_at"]:
            raise DeviceUnknown(device_id)
        oldest = await self._states.find_one(states_of(device_id), sort={"_id": ASCENDING})
        if oldest is not None and oldest["_id"]["revision"] == _FIRST_REVISION:
            return DeviceThen(
                device=device_from_state(oldest, oldest["described"]), incomplete=False
            )
        known = Device(
            device_id=device_id,
            network=held["network"],
            device_identifier=held["device_identifier"],
            revision=0,
            facets={},
            first_seen_at=held["first_seen_at"],
        )
        return DeviceThen(device=known, incomplete=True)


def _read(text: str) -> dict[str, Any]:
    """Return the positions that a token holds; raise ``PageTokenInvalid`` for one that was not made here."""
    shapes = {_REPORTS: (int, int), _ALARMS: (int, str, int)}
    if not text:
        return {}
    try:
        read = {name: tuple(position) for name, position in read_json(text).items()}
        if all(
            [type(part) for part in position] == [*shapes[name.partition(" ")[0]]]
            and all(0 <= part <= LARGEST_REVISION for part in position if isinstance(part, int))
            for name, position in read.items()
        ):
            return read
    except (ValueError, TypeError, AttributeError, KeyError):
        pass
    raise PageTokenInvalid
