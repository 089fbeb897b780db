"""A call that is not accepted gets one new token and one more try; one that is denied asks little."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
import pytest
import structlog
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_service_pb2
from meterpark.smoc.v1 import provisioning_service_pb2 as contract
from meterpark.smoc.v1.device_service_pb2_grpc import (
    DeviceServiceServicer,
    DeviceServiceStub,
    add_DeviceServiceServicer_to_server,
)
from meterpark.smoc.v1.provisioning_service_pb2_grpc import (
    ProvisioningServiceServicer,
    ProvisioningServiceStub,
    add_ProvisioningServiceServicer_to_server,
)

from bearer_tokens.admission import Admission
from bearer_tokens.token_calls import call_with_token, stream_with_token
from bearer_tokens.token_endpoint import TokenRefused
from service_chassis.refusals import CallRefused
from service_chassis.server import serving

REQUEST = contract.CompareRevisionsRequest(
    revisions=[contract.DeviceRevision(device_id="north/1ISK1", revision=1)]
)


@dataclass
class Numbered:
    """Tokens `token-1`, `token-2`, ..., a new one for each that is refused."""

    given: int = 1

    async def value(self) -> str:
        return f"token-{self.given}"

    async def renewed(self, refused: str) -> str:
        assert refused == f"token-{self.given}"
        self.given += 1
        return await self.value()


@dataclass
class Door(ProvisioningServiceServicer):
    """Accepts the tokens it is told to; `denial` stands for everything else that can be in the way."""

    accepted: set[str] = field(default_factory=set)
    denial: CallRefused | str | None = None
    seen: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    async def CompareRevisions(self, request: Any, context: Any) -> Any:  # noqa: N802
        token = dict(context.invocation_metadata()).get("authorization", "").removeprefix("Bearer ")
        self.seen.append(token)
        self.sizes.append(len(request.revisions))
        match self.denial:
            case CallRefused():
                raise self.denial
            case str():
                await context.abort(grpc.StatusCode.PERMISSION_DENIED, self.denial)
        if token not in self.accepted:
            raise CallRefused(
                grpc.StatusCode.UNAUTHENTICATED,
                ErrorReason.ERROR_REASON_UNAUTHENTICATED,
                "not authenticated",
            )
        return contract.CompareRevisionsResponse()

    async def ProvisionDevices(self, request: Any, context: Any) -> Any:  # noqa: N802
        raise NotImplementedError


@asynccontextmanager
async def before(door: Door) -> AsyncIterator[Any]:
    def add(server: grpc.aio.Server) -> list[str]:
        add_ProvisioningServiceServicer_to_server(door, server)
        return []

    async with (
        serving(0, add, lambda _: None) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        yield ProvisioningServiceStub(channel).CompareRevisions


async def ask(method: Any, tokens: Numbered, request: Any = REQUEST) -> Any:
    return await call_with_token(method, request, tokens=tokens, metadata=(), timeout_seconds=20)


async def test_a_token_that_is_accepted_is_sent_once() -> None:
    door = Door(accepted={"token-1"})
    async with before(door) as method:
        await ask(method, Numbered())
    assert door.seen == ["token-1"]


async def test_a_token_that_is_not_accepted_is_renewed_and_the_call_repeated() -> None:
    door = Door(accepted={"token-2"})
    async with before(door) as method:
        await ask(method, Numbered())
    assert door.seen == ["token-1", "token-2"]


async def test_there_is_no_third_try() -> None:
    door = Door()
    async with before(door) as method:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await ask(method, Numbered())
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert door.seen == ["token-1", "token-2"]


async def test_a_role_that_is_missing_is_not_asked_for_again() -> None:
    denial = CallRefused(
        grpc.StatusCode.PERMISSION_DENIED, ErrorReason.ERROR_REASON_ROLE_MISSING, "not allowed"
    )
    door = Door(denial=denial)
    async with before(door) as method:
        with pytest.raises(grpc.aio.AioRpcError):
            await ask(method, Numbered())
    assert door.seen == ["token-1"]


@dataclass
class Watch(DeviceServiceServicer):
    """Counts on from the position asked for; a stream ends with its token, after `per_token` answers."""

    per_token: int
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def WatchDevices(self, request: Any, context: Any) -> Any:  # noqa: N802
        token = dict(context.invocation_metadata())["authorization"].removeprefix("Bearer ")
        self.asked.append((token, request.position))
        begin = int(request.position or 0)
        for number in range(begin + 1, begin + self.per_token + 1):
            yield device_service_pb2.WatchDevicesResponse(position=str(number))
        raise CallRefused(
            grpc.StatusCode.UNAUTHENTICATED,
            ErrorReason.ERROR_REASON_TOKEN_EXPIRED,
            "not authenticated",
        )


@asynccontextmanager
async def watching(watch: Watch) -> AsyncIterator[Any]:
    """Yield the answers of a watcher that goes on behind the last one it saw."""

    def add(server: grpc.aio.Server) -> list[str]:
        add_DeviceServiceServicer_to_server(watch, server)
        return []

    seen = [""]

    def next_request() -> Any:
        return device_service_pb2.WatchDevicesRequest(position=seen[-1])

    async with (
        serving(0, add, lambda _: None) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        method = DeviceServiceStub(channel).WatchDevices
        answers = stream_with_token(method, next_request, tokens=Numbered(), metadata=())
        async with aclosing(answers), asyncio.timeout(20):

            async def positions() -> AsyncIterator[int]:
                async for answer in answers:
                    seen.append(answer.position)
                    yield int(answer.position)

            yield positions()


async def test_a_stream_that_ends_with_its_token_goes_on_with_the_next_where_it_was() -> None:
    watch = Watch(per_token=3)  # type: ignore[abstract] # the watcher calls no other method
    async with watching(watch) as positions:
        seen = [await anext(positions) for _ in range(8)]
    assert seen == list(range(1, 9))
    assert watch.asked == [("token-1", ""), ("token-2", "3"), ("token-3", "6")]


async def test_a_stream_that_a_new_token_does_not_open_is_not_asked_for_again() -> None:
    watch = Watch(per_token=0)  # type: ignore[abstract]
    async with watching(watch) as positions:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await anext(positions)
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert len(watch.asked) == 2


def door_of(probe_seconds: float = 0.001) -> Admission:
    return Admission(peer="smoc-service", method="CompareRevisions", probe_seconds=probe_seconds)


async def test_a_denied_caller_probes_with_little_until_it_is_mended_and_then_goes_on() -> None:
    door = Door(accepted={"token-1"}, denial="access control policy has denied access to id: x")
    tokens, admission = Numbered(), door_of()
    with structlog.testing.capture_logs() as lines:
        async with before(door) as method:
            asking = [
                asyncio.create_task(
                    admission.through(
                        lambda: ask(method, tokens),
                        lambda: ask(method, tokens, contract.CompareRevisionsRequest()),
                    )
                )
                for _ in range(4)
            ]
            async with asyncio.timeout(30):
                while len(door.sizes) < 10:  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
                door.denial = None
                await asyncio.gather(*asking)
    # Each of the four asked once and once more when it was mended; everything between was a probe, one at a time.
    assert door.sizes[:4] == [1] * 4
    assert door.sizes[-4:] == [1] * 4
    assert set(door.sizes[4:-4]) == {0}
    denied = [line for line in lines if line["log_level"] == "error"]
    assert len(denied) == len(door.sizes) - 8
    expected = (
        "an access policy is in the way (access control policy has denied access to id: x):"
        " allow the call in the callee's configuration"
    )
    assert {line["mend"] for line in denied} == {expected}
    assert [line["event"] for line in lines if line["log_level"] == "info"] == ["going on"]


async def test_a_question_without_a_probe_is_itself_asked_again() -> None:
    door = Door(denial="denied")
    admission = door_of()
    async with before(door) as method, asyncio.timeout(30):
        asking = asyncio.create_task(admission.through(lambda: ask(method, Numbered()), probe=None))
        while len(door.sizes) < 5:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        door.denial, door.accepted = None, {"token-1"}
        await asking


async def test_a_provider_that_gives_no_token_is_a_denial_with_a_remedy() -> None:
    answers: list[Exception | str] = [
        TokenRefused("invalid_client", "Invalid client secret"),
        "done",
    ]

    async def question() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with structlog.testing.capture_logs() as lines:
        assert await door_of().through(question, probe=None) == "done"
    assert "invalid_client" in lines[0]["mend"]


async def test_trouble_is_no_denial() -> None:
    async def question() -> None:
        raise ConnectionError("away")

    with pytest.raises(ConnectionError):
        await door_of().through(question, probe=None)


def test_pauses_grow_from_a_second_to_the_setting() -> None:
    admission = door_of(probe_seconds=60.0)
    pauses = [admission._pause() for _ in range(12)]
    assert pauses[0] <= 1.0
    assert all(45.0 <= pause <= 60.0 for pause in pauses[6:])
