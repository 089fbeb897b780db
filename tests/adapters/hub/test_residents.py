"""Two processes of the hub that both believe they own a device, against one journal in MongoDB."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict

from device_hub.actors.residents import Resident, Residents, Surroundings
from device_hub.device.rules import Rules
from device_hub.journal.journal import Journal
from tests.neighbours.hub import NOON, Hub, hub_on, power_lost

DEVICE = "north/SN-1"
REPORTS = 1_000
IN_A_CALL = 20


@pytest.fixture
async def hub(mongod_url: str) -> AsyncIterator[Hub]:
    async with hub_on(mongod_url, "test_residents") as made:
        yield made


def resident(hub: Hub) -> Resident:
    """The device in a process of its own: nothing is shared with another one but the journal."""
    journal = Journal(hub.commits, now=lambda: NOON)
    surroundings = Surroundings(journal=journal, rules=Rules())
    return Residents(surroundings, clock=time.monotonic).enter(DEVICE, "its actor")


async def sent(device: Resident, by: str) -> None:
    """Send reports until each has its verdict, as the connector does."""
    left = [power_lost(f"{by}-{n}", "SN-1", n % 60) for n in range(REPORTS)]
    while left:
        batch = left[:IN_A_CALL]
        verdicts = await device.record(batch)
        postponed = [
            report
            for report, verdict in zip(batch, verdicts, strict=True)
            if verdict.outcome == Verdict.OUTCOME_POSTPONED
        ]
        left = postponed + left[IN_A_CALL:]


async def test_nothing_is_lost_and_nothing_doubled(hub: Hub) -> None:
    await asyncio.gather(sent(resident(hub), "a"), sent(resident(hub), "b"))
    commits = await hub.journal.commits(DEVICE, after=0, limit=3 * REPORTS)
    assert [commit["revision"] for commit in commits] == list(range(1, 2 * REPORTS + 1))
    reported = {f"{by}-{n}" for by in "ab" for n in range(REPORTS)}
    assert {commit["report_id"] for commit in commits} == reported
