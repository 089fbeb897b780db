"""Journal -> register over real gRPC and a real mongod: provisioning, its retries, and the checker's repairs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import grpc.aio
import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import provisioning_service_pb2 as contract
from meterpark.smoc.v1.provisioning_service_pb2_grpc import (
    ProvisioningServiceServicer,
    ProvisioningServiceStub,
    add_ProvisioningServiceServicer_to_server,
)
from pymongo import AsyncMongoClient

from contract_limits import (
    DEVICES_PER_PROVISIONING,
    ENTRIES_PER_PROVISION,
    PROVISIONING_BYTES,
)
from device_hub.device.commands import Link, RecordEvent, ReportFacts
from device_hub.device.rules import Rules
from device_hub.device.values import EndDeviceEvent, Meaning
from device_hub.journal.heads import Heads
from device_hub.journal.journal import Journal, open_collection
from device_hub.register.checker import Checker
from device_hub.register.client import RegisterClient
from device_hub.register.gaps import RegisterGaps
from device_hub.register.provisioning import Provisioning
from device_hub.turns.history import Memory
from device_hub.turns.turn import take_turn
from service_chassis.refusals import CallRefused, argument_invalid
from service_chassis.server import serving
from service_chassis.sidecar import CHANNEL_OPTIONS, MESSAGE_LIMIT_BYTES
from service_status.hop import Hop
from smoc_service.register.requests import read_provisions
from tests.neighbours.hub import all_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
Document = dict[str, Any]


@dataclass
class Register(ProvisioningServiceServicer):
    """A register in memory that can be away, or refuse one device; it takes what the real one's door takes."""

    revisions: dict[str, int] = field(default_factory=dict)
    entries: dict[str, set[str]] = field(default_factory=dict)
    away: int = 0
    # What its door says instead of an answer, and what it was asked while it said so (how many devices each time).
    denial: CallRefused | None = None
    asked_in_vain: list[int] = field(default_factory=list)
    refuses: str = ""
    calls: int = 0
    sizes: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)

    async def ProvisionDevices(  # noqa: N802
        self, request: contract.ProvisionDevicesRequest, context: Any
    ) -> contract.ProvisionDevicesResponse:
        self.calls += 1
        self._at_the_door(len(request.provisions))
        if self.away:
            self.away -= 1
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the register's database is away")
        if any(one.device.device_id == self.refuses for one in request.provisions):
            raise argument_invalid("device", "not this one")
        if request.provisions:
            read_provisions(request)
        self.sizes.append(request.ByteSize())
        self.counts.append(len(request.provisions))
        for one in request.provisions:
            device_id = one.device.device_id
            self.revisions[device_id] = max(self.revisions.get(device_id, 0), one.device.revision)
            self.entries.setdefault(device_id, set()).update(e.entry_id for e in one.entries)
        return contract.ProvisionDevicesResponse()

    async def CompareRevisions(  # noqa: N802
        self, request: contract.CompareRevisionsRequest, context: Any
    ) -> contract.CompareRevisionsResponse:
        del context
        self._at_the_door(len(request.revisions))
        return contract.CompareRevisionsResponse(
            behind=[
                contract.DeviceRevision(
                    device_id=one.device_id, revision=self.revisions.get(one.device_id, 0)
                )
                for one in request.revisions
                if self.revisions.get(one.device_id, 0) < one.revision
            ]
        )

    def _at_the_door(self, devices: int) -> None:
        if self.denial is not None:
            self.asked_in_vain.append(devices)
            raise self.denial

    async def denied_often(self, times: int) -> None:
        """Return when it was asked so often in vain."""
        async with asyncio.timeout(20):
            while len(self.asked_in_vain) < times:  # noqa: ASYNC110
                await asyncio.sleep(0.001)


class OneToken:
    """A hub that has been given its token long ago."""

    async def value(self) -> str:
        return "a.hub.token"

    async def renewed(self, refused: str) -> str:
        return refused


@dataclass
class Hub:
    journal: Journal
    heads: Heads
    provisioning: Provisioning
    checker: Checker

    async def record(
        self, identifier: str, minute: int, details: Mapping[str, str] | None = None
    ) -> list[Document]:
        """Commit one event; returns the device's commits so far."""
        at = NOON + timedelta(minutes=minute)
        device_id = f"north/{identifier}"
        newest = await self.journal.newest(device_id, 0)
        await take_turn(
            self.journal,
            newest or Memory(),
            device_id=device_id,
            report_id=f"r{minute}",
            command=RecordEvent(
                facts=ReportFacts(network="north", identifier=identifier, received_at=at),
                event=EndDeviceEvent(
                    code="3.26.0.85", meaning=Meaning.POWER_LOST, details=details or {}
                ),
            ),
            rules=Rules(),
        )
        return await self.journal.commits(device_id, after=0, limit=100)


