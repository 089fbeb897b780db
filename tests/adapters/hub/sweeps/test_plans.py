"""Plans that are due are found by a sweep over the heads; real heads and a real journal, time passed in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from pymongo import AsyncMongoClient

from device_hub.actors.turns_client import DeviceUnreachable
from device_hub.device.commands import CarryOutPlans, Configure, ReportFacts
from device_hub.device.lifecycle import lifecycle_of
from device_hub.device.plans.planning import due_at
from device_hub.device.rules import DEFAULT_RULES
from device_hub.device.values import Configuration, Lifecycle
from device_hub.journal.heads import Head, Heads
from device_hub.journal.journal import Journal, open_collection
from device_hub.sweeps.due_devices import Pace
from device_hub.sweeps.plans import PlanSweep
from device_hub.turns.history import Memory
from device_hub.turns.turn import (
    recall,
    take_turn,
)
from device_hub.wire.devices import to_device, to_entries
from tests.neighbours.hub import all_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
DEVICE = "north/SN-1"
Document = dict[str, Any]


@dataclass
class Devices:
    """Remembers who was asked and when; ``away`` cannot be reached."""

    away: set[str] = field(default_factory=set)
    asked: list[tuple[str, datetime]] = field(default_factory=list)

    async def carry_out_plans(self, device_id: str, at: datetime) -> Verdict:
        self.asked.append((device_id, at))
        if device_id in self.away:
            raise DeviceUnreachable("UNAVAILABLE")
        return Verdict(outcome=Verdict.OUTCOME_RECORDED)


@pytest.fixture
async def database(mongod_url: str) -> AsyncIterator[Any]:
    async with AsyncMongoClient[Document](mongod_url, tz_aware=True) as client:
        await client.drop_database("test_plans")
        yield client["test_plans"]


@pytest.fixture
async def heads(database: Any) -> Heads:
    made = Heads(open_collection(database, "heads"))
    await made.prepare()
    return made


def sweep_of(heads: Heads, devices: Any, now: datetime) -> PlanSweep:
    return PlanSweep(
        heads=heads,
        devices=devices,
        every=timedelta(minutes=1),
        pace=Pace(10_000, 16),
        now=lambda: now,
    )


def head(device_id: str, revision: int, plan_due_at: datetime | None) -> Head:
    return Head(
        device_id=device_id, revision=revision, silence_due_at=None, plan_due_at=plan_due_at
    )


async def test_only_devices_with_a_due_plan_get_a_turn_and_one_that_is_away_holds_up_nobody(
    heads: Heads,
) -> None:
    await heads.advance(
        [
            head("north/AWAY", 1, NOON - timedelta(days=1)),
            head("north/DUE", 1, NOON),
            head("north/LATER", 1, NOON + timedelta(milliseconds=1)),
            head("north/NONE", 1, None),
        ]
    )
    devices = Devices(away={"north/AWAY"})
    assert await sweep_of(heads, devices, NOON).sweep() == 2
    assert devices.asked == [("north/AWAY", NOON), ("north/DUE", NOON)]


async def test_a_head_whose_plan_was_carried_out_is_not_due_any_more(heads: Heads) -> None:
    await heads.advance([head(DEVICE, 1, NOON)])
    await heads.advance([head(DEVICE, 2, None)])
    assert await all_of(heads.planned_until(NOON)) == []


async def test_a_planned_removal_waits_in_the_journal_and_takes_effect_when_its_time_has_come(
    heads: Heads, database: Any
) -> None:
    journal = Journal(open_collection(database, "commits"), now=lambda: NOON)
    await journal.prepare()

    async def turn(report_id: str, command: Any) -> Memory:
        # Nothing is remembered: all that is known comes from the journal.
        known = await recall(journal, DEVICE)
        taken = await take_turn(
            journal,
            known,
            device_id=DEVICE,
            report_id=report_id,
            command=command,
            rules=DEFAULT_RULES,
        )
        device = taken.memory.device
        await heads.advance([head(DEVICE, taken.memory.revision, due_at(device))])
        return taken.memory

    class Actors:
        async def carry_out_plans(self, device_id: str, at: datetime) -> Verdict:
            assert device_id == DEVICE
            await turn(f"plans-{at:%Y%m%d}", CarryOutPlans(at=at))
            return Verdict(outcome=Verdict.OUTCOME_RECORDED)

    def configure(lifecycle: Lifecycle, occurred: datetime, said: datetime | None) -> Configure:
        facts = ReportFacts(
            network="north",
            identifier="SN-1",
            received_at=NOON,
            occurred_at=occurred,
            said_at=said,
        )
        return Configure(facts=facts, configuration=Configuration(lifecycle=lifecycle))

    await turn("r1", configure(Lifecycle.IN_OPERATION, NOON, None))
    planned = await turn("r2", configure(Lifecycle.REMOVED, NEXT_YEAR, NOON))
    assert lifecycle_of(planned.device).value is Lifecycle.IN_OPERATION
    [shown] = to_device(planned.device, planned.revision, NOON).planned
    assert shown.effective_time.ToDatetime(UTC) == NEXT_YEAR
    assert dict(shown.changes) == {"lifecycle": "REMOVED"}

    assert await sweep_of(heads, Actors(), NEXT_YEAR - timedelta(seconds=1)).sweep() == 0
    assert await sweep_of(heads, Actors(), NEXT_YEAR + timedelta(days=2)).sweep() == 1
    after = await recall(journal, DEVICE)
    assert lifecycle_of(after.device).value is Lifecycle.REMOVED
    assert lifecycle_of(after.device).as_of == NEXT_YEAR
    assert await sweep_of(heads, Actors(), NEXT_YEAR + timedelta(days=3)).sweep() == 0
    [*_, last] = await journal.commits(DEVICE, after=0, limit=10)
    assert [entry.kind for entry in to_entries(last)] == [
        "plan-carried-out",
        "configured",
        "lifecycle",
    ]
