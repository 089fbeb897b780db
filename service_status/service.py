"""StatusService: a service's hops, examined at each request."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import grpc.aio
import structlog
from meterpark.status.v1 import status_pb2, status_service_pb2
from meterpark.status.v1 import status_service_pb2_grpc as status_grpc

from service_chassis.caller import current_caller
from service_chassis.scope import Scope
from service_status.hop import HopFacts, Trouble
from service_status.wire import hops_to_wire, timestamp

log = structlog.get_logger()

SERVICE = "meterpark.status.v1.StatusService"

_LOOK_SECONDS = 3.0
_HIDDEN = "something blocks it; callers that may see all networks get the details"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One question of a status; ``name`` and ``peer`` serve when there is no answer.

    ``ask`` may raise one of ``errors``: that is trouble of this hop, a fact like any other. Any other error is a
    defect: also trouble of this hop, and the log gets its trace when it begins.
    """

    name: str
    peer: str
    ask: Callable[[], Awaitable[Sequence[HopFacts]]]
    errors: tuple[type[Exception], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    since: datetime
    count: int
    is_defect: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(status_grpc.StatusServiceServicer):
    """Answers from ``looks``, all at once and each within a few seconds."""

    looks: Sequence[Look]
    now: Callable[[], datetime]
    started_at: datetime
    tellers: Callable[[], Sequence[status_service_pb2.Teller]] = tuple
    # Of the caller's networks.
    residents: Callable[[Scope], status_service_pb2.Residents] | None = None
    # The networks of the caller.
    scope: Callable[[], Scope] = lambda: current_caller().scope
    look_seconds: float = _LOOK_SECONDS
    # Since when a look finds no answer.
    _failures: dict[str, _Failure] = field(default_factory=dict)
    # Looks that have no answer yet, or none that was heard.
    _asking: dict[str, asyncio.Future[Sequence[HopFacts]]] = field(default_factory=dict)

    async def GetStatus(  # noqa: N802
        self,
        request: status_service_pb2.GetStatusRequest,
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> status_service_pb2.GetStatusResponse:
        del request, context
        hops = await self.hops()
        scope = self.scope()
        answer = status_service_pb2.GetStatusResponse(
            asked_time=timestamp(self.now()),
            started_time=timestamp(self.started_at),
            hops=hops,
            tellers=self.tellers(),
            residents=None if self.residents is None else self.residents(scope),
        )
        if scope.networks is not None:
            _hide_details(answer)
        return answer

    async def hops(self) -> list[status_pb2.Hop]:
        """Examine everything now. `health` calls it regularly, so that the time of a missing answer is known."""
        found = await asyncio.gather(*(self._look(look) for look in self.looks))
        return [hop for hops in found for hop in hops]

    async def _answer(self, look: Look) -> Sequence[HopFacts]:
        """Return the findings of a look. A slow one runs to its own end, and is not started twice meanwhile.

        It is not cancelled: a client of MongoDB that is cancelled while it looks for a server may leave its lock
        broken, and the next request ends in a RuntimeError (pymongo 4.20 on Python 3.11).
        """
        asking = self._asking.get(look.name)
        if asking is None or asking.done():
            asking = self._asking[look.name] = asyncio.ensure_future(look.ask())
            asking.add_done_callback(_as_heard)
        await asyncio.wait({asking}, timeout=self.look_seconds)
        if not asking.done():
            raise TimeoutError
        return asking.result()

    async def _look(self, look: Look) -> list[status_pb2.Hop]:
        is_defect = False
        try:
            hops = hops_to_wire(await self._answer(look))
        except TimeoutError:
            why = f"{look.peer} does not answer within {self.look_seconds:g} s"
        except look.errors as error:
            why = f"{look.peer}: {error}"[:300]
        except Exception as defect:
            why = f"{look.peer}: {type(defect).__name__}: {defect}"[:300]
            is_defect = True
            known = self._failures.get(look.name)
            if known is None or not known.is_defect:
                log.exception("a look of the status ended in a defect", hop=look.name)
        else:
            self._failures.pop(look.name, None)
            return hops
        at, before = self.now(), self._failures.get(look.name)
        failure = _Failure(
            since=before.since if before else at,
            count=before.count + 1 if before else 1,
            is_defect=is_defect,
        )
        self._failures[look.name] = failure
        trouble = Trouble(since=failure.since, last=at, count=failure.count, detail=why)
        return hops_to_wire([HopFacts(name=look.name, peer=look.peer, trouble=trouble)])


def _as_heard(asked: asyncio.Future[Sequence[HopFacts]]) -> None:
    # The caller may be gone meanwhile; then no one takes the error.
    if not asked.cancelled():
        asked.exception()


def _hide_details(answer: status_service_pb2.GetStatusResponse) -> None:
    """Leave out the sentences: they may name a device or an import of a network that the caller may not see."""
    for hop in (*answer.hops, *(hop for teller in answer.tellers for hop in teller.hops)):
        hop.detail = ""
        if hop.HasField("trouble"):
            hop.trouble.detail = _HIDDEN


def add_status(server: grpc.aio.Server, status: Status) -> list[str]:
    """Register the service; return its full name for the health service."""
    status_grpc.add_StatusServiceServicer_to_server(status, server)
    return [SERVICE]
