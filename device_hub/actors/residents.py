"""Devices that live in this process: what is remembered of each, and one turn at a time.

Dapr says where a device lives: its actor enters here when it is activated, and leaves when it is deactivated. A turn
for a device that lives here needs no way through the sidecar. Nothing here is relied upon: where two processes believe
that a device lives with them, the journal refuses one of the two (docs/decisions/0002).
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.device_turn_pb2 import DeviceTurns, DeviceTurnsResult
from meterpark.device_hub.v1.report_pb2 import Report

from device_hub.device.commands import CarryOutPlans, NoteSilence
from device_hub.device.rules import Rules
from device_hub.turns.history import History, Memory
from device_hub.turns.turn import recall, take_turn
from device_hub.turns.within_time import TimeIsUp, WithinTime
from device_hub.wire.reports import from_timestamp, to_command
from device_hub.wire.verdicts import TROUBLE, postponed, record, told, verdict_of

# Below half of what the sidecar waits (components/resources/resiliency.yaml): a call may have waited for the device's
# turn before. What does not fit is postponed, what was recorded is answered.
TURN_SECONDS: Final = 5.0
REMEMBERED: Final = 100_000
REACHED_WITHIN_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a device needs from the hub that it lives in."""

    journal: History
    rules: Rules
    turn_seconds: float = TURN_SECONDS


class Residents:
    """The devices that live here.

    At most ``remembered`` of them keep their memory; the one whose turn is longest ago loses its own first.
    ``reached_within``: a device that Dapr did not call here for so many seconds is called by way of Dapr once more. So
    Dapr does not think it idle, and a device that lives elsewhere by now is found there.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        clock: Callable[[], float],
        remembered: int = REMEMBERED,
        reached_within: float = REACHED_WITHIN_SECONDS,
    ) -> None:
        self.surroundings = surroundings
        # The name of this process, as the place where its residents live. No other start of a hub has it.
        self.name = secrets.token_hex(8)
        self._clock = clock
        self._most = remembered
        self._reached_within = reached_within
        self._devices: dict[str, Resident] = {}
        # In the order of their last turns.
        self._remembered: dict[str, Resident] = {}
        self._by_network: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._devices)

    @property
    def remembered_count(self) -> int:
        """How many of the devices keep their memory."""
        return len(self._remembered)

    @property
    def remembered_most(self) -> int:
        """How many devices may keep it."""
        return self._most

    def by_network(self) -> list[tuple[str, int]]:
        """Return how many devices of each network live here, most first."""
        return [(network, count) for network, count in self._by_network.most_common() if count]

    def enter(self, device_id: str, actor: object) -> "Resident":
        """The device's ``actor`` is activated here."""
        resident = self._devices.get(device_id)
        if resident is None:
            resident = self._devices[device_id] = Resident(device_id, self)
            self._by_network[device_id.partition("/")[0]] += 1
        resident.actor = actor
        return resident

    def leave(self, resident: "Resident", actor: object) -> None:
        """The device's ``actor`` is deactivated here; a turn that is under way ends against the journal.

        The SDK says so late: the next actor of the device may have entered, and then the device stays.
        """
        if self._devices.get(resident.device_id) is resident and resident.actor is actor:
            del self._devices[resident.device_id]
            self._by_network[resident.device_id.partition("/")[0]] -= 1
            self._remembered.pop(resident.device_id, None)

    def reached(self, resident: "Resident") -> None:
        """Dapr calls the device here."""
        resident.reached_at = self._clock()

    def at_home(self, device_id: str) -> "Resident | None":
        """Return the device if it lives here, as far as Dapr said not long ago."""
        resident = self._devices.get(device_id)
        if resident is None or self._clock() - resident.reached_at > self._reached_within:
            return None
        return resident

    async def take(self, turns: DeviceTurns) -> DeviceTurnsResult:
        """Let a device that lives here take its turns; one that does not, takes none."""
        resident = self.at_home(turns.device_id)
        if resident is None:
            return DeviceTurnsResult(elsewhere=True)
        return DeviceTurnsResult(verdicts=await resident.take(turns))

    def took_turn(self, resident: "Resident") -> None:
        """Count it as the one that is remembered best; forget another one when they are too many."""
        if self._devices.get(resident.device_id) is not resident:
            return
        remembered = self._remembered
        remembered.pop(resident.device_id, None)
        remembered[resident.device_id] = resident
        if len(remembered) > self._most:
            remembered.pop(next(iter(remembered))).memory = None


class Resident:
    """One device in this process. Its turns are taken one after the other, whoever asks for them."""

    __slots__ = ("_home", "_turn", "actor", "device_id", "memory", "reached_at")

    def __init__(self, device_id: str, home: Residents) -> None:
        self.device_id = device_id
        self.memory: Memory | None = None
        # The newest one; it alone takes the device away.
        self.actor: object = None
        # When Dapr called last, by the clock of `home`. Not yet: then nobody comes past Dapr.
        self.reached_at = float("-inf")
        self._home = home
        self._turn = asyncio.Lock()

    async def take(self, turns: DeviceTurns) -> list[Verdict]:
        """Take turns as another process sends them; return the verdicts that are due."""
        if turns.HasField("silence_checked_time"):
            return [await self.check_silence(from_timestamp(turns.silence_checked_time))]
        if turns.HasField("plans_due_time"):
            return [await self.carry_out_plans(from_timestamp(turns.plans_due_time))]
        return await self.record(turns.reports)

    async def record(self, reports: Sequence[Report]) -> list[Verdict]:
        """Take the turns of the reports, in order; return one verdict each."""
        try:
            async with self._own_turn() as history:
                self.memory, verdicts = await record(
                    history,
                    self.memory,
                    self.device_id,
                    reports,
                    command_of=to_command,
                    rules=self._home.surroundings.rules,
                )
        except TimeIsUp as error:
            return [postponed(report.report_id, told(error)) for report in reports]
        return verdicts

    async def check_silence(self, at: datetime) -> Verdict:
        """Let the device look whether it has been silent for too long by ``at``."""
        return await self._take_own("silence", at, NoteSilence(at=at))

    async def carry_out_plans(self, at: datetime) -> Verdict:
        """Let the device carry out what was planned until ``at``."""
        return await self._take_own("plans", at, CarryOutPlans(at=at))

    async def _take_own(
        self, what: str, at: datetime, command: NoteSilence | CarryOutPlans
    ) -> Verdict:
        report_id = f"{what}-{at:%Y%m%dT%H%M%S%f}"
        try:
            async with self._own_turn() as history:
                if self.memory is None:
                    self.memory = await recall(history, self.device_id)
                taken = await take_turn(
                    history,
                    self.memory,
                    device_id=self.device_id,
                    report_id=report_id,
                    command=command,
                    rules=self._home.surroundings.rules,
                )
                self.memory = taken.memory
        except TROUBLE as error:
            return postponed(report_id, told(error))
        return verdict_of(report_id, taken.outcome, taken.revision)

    @asynccontextmanager
    async def _own_turn(self) -> AsyncIterator[WithinTime]:
        """Wait for the device's turn, and hold it. Raises TimeIsUp: others held it for too long."""
        surroundings = self._home.surroundings
        history = WithinTime(surroundings.journal, surroundings.turn_seconds)
        async with history.holding(self._turn):
            try:
                yield history
            finally:
                self._home.took_turn(self)
