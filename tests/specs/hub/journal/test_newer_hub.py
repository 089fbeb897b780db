"""Old and new hubs together: what a newer one wrote, an older one neither loses nor misreads; it leaves the device."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from bson import ObjectId
from bson.raw_bson import RawBSONDocument
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from structlog.testing import capture_logs

from device_hub.actors.residents import Residents, Surroundings
from device_hub.device.rules import Rules
from device_hub.journal.group_recall import GroupRecall
from device_hub.journal.journal import Journal
from device_hub.journal.newer import WrittenByNewerHub
from device_hub.journal.state_codec import STATE_VERSION
from journal_evidence.seal import sealed
from tests.specs.hub.schedules.choices import Choices
from tests.specs.hub.schedules.database import OPTIONS, MemoryCommits
from tests.specs.hub.schedules.hubs import reported

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECORDED, POSTPONED = Verdict.OUTCOME_RECORDED, Verdict.OUTCOME_POSTPONED
UNKNOWN_EVENT = {"name": "meter-flew-away.7", "at": NOON}
Document = dict[str, Any]


class Park:
    """An older hub, and a journal in which a newer one wrote as well."""

    def __init__(self) -> None:
        self.commits = MemoryCommits(Choices())
        collection: Any = self.commits
        self.journal = Journal(collection, now=lambda: NOON)
        self.restart()

    def restart(self) -> None:
        """The older hub forgets what it remembers."""
        self.home = Residents(Surroundings(journal=self.journal, rules=Rules()), clock=lambda: 0.0)

    async def tell(self, device: str, number: int) -> Verdict:
        resident = self.home.enter(f"north/{device}", self)
        [verdict] = await resident.record([reported("a", device, number)])
        return verdict

    async def newer_hub_writes(self, device: str, **differs: Any) -> None:
        """Write the next commit of a device as a newer hub does, on what is there."""
        last = self.documents(device)[-1]
        content = {name: last[name] for name in last if name not in ("_id", "after", "seal")}
        content |= {"_id": ObjectId(), "revision": last["revision"] + 1, "report_id": "newer"}
        after = {**last["after"], **differs.pop("after", {})}
        raw, _ = sealed(content | differs, after, last["seal"]["digest"])
        await self.commits.insert_many([RawBSONDocument(raw)], ordered=True)

    def documents(self, device: str) -> list[Document]:
        found = [bson.decode(raw, OPTIONS) for raw in self.commits.held]
        return [one for one in found if one["device_id"] == f"north/{device}"]


@pytest.fixture
async def park() -> Park:
    made = Park()
    for device in ("SN-1", "SN-2"):
        assert (await made.tell(device, 0)).outcome == RECORDED
    return made


WRITTEN = {
    "an event that is not known": {
        "events": [UNKNOWN_EVENT],
        "after": {"version": STATE_VERSION + 1},
    },
    "a field that is not known": {
        "events": [{"name": "fell-silent.1", "silent_since": NOON, "noted_at": NOON, "why": "?"}],
        "after": {"version": STATE_VERSION + 1},
    },
    "a state that says more, after an event that is not known": {
        "events": [UNKNOWN_EVENT],
        "after": {"colour": "green"},
    },
}


@pytest.mark.parametrize("what", WRITTEN)
@pytest.mark.parametrize("remembers", [True, False])
async def test_an_older_hub_takes_no_turn_of_a_device_that_it_cannot_read(
    park: Park, what: str, *, remembers: bool
) -> None:
    await park.newer_hub_writes("SN-1", **WRITTEN[what])
    if not remembers:
        park.restart()
    with capture_logs() as logs:
        verdict = await park.tell("SN-1", 1)
    assert (verdict.outcome, verdict.detail.partition(":")[0]) == (POSTPONED, "WrittenByNewerHub")
    assert [(one["event"], one["device_id"]) for one in logs] == [
        ("left to a newer version of the hub", "north/SN-1")
    ]
    assert [one["report_id"] for one in park.documents("SN-1")] == ["a-SN-1-0", "newer"]
    assert (await park.tell("SN-2", 1)).outcome == RECORDED, "other devices go on"


async def test_a_state_of_another_version_after_events_that_are_known_is_replayed(
    park: Park,
) -> None:
    events = [{"name": "fell-silent.1", "silent_since": NOON, "noted_at": NOON}]
    await park.newer_hub_writes("SN-1", events=events, after={"version": STATE_VERSION + 1})
    assert (await park.tell("SN-1", 1)).outcome == RECORDED
    last = park.documents("SN-1")[-1]
    assert (last["revision"], last["after"]["version"]) == (3, STATE_VERSION)


async def test_devices_that_are_recalled_together_do_not_wait_for_one_that_cannot_be_read(
    park: Park,
) -> None:
    await park.newer_hub_writes("SN-1", **WRITTEN["an event that is not known"])
    together = GroupRecall(park.journal)
    first, second, third = await asyncio.gather(
        *(together.newest(f"north/{device}", 0) for device in ("SN-1", "SN-2", "SN-3")),
        return_exceptions=True,
    )
    assert isinstance(first, WrittenByNewerHub)
    assert not isinstance(second, BaseException | None)
    assert (second.revision, third) == (1, None)
