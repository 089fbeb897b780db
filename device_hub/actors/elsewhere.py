"""Devices that live in other processes: those that live together are asked in one call.

A call through the sidecar costs about as much as a hundred turns that it carries. So the turns of devices that live in
one process travel together, as `others` of the first of them. Dapr finds that first one wherever it lives, and wakes it
if need be; the process where it is found answers for the others that are its residents too. One that is not takes no
turn there, and is asked by itself, by way of Dapr. Where devices live is guessed from former answers. A wrong guess
costs a place in a call, and nothing else: no turn depends on it, and the journal knows each report that was recorded.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.device_turn_pb2 import DeviceTurns, DeviceTurnsResult

from device_hub.actors.homes import Homes
from device_hub.actors.turns_client import DeviceUnreachable, NoAnswerInTime, verdicts_due

MOST_DEVICES: Final = 500
# Of what one call carries. A message between sidecars may have 16 MiB; a smaller one keeps their neighbours free.
MOST_BYTES: Final = 4 * 1024 * 1024


class ByDapr(Protocol):
    """The way to a device that may live anywhere."""

    async def ask(self, turns: DeviceTurns) -> DeviceTurnsResult:
        """Give a device its turns, and those of others that come with them; raises DeviceUnreachable."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    turns: DeviceTurns
    # None: ask the device by itself.
    done: "asyncio.Future[DeviceTurnsResult | None]"

    def tell(self, result: DeviceTurnsResult | None) -> None:
        if not self.done.done():
            self.done.set_result(result)

    def fail(self, error: DeviceUnreachable) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class Elsewhere:
    """Bounded by its callers: each waits for its own device.

    A call has at most ``most`` devices and ``most_bytes`` bytes; a device with more travels alone.
    """

    def __init__(
        self,
        by_dapr: ByDapr,
        homes: Homes,
        *,
        most: int = MOST_DEVICES,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._by_dapr = by_dapr
        self._homes = homes
        self._most = most
        self._most_bytes = most_bytes
        # By home.
        self._waiting: dict[str, list[_Waiting]] = {}
        self._calls: set[asyncio.Task[None]] = set()

    async def ask(self, turns: DeviceTurns) -> Sequence[Verdict]:
        """Give a device its turns; return the verdicts that are due. Raises DeviceUnreachable."""
        home = self._homes.of(turns.device_id)
        if home is not None:
            result = await self._together(home, turns)
            if result is not None:
                return result.verdicts
        result = await self._by_dapr.ask(turns)
        self._homes.learn(turns.device_id, result.home)
        return result.verdicts

    async def _together(self, home: str, turns: DeviceTurns) -> DeviceTurnsResult | None:
        """Ask with all that are asked at ``home`` now; return None for a device that is not there any more."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[DeviceTurnsResult | None] = loop.create_future()
        if home not in self._waiting:
            self._waiting[home] = []
            # After all that are ready to run now, such as the other devices of a batch.
            loop.call_soon(self._set_off, home)
        self._waiting[home].append(_Waiting(turns, done))
        return await done

    def _set_off(self, home: str) -> None:
        for part in self._parts(self._waiting.pop(home)):
            call = asyncio.create_task(self._call(part), name="turns-elsewhere")
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    def _parts(self, group: Sequence[_Waiting]) -> Iterator[list[_Waiting]]:
        part: list[_Waiting] = []
        size = 0
        for one in group:
            needs = one.turns.ByteSize()
            if part and (len(part) == self._most or size + needs > self._most_bytes):
                yield part
                part, size = [], 0
            part.append(one)
            size += needs
        if part:
            yield part

    async def _call(self, part: Sequence[_Waiting]) -> None:
        first, *others = part
        # The turns of the first stay as they are: it may have to be asked by itself.
        turns = DeviceTurns(others=[one.turns for one in others])
        turns.MergeFrom(first.turns)
        try:
            result = await self._by_dapr.ask(turns)
        except DeviceUnreachable as error:
            for one in part:
                self._homes.forget(one.turns.device_id)
            first.fail(error)
            for other in others:
                if isinstance(error, NoAnswerInTime):
                    other.fail(error)
                else:
                    other.tell(None)
        except BaseException:
            # Cancelled, or a defect: nobody may wait for ever; each postpones its reports.
            for one in part:
                one.fail(DeviceUnreachable("the call was broken off"))
            raise
        else:
            self._homes.learn(first.turns.device_id, result.home)
            first.tell(result)
            answers = (
                result.others if len(result.others) == len(others) else [_ELSEWHERE] * len(others)
            )
            for other, answer in zip(others, answers, strict=True):
                self._hear(other, answer, result.home)

    def _hear(self, one: _Waiting, answer: DeviceTurnsResult, home: str) -> None:
        if answer.elsewhere or len(answer.verdicts) != verdicts_due(one.turns):
            self._homes.forget(one.turns.device_id)
            one.tell(None)
        else:
            self._homes.learn(one.turns.device_id, home)
            one.tell(answer)


# What a hub says of others that does not know of them.
_ELSEWHERE: Final = DeviceTurnsResult(elsewhere=True)
