"""The host of the actors, before a sidecar in memory that is in trouble: it comes back, or the process ends.

What users of Dapr met, by the numbers of their reports: docs/reliability.md, "Situations that users of Dapr report".
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio
import pytest
from dapr.actor import Actor, ActorInterface, actormethod
from dapr.proto import api_service_v1, api_v1

from device_hub.actors.device_actor import RawBytes
from device_hub.actors.host import SidecarHost
from service_chassis.settings import SidecarSettings
from service_chassis.sidecar import CHANNEL_OPTIONS
from service_chassis.tasks import PartEnded, run_together

ACTOR_TYPE = "Troubled"
# Of those the SDK says that it connects again.
PASSING = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL)
LASTING = tuple(
    code
    for code in grpc.StatusCode
    if code not in {grpc.StatusCode.OK, grpc.StatusCode.CANCELLED, *PASSING}
)

CLOSED, ANSWERED = object(), object()
REGISTERED = api_v1.SubscribeActorEventsResponseAlpha1(
    initial_response=api_v1.SubscribeActorEventsResponseInitialAlpha1()
)


class TroubledInterface(ActorInterface):  # type: ignore[misc] # the SDK is untyped
    @actormethod(name="say")  # type: ignore[untyped-decorator]
    async def say(self, what: bytes) -> bytes:
        raise NotImplementedError


class Troubled(Actor, TroubledInterface):  # type: ignore[misc] # the SDK is untyped
    """Answers what it is told; cannot leave."""

    async def say(self, what: bytes) -> bytes:
        return what

    async def _on_deactivate(self) -> None:
        raise RuntimeError("it cannot leave")


class Sidecar(api_service_v1.DaprServicer):  # type: ignore[misc] # the SDK is untyped
    """What it says on each stream that the host opens, after the registration; the last one's words are said again.

    ``heard`` is what the host said.

    A stream stays open behind its last word; a code ends it, and CLOSED closes it. At ANSWERED it waits until a turn
    was answered.
    """

    def __init__(self, *streams: Sequence[Any]) -> None:
        self._streams = streams
        self.opened = 0
        self.heard: asyncio.Queue[Any] = asyncio.Queue()
        self.answered = asyncio.Event()

    async def SubscribeActorEventsAlpha1(  # noqa: N802 - the contract's name
        self, requests: AsyncIterator[Any], context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[Any]:
        self.opened += 1
        hearing = asyncio.create_task(self._hear(requests))
        try:
            yield REGISTERED
            for word in self._streams[min(self.opened, len(self._streams)) - 1]:
                if word is CLOSED:
                    return
                if word is ANSWERED:
                    await self.answered.wait()
                    continue
                if isinstance(word, grpc.StatusCode):
                    await context.abort(word, "it ends")
                yield word
            await asyncio.Event().wait()
        finally:
            hearing.cancel()

    async def _hear(self, requests: AsyncIterator[Any]) -> None:
        async for request in requests:
            if request.HasField("invoke_response"):
                self.answered.set()
            await self.heard.put(request)


def turn(number: int) -> Any:
    return api_v1.SubscribeActorEventsResponseAlpha1(
        invoke_request=api_v1.SubscribeActorEventsResponseInvokeRequestAlpha1(
            id=str(number),
            actor_type=ACTOR_TYPE,
            actor_id="north-1",
            method="say",
            data=f"turn {number}".encode(),
        )
    )


def leave(number: int) -> Any:
    return api_v1.SubscribeActorEventsResponseAlpha1(
        deactivate_request=api_v1.SubscribeActorEventsResponseDeactivateRequestAlpha1(
            id=str(number), actor_type=ACTOR_TYPE, actor_id="north-1"
        )
    )


@asynccontextmanager
async def hosted(sidecar: Sidecar) -> AsyncIterator["asyncio.Task[None]"]:
    """Give the part of the hub that hosts the actors, running as in the hub."""
    # As the stack starts daprd: it takes as much as the services send.
    server = grpc.aio.server(options=CHANNEL_OPTIONS)
    api_service_v1.add_DaprServicer_to_server(sidecar, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    host = SidecarHost(SidecarSettings(dapr_grpc_port=port, dapr_api_token=""))
    await host.register_actor(Troubled, message_serializer=RawBytes(), actor_factory=Troubled)
    running = asyncio.create_task(run_together({"actor host": host.run_forever()}))
    try:
        async with asyncio.timeout(30):
            yield running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await server.stop(None)


async def heard_until(
    sidecar: Sidecar, is_it: Callable[[Any], bool], running: Awaitable[None]
) -> Any:
    """Return what the host said that is looked for; fail when the host ends before."""
    ended = asyncio.ensure_future(running)
    while True:
        hearing = asyncio.create_task(sidecar.heard.get())
        await asyncio.wait({hearing, ended}, return_when=asyncio.FIRST_COMPLETED)
        assert not ended.done(), "the host ended"
        said = await hearing
        if is_it(said):
            return said


def is_answer_to(number: int) -> Callable[[Any], bool]:
    return lambda said: said.invoke_response.id == str(number)


@pytest.mark.parametrize("code", LASTING, ids=lambda code: code.name)
async def test_a_stream_that_ends_for_good_ends_the_process_with_an_error(
    code: grpc.StatusCode,
) -> None:
    """python-sdk#1081: only three codes make the SDK connect again. With any other, nobody would serve the devices."""
    async with hosted(Sidecar([code])) as running:
        with pytest.raises(ExceptionGroup) as ended:
            await running
    [error] = ended.value.exceptions
    assert isinstance(error, grpc.aio.AioRpcError)
    assert error.code() is code


