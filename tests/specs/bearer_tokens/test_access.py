"""The door's second lock, before a real gRPC server: who gets in, what the others are told, what the log says."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.neighbours.issuer import Issuer, claims, ec_key, hang, running_issuer, signed
from tests.specs.bearer_tokens.door import (
    FOR_ONE_CLIENT,
    FORGOTTEN,
    OPEN,
    READ,
    TELL,
    WATCH,
    Door,
    Methods,
    bearer,
    door,
    system_time,
    told,
)


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with running_issuer() as made:
        yield made


@pytest.fixture
async def closed(issuer: Issuer) -> AsyncIterator[Door]:
    async with door(issuer, Methods(asyncio.Event())) as made:
        yield made


NOT_AUTHENTICATED = (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED", "not authenticated")
EXPIRED = (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_EXPIRED", "not authenticated")
NOT_ALLOWED = (grpc.StatusCode.PERMISSION_DENIED, "ROLE_MISSING", "not allowed")


@pytest.mark.parametrize("role", ["asset-viewer", "asset-manager"])
async def test_a_role_of_the_table_lets_in_and_the_method_knows_who_calls(
    closed: Door, role: str
) -> None:
    answer = await closed.call(READ, closed.bearer(roles=[role], client="bff"))
    assert json.loads(answer) == ["anna", "bff"]
    assert closed.audited == []


@pytest.mark.parametrize(
    "roles", [[], ["auditor"], ["ASSET-VIEWER"], ["asset-viewer "], ["device-provisioner", "x"]]
)
async def test_other_roles_do_not_let_in(closed: Door, roles: list[str]) -> None:
    assert await closed.refusal(READ, closed.bearer(roles=roles)) == NOT_ALLOWED
    assert closed.methods.reached == 0


async def test_a_method_for_one_client_refuses_the_role_in_another_s_hands(closed: Door) -> None:
    wrong = closed.bearer(roles=["device-provisioner"], client="meterpark-script")
    assert await closed.refusal(FOR_ONE_CLIENT, wrong) == NOT_ALLOWED
    assert closed.audited[0]["client"] == "meterpark-script"
    closed.methods.go_on.set()
    right = closed.bearer(roles=["device-provisioner"], client="device-hub")
    assert await closed.call(FOR_ONE_CLIENT, right) == b"done"
    without = closed.bearer(roles=["asset-manager"], client="device-hub")
    assert await closed.refusal(FOR_ONE_CLIENT, without) == NOT_ALLOWED


async def test_a_method_without_token_is_open_and_nobody_can_be_asked_about_the_caller(
    closed: Door,
) -> None:
    assert await closed.call(OPEN) == b"nobody"
    assert await closed.call(OPEN, bearer("garbage")) == b"nobody"


async def test_health_is_open(closed: Door) -> None:
    stub: Any = health_pb2_grpc.HealthStub(closed.channel)
    answer = await stub.Check(health_pb2.HealthCheckRequest())
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    watch = stub.Watch(health_pb2.HealthCheckRequest())
    assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
    watch.cancel()


@pytest.mark.parametrize(
    "method",
    [
        FORGOTTEN,
        "/park.v1.Doors/Unknown",
        "/park.v1.Doors/read",
        "/PARK.V1.DOORS/READ",
        "//park.v1.Doors/Read",
        "/park.v1.Doors//Read",
        "/park.v1.Doors/Read/",
        "/park.v1.Doors/../Doors/Read",
        "/park.v1.Doors/%52ead",
        "/park.v1.Doors%2FRead",
        "/grpc.health.v1.Health/List",
        "/grpc.health.v1.Health/check",
        "/",
    ],
)
async def test_what_the_table_does_not_have_is_refused_like_what_is_not_allowed(
    closed: Door, method: str
) -> None:
    assert await closed.refusal(method) == await closed.refusal(READ) == NOT_AUTHENTICATED
    every_role = closed.bearer()
    viewer = closed.bearer(roles=["auditor"])
    assert await closed.refusal(method, every_role) == NOT_ALLOWED
    assert await closed.refusal(READ, viewer) == NOT_ALLOWED
    assert closed.methods.reached == 0


@pytest.mark.parametrize(
    "metadata",
    [
        [],
        [("authorization", "")],
        [("authorization", "Bearer")],
        [("authorization", "Bearer ")],
        [("authorization", "Basic YW5uYTphbm5h")],
        [("authorization", "garbage")],
        [("token", "{token}")],
        [("authorization", "{token}")],
        [("authorization", "Bearer {token}"), ("authorization", "Bearer {token}")],
        [("authorization", "Bearer {token}"), ("authorization", "Bearer garbage")],
        [("authorization", "Bearer {token},Bearer {token}")],
        [("authorization", "Bearer  {token}")],
    ],
)
async def test_a_call_without_exactly_one_token_is_not_authenticated(
    closed: Door, metadata: list[tuple[str, str]]
) -> None:
    token = closed.issuer.token()
    given = [(key, value.replace("{token}", token)) for key, value in metadata]
    assert await closed.refusal(READ, *given) == NOT_AUTHENTICATED
    assert len(closed.audited) == 1


async def test_the_scheme_may_be_written_as_one_likes(closed: Door) -> None:
    assert await closed.call(READ, ("authorization", f"bEARER {closed.issuer.token()}"))


async def test_every_wrong_token_is_refused_in_the_same_words(closed: Door) -> None:
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    forged = [
        closed.issuer.token(aud="device-hub"),
        closed.issuer.token(iss="http://other"),
        closed.issuer.token(nbf=4_000_000_000),
        signed(ec_key("first"), claims()),
        signed(ec_key("unknown"), claims()),
        "garbage",
    ]
    for token in forged:
        assert await closed.refusal(READ, bearer(token)) == NOT_AUTHENTICATED
    assert await closed.refusal(READ, closed.bearer(at=hour_ago)) == EXPIRED
    assert closed.methods.reached == 0


async def test_the_audit_log_says_who_and_why_once_and_never_the_token(closed: Door) -> None:
    token = closed.issuer.token(roles=["auditor"], client="meterpark-cli")
    app = ("dapr-caller-app-id", "meterpark-cli")
    await closed.refusal(READ, bearer(token), ("dapr-caller-app-id", "device-hub"), app)
    [line] = closed.audited
    assert line.pop("peer").startswith("ipv4:127.0.0.1:")
    assert line == {
        "event": "call denied",
        "log_level": "warning",
        "method": READ,
        "reason": "ROLE_MISSING",
        "why": "needs asset-manager or asset-viewer",
        "claimed_caller": "meterpark-cli",
        "subject": "7c2f1f6e-6a60-4c0e-8f7c-0d2b7f6c1a11",
        "client": "meterpark-cli",
        "username": "anna",
    }
    forged = signed(ec_key("unknown"), claims())
    for wrong in (forged, closed.issuer.token(iss="other"), "secret-token-4711"):
        await closed.refusal(READ, bearer(wrong))
        await closed.refusal("/" + "x" * 5000, bearer(wrong))
    for each in (token, forged, "secret-token-4711"):
        assert each not in str(closed.log)
        assert each.rpartition(".")[2] not in str(closed.log)
    assert max(len(line["method"]) for line in closed.audited) == 200
    assert len(closed.audited) == 7


async def test_what_a_method_denies_is_audited_with_its_caller(closed: Door) -> None:
    refusal = await closed.refusal(TELL, closed.bearer(networks=["north"]))
    assert refusal == (grpc.StatusCode.PERMISSION_DENIED, "NETWORK_DENIED", "not allowed")
    [line] = closed.audited
    assert (line["reason"], line["why"], line["username"]) == (
        "NETWORK_DENIED",
        "names device south/1",
        "anna",
    )


async def test_a_refused_call_is_answered_before_its_request_is_read(closed: Door) -> None:
    call = closed.channel.stream_unary(READ)(metadata=())
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    assert told(raised.value) == NOT_AUTHENTICATED


async def test_two_calls_at_once_do_not_see_each_other_s_caller(closed: Door) -> None:
    names = [f"user-{n}" for n in range(100)]
    answers = await asyncio.gather(
        *(closed.call(READ, closed.bearer(preferred_username=name)) for name in names)
    )
    assert [json.loads(answer)[0] for answer in answers] == names


async def test_a_call_under_way_when_its_token_expires_succeeds(issuer: Issuer) -> None:
    methods = Methods(asyncio.Event())
    passed = [timedelta()]
    async with door(issuer, methods, lambda: system_time() + passed[0]) as opened:
        token = opened.bearer(
            roles=["device-provisioner"], client="device-hub", life=timedelta(seconds=5)
        )
        call = asyncio.create_task(opened.call(FOR_ONE_CLIENT, token))
        await methods.slow_began.wait()
        passed[0] = timedelta(minutes=1)
        assert await opened.refusal(FOR_ONE_CLIENT, token) == EXPIRED
        methods.go_on.set()
        assert await call == b"done"


@pytest.mark.slow
async def test_a_stream_ends_with_its_token_and_is_resumed_with_the_next(issuer: Issuer) -> None:
    methods = Methods(asyncio.Event())
    async with door(issuer, methods) as opened:
        # Valid for the leeway alone.
        token = opened.bearer(life=timedelta(seconds=0))
        stream = opened.channel.unary_stream(WATCH)(b"", metadata=(token,))
        assert await stream.read() == b"anna"
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await stream.read()
        assert told(raised.value) == EXPIRED
        assert opened.audited == []
        resumed = opened.channel.unary_stream(WATCH)(b"", metadata=(opened.bearer(),))
        assert await resumed.read() == b"anna"
        methods.go_on.set()
        assert await resumed.read() == b"more"
        assert await resumed.read() is grpc.aio.EOF


async def test_a_stream_whose_token_ends_with_the_calendar_is_served(issuer: Issuer) -> None:
    methods = Methods(asyncio.Event())
    async with door(issuer, methods) as opened:
        last_second = int(datetime.max.replace(tzinfo=UTC, microsecond=0).timestamp())
        token = opened.bearer(exp=last_second)
        stream = opened.channel.unary_stream(WATCH)(b"", metadata=(token,))
        assert await stream.read() == b"anna"
        methods.go_on.set()
        assert await stream.read() == b"more"
        assert await stream.read() is grpc.aio.EOF


async def test_a_stream_with_an_expired_token_does_not_begin(closed: Door) -> None:
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    stream = closed.channel.unary_stream(WATCH)(b"", metadata=(closed.bearer(at=hour_ago),))
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stream.read()
    assert told(raised.value) == EXPIRED
    assert closed.methods.reached == 0


async def test_keys_rotate_without_a_refused_call(issuer: Issuer) -> None:
    async with door(issuer, Methods(asyncio.Event())) as opened:
        old = opened.bearer()
        await opened.call(READ, old)
        issuer.rotate()
        await asyncio.gather(*(opened.call(READ, opened.bearer()) for _ in range(20)))
        await opened.call(READ, old)
        assert issuer.requests == 2


async def test_an_issuer_that_goes_down_costs_those_whom_it_gave_a_token_nothing(
    issuer: Issuer,
) -> None:
    async with door(issuer, Methods(asyncio.Event())) as opened:
        await opened.call(READ, opened.bearer())
        issuer.answer = hang
        unknown = asyncio.create_task(
            opened.refusal(READ, bearer(signed(ec_key("unknown"), claims())))
        )
        await opened.call(READ, opened.bearer())
        unknown.cancel()
        await asyncio.gather(unknown, return_exceptions=True)


async def test_without_any_keys_a_call_is_not_refused_but_told_to_try_again() -> None:
    async with running_issuer() as gone:
        token = bearer(gone.token())
    async with door(gone, Methods(asyncio.Event())) as opened:
        status, reason, _ = await opened.refusal(READ, token)
        assert (status, reason) == (grpc.StatusCode.UNAVAILABLE, "")
        assert opened.audited == []
        assert await opened.refusal(READ) == NOT_AUTHENTICATED
