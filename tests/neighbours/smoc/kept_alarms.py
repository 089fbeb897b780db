"""A register whose alarms are kept, as tests use it: with a clock of their own, and followers that come and go."""

import asyncio
import contextlib
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import grpc.aio
import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import alarm_service_pb2 as contract
from meterpark.smoc.v1 import alarm_service_pb2_grpc, device_pb2

from service_chassis.refusals import reason_of
from smoc_service.__main__ import new_alarm_id
from smoc_service.alarms.core.rules import Rules
from smoc_service.alarms.documents import ALARMS
from smoc_service.alarms.follower import AlarmFollower
from smoc_service.alarms.settling import AlarmSettling
from tests.neighbours.issuer import Bearing
from tests.neighbours.smoc.running import FOLLOWERS_PATIENCE_SECONDS, Smoc, running
from tests.specs.smoc.alarming import RULES
from tests.specs.smoc.messages import STARTED_AT, device, moment, provision

A = contract.AlarmState
# A look is a request of its own; the database has something else to do meanwhile.
_BETWEEN_LOOKS = 0.02
SHOWN = [A.ALARM_STATE_OPEN, A.ALARM_STATE_ACKNOWLEDGED, A.ALARM_STATE_ASSIGNED]
EVERY = [*SHOWN, A.ALARM_STATE_RESOLVED]


@dataclass
class Clock:
    """Seconds after the park was opened; the register's time stands still until a test moves it."""

    seconds: float = 1_000

    def now(self) -> datetime:
        return STARTED_AT + timedelta(seconds=self.seconds)


@dataclass
class Watched:
    """A register whose alarms are kept."""

    smoc: Smoc
    clock: Clock
    rules: Rules = RULES
    _revisions: Counter[str] = field(default_factory=Counter)

    def settling(self) -> AlarmSettling:
        return AlarmSettling(
            self.smoc.client,
            self.smoc.database.name,
            self.rules,
            now=self.clock.now,
            new_id=new_alarm_id,
        )

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Let one process follow the register; leaving is its end, at whatever point it is."""
        follower = AlarmFollower(
            self.smoc.database,
            self.rules,
            self.settling(),
            self.smoc.park,
            patience_seconds=FOLLOWERS_PATIENCE_SECONDS,
        )
        task = asyncio.create_task(follower.run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def asked_by(self, name: str, *roles: str, networks: tuple[str, ...] = ("*",)) -> Any:
        token = self.smoc.issuer.token(
            roles=roles, networks=networks, preferred_username=name, subject=f"id-of-{name}"
        )
        return Bearing(alarm_service_pb2_grpc.AlarmServiceStub(self.smoc.channel), token)

    @property
    def anna(self) -> Any:
        return self.asked_by("anna", "asset-manager")

    async def change(self, device_id: str, *, since: float = 900, **fields: Any) -> None:
        await self.smoc.provision(provision(self.letter(device_id, since=since, **fields), []))

    def letter(self, device_id: str, *, since: float = 900, **fields: Any) -> device_pb2.Device:
        self._revisions[device_id] += 1
        made = device(device_id, self._revisions[device_id], **fields)
        for name in ("lifecycle", "power", "tamper", "firmware"):
            if getattr(made, name).value:
                getattr(made, name).as_of_time.CopyFrom(moment(since))
        return made

    async def listed(self, size: int = 500, **conditions: Any) -> list[contract.Alarm]:
        found: list[contract.Alarm] = []
        token = ""
        while True:
            request = contract.ListAlarmsRequest(
                filter=contract.AlarmFilter(**conditions), page_size=size, page_token=token
            )
            page = await self.anna.ListAlarms(request)
            found += page.alarms
            token = page.next_page_token
            if not token:
                return found

    async def until(
        self, good: Callable[[list[contract.Alarm]], bool], **conditions: Any
    ) -> list[contract.Alarm]:
        """List until what is listed is good; the test's own time limit ends it."""
        while True:
            found = await self.listed(**conditions)
            if good(found):
                return found
            await asyncio.sleep(_BETWEEN_LOOKS)

    async def stored(self, **query: Any) -> list[dict[str, Any]]:
        return await self.smoc.database[ALARMS].find(query).to_list()

    async def until_stored(self, count: int, **query: Any) -> None:
        while True:
            if await self.smoc.database[ALARMS].count_documents(query) == count:
                return
            await asyncio.sleep(_BETWEEN_LOOKS)


@asynccontextmanager
async def watched(mongod_url: str, name: str = "") -> AsyncIterator[Watched]:
    async with running(mongod_url, name=name) as smoc:
        yield Watched(smoc, Clock())


def listing(**conditions: Any) -> contract.ListAlarmsRequest:
    return contract.ListAlarmsRequest(filter=contract.AlarmFilter(**conditions))


def request_id() -> str:
    return str(uuid.uuid4())


async def reason(call: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    found = reason_of(raised.value)
    assert found is not None
    return ErrorReason.Name(found).removeprefix("ERROR_REASON_")