@pytest.fixture
def register() -> Register:
    return Register()


@pytest.fixture
async def hub(mongod_url: str, register: Register) -> AsyncIterator[Hub]:
    async with AsyncMongoClient[Document](mongod_url, tz_aware=True) as client:
        await client.drop_database("test_checker")
        database = client["test_checker"]
        journal = Journal(open_collection(database, "commits"), now=lambda: NOON)
        heads = Heads(open_collection(database, "heads"))
        await journal.prepare()
        await heads.prepare()
        async with calling(register) as stub:
            client_of_register = RegisterClient(
                stub, tokens=OneToken(), metadata=(), probe_seconds=0.01
            )
            gaps = RegisterGaps(Hop("gaps", peer="smoc-service", now=lambda: NOON), lambda: NOON)
            provisioning = Provisioning(
                journal=journal, heads=heads, register=client_of_register, rules=Rules(), gaps=gaps
            )
            yield Hub(
                journal,
                heads,
                provisioning,
                Checker(
                    journal=journal,
                    heads=heads,
                    provisioning=provisioning,
                    register=client_of_register,
                    every=timedelta(seconds=60),
                    gaps=gaps,
                    settle_seconds=0,
                ),
            )


@asynccontextmanager
async def calling(register: Register) -> AsyncIterator[Any]:
    def add(server: grpc.aio.Server) -> list[str]:
        add_ProvisioningServiceServicer_to_server(register, server)
        return ["meterpark.smoc.v1.ProvisioningService"]

    def nothing(error: Exception) -> CallRefused | tuple[grpc.StatusCode, str] | None:
        del error
        return None

    async with (
        serving(0, add, nothing) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS) as channel,
    ):
        yield ProvisioningServiceStub(channel)


async def test_commits_reach_the_register_with_state_and_timeline(
    hub: Hub, register: Register
) -> None:
    first = await hub.record("SN-1", 0)
    second = await hub.record("SN-2", 0)
    await hub.provisioning.deliver([*first, *second])
    assert register.revisions == {"north/SN-1": 1, "north/SN-2": 1}
    assert "1.0" in register.entries["north/SN-1"]
    assert register.calls == 1
    assert await hub.heads.after("", 10) == [("north/SN-1", 1), ("north/SN-2", 1)]


async def test_a_head_says_where_its_device_is_and_when_its_next_plan_is_due(hub: Hub) -> None:
    known = Memory()
    for report_id, occurred_at, said_at in (("r1", NOON, None), ("r2", NOON + YEAR, NOON)):
        facts = ReportFacts(
            network="north",
            identifier="SN-1",
            received_at=NOON,
            occurred_at=occurred_at,
            said_at=said_at,
        )
        taken = await take_turn(
            hub.journal,
            known,
            device_id="north/SN-1",
            report_id=report_id,
            command=Link(facts=facts, usage_point="UP-1" if said_at is None else "UP-2"),
            rules=Rules(),
        )
        known = taken.memory
    await hub.provisioning.deliver(await hub.journal.commits("north/SN-1", after=0, limit=9))
    assert await hub.heads.at({"north/UP-1", "north/UP-2"}) == {"north/UP-1": ["north/SN-1"]}
    assert await all_of(hub.heads.planned_until(NOON + YEAR - timedelta(seconds=1))) == []
    assert await all_of(hub.heads.planned_until(NOON + YEAR)) == ["north/SN-1"]


async def test_a_register_that_is_away_is_asked_until_it_answers(
    hub: Hub, register: Register
) -> None:
    register.away = 3
    async with asyncio.timeout(30):
        await hub.provisioning.deliver(await hub.record("SN-1", 0))
    assert register.revisions == {"north/SN-1": 1}
    assert register.calls == 4


async def test_a_device_that_is_refused_holds_up_nobody(hub: Hub, register: Register) -> None:
    register.refuses = "north/SN-3"
    commits = [commit for n in range(6) for commit in await hub.record(f"SN-{n}", 0)]
    async with asyncio.timeout(30):
        await hub.provisioning.deliver(commits)
    assert sorted(register.revisions) == [f"north/SN-{n}" for n in (0, 1, 2, 4, 5)]