async def test_a_stream_that_the_sidecar_gives_up_ends_the_process_with_an_error() -> None:
    """The SDK takes CANCELLED for a polite end, says nothing, and does not connect again."""
    async with hosted(Sidecar([grpc.StatusCode.CANCELLED])) as running:
        with pytest.raises(ExceptionGroup) as ended:
            await running
    [error] = ended.value.exceptions
    assert isinstance(error, PartEnded)


@pytest.mark.parametrize("end", [CLOSED, *PASSING], ids=["closed", *(one.name for one in PASSING)])
async def test_a_stream_that_ends_in_the_middle_of_a_turn_is_opened_again(end: object) -> None:
    """python-sdk#900: a worker that never connects again."""
    sidecar = Sidecar([turn(1), end], [turn(2), end], [turn(3)])
    async with hosted(sidecar) as running:
        said = await heard_until(sidecar, is_answer_to(3), running)
    assert said.invoke_response.data == b"turn 3"
    assert sidecar.opened == 3


async def test_an_actor_that_cannot_leave_is_told_to_the_sidecar_and_others_go_on() -> None:
    """dapr#10369: a deactivation that fails must neither hold up the stream nor end it."""
    sidecar = Sidecar([turn(1), ANSWERED, leave(2), turn(3)])
    async with hosted(sidecar) as running:
        failed = await heard_until(sidecar, lambda said: said.HasField("request_failed"), running)
        assert (failed.request_failed.id, failed.request_failed.message) == ("2", "it cannot leave")
        await heard_until(sidecar, is_answer_to(3), running)
    assert sidecar.opened == 1


@pytest.mark.parametrize("size", [4 * 2**20 + 1, 12 * 2**20])
async def test_a_turn_larger_than_grpc_s_default_limit_is_taken(size: int) -> None:
    """python-sdk#1024: actor payloads above 4 MiB."""
    large = turn(1)
    large.invoke_request.data = bytes(size)
    sidecar = Sidecar([large])
    async with hosted(sidecar) as running:
        said = await heard_until(sidecar, is_answer_to(1), running)
    assert len(said.invoke_response.data) == size