async def test_the_newest_revision_wins_whatever_came_last(hub: Hub, register: Register) -> None:
    """Two hosts whose clocks differ make ids of which the later commit's may be the smaller one."""
    await hub.record("SN-1", 0)
    commits = await hub.record("SN-1", 1)
    await hub.provisioning.deliver(commits[::-1])
    assert register.revisions == {"north/SN-1": 2}
    assert {entry.partition(".")[0] for entry in register.entries["north/SN-1"]} == {"1", "2"}
    assert await hub.heads.after("", 10) == [("north/SN-1", 2)]


async def test_what_is_brought_is_bounded_in_bytes(hub: Hub, register: Register) -> None:
    """Some 600 reports of the largest size are more than one message of gRPC can be."""
    large = {f"detail {n}": "x" * 7_000 for n in range(4)}
    recorded = await asyncio.gather(*(hub.record(f"SN-{n}", 0, large) for n in range(600)))
    commits = [commit for one in recorded for commit in one]
    assert sum(len(str(commit["events"])) for commit in commits) > MESSAGE_LIMIT_BYTES
    async with asyncio.timeout(60):
        await hub.provisioning.deliver(commits)
    assert len(await hub.heads.after("", 1_000)) == 600
    assert max(register.sizes) <= PROVISIONING_BYTES
    assert max(register.counts) <= DEVICES_PER_PROVISIONING


async def test_a_device_with_more_to_tell_than_one_request_takes_is_in_each_of_them_once(
    hub: Hub, register: Register
) -> None:
    [commit] = await hub.record("SN-1", 0)
    event = commit["events"][-1]
    commit["events"] = [event] * (2 * ENTRIES_PER_PROVISION + 1)
    other = await hub.record("SN-2", 0)
    await hub.provisioning.deliver([commit, *other])
    assert len(register.entries["north/SN-1"]) == len(commit["events"])
    assert register.counts == [1, 1, 2]
    assert register.calls == 3


ROLE_MISSING = CallRefused(
    grpc.StatusCode.PERMISSION_DENIED, ErrorReason.ERROR_REASON_ROLE_MISSING, "not allowed"
)
NOT_AUTHENTICATED = CallRefused(
    grpc.StatusCode.UNAUTHENTICATED, ErrorReason.ERROR_REASON_UNAUTHENTICATED, "not authenticated"
)


@pytest.mark.parametrize("denial", [ROLE_MISSING, NOT_AUTHENTICATED], ids=lambda one: one.detail)
async def test_a_hub_that_is_denied_loses_nothing_asks_little_and_goes_on_when_it_is_mended(
    hub: Hub, register: Register, denial: CallRefused
) -> None:
    register.denial = denial
    commits = [commit for n in range(6) for commit in await hub.record(f"SN-{n}", 0)]
    delivering = asyncio.create_task(hub.provisioning.deliver(commits))
    await register.denied_often(6)
    register.denial = None
    async with asyncio.timeout(20):
        await delivering
    assert sorted(register.revisions) == [f"north/SN-{n}" for n in range(6)]
    # All six devices were shown to it once (twice, when it may have been the token's fault), the rest were probes.
    whole = 2 if denial is NOT_AUTHENTICATED else 1
    assert register.asked_in_vain[:whole] == [6] * whole
    assert set(register.asked_in_vain[whole:]) == {0}


async def test_a_checker_that_is_denied_goes_on_when_it_is_mended(
    hub: Hub, register: Register
) -> None:
    for n in range(3):
        await hub.provisioning.deliver(await hub.record(f"SN-{n}", 0))
    register.revisions.clear()
    register.denial = ROLE_MISSING
    checking = asyncio.create_task(hub.checker.check())
    await register.denied_often(4)
    register.denial = None
    async with asyncio.timeout(20):
        assert await checking == 3
    assert register.asked_in_vain == [3, *[0] * (len(register.asked_in_vain) - 1)]


async def test_the_checker_repairs_what_the_register_lost(hub: Hub, register: Register) -> None:
    for n in range(3):
        await hub.record(f"SN-{n}", 0)
        await hub.provisioning.deliver(await hub.record(f"SN-{n}", 1))
    register.revisions = {"north/SN-0": 2, "north/SN-1": 1}
    register.entries.clear()
    assert await hub.checker.check() == 2
    assert register.revisions == {"north/SN-0": 2, "north/SN-1": 2, "north/SN-2": 2}
    assert {entry.partition(".")[0] for entry in register.entries["north/SN-2"]} == {"1", "2"}
    assert await hub.checker.check() == 0


async def test_heads_know_whose_silence_is_due(hub: Hub) -> None:
    await hub.provisioning.deliver(await hub.record("SN-1", 0))
    assert await all_of(hub.heads.silent_since(NOON + timedelta(days=30))) == []
