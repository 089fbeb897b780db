"""Websockets: whose they are, how many there may be, how long unused, and what a wrong message does."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest

from bff.door.rate_limit import RateLimit
from tests.attacks.websockets import WRONG_MESSAGES, closed, opened, told
from tests.specs.bff.graph.test_subscriptions import CHANGES, changing
from tests.specs.bff.listening import listening, websocket
from tests.specs.bff.serving import Bff, running_bff, token

SUBSCRIBE = {"id": "1", "type": "subscribe", "payload": {"query": CHANGES}}


@pytest.mark.parametrize("name", WRONG_MESSAGES)
async def test_a_wrong_message_closes_its_websocket_with_the_reason_and_a_line_of_the_log(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    message, says = WRONG_MESSAGES[name]
    async with running_bff() as bff:
        code, reason = await told(f"{bff.url}/graphql", f"Bearer {bff.token}", message)
        assert (code, says in reason) == (4400, True), reason
        assert (await bff.data("{ viewer { username } }")) == {"viewer": {"username": "anna"}}
    written = capsys.readouterr()
    assert "websocket closed" in written.out
    assert "Traceback" not in written.out + written.err


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({}, "send a token"),
        ({"Authorization": "Bearer not.a.token"}, "not authenticated"),
        ({"Authorization": 5}, "send a token"),
        ({"Authorization": "\ud800"}, "send a token"),
    ],
)
async def test_a_websocket_without_a_good_token_is_closed_at_its_first_message(
    payload: dict[str, object], said: str
) -> None:
    async with running_bff(changing(1)) as bff, opened(f"{bff.url}/graphql", 1) as [socket]:
        await socket.send_json({"type": "connection_init", "payload": payload})
        code, reason = await closed(socket)
        assert (code, said in reason) == (4403, True), reason
        assert not bff.smoc.asked


@pytest.mark.slow
async def test_a_websocket_whose_token_ends_begins_no_more_operations() -> None:
    async with running_bff(changing(1)) as bff:
        # Valid for the leeway alone.
        bff.token = token(life=timedelta(0))
        async with websocket(bff) as socket:
            async with asyncio.timeout(10):
                number = 0
                while True:
                    number += 1
                    query = {"query": "{ viewer { username } }"}
                    await socket.send_json(
                        {"id": str(number), "type": "subscribe", "payload": query}
                    )
                    answer = await socket.receive_json()
                    if answer["type"] == "error":
                        break
                    assert (await socket.receive_json())["type"] == "complete"
            [error] = answer["payload"]
            assert error["extensions"] == {"code": "UNAUTHENTICATED", "reason": "TOKEN_EXPIRED"}


@pytest.mark.slow
async def test_those_who_say_nothing_are_closed_and_lock_nobody_out() -> None:
    async with running_bff(
        changing(1),
        most_subscriptions=150,
        most_websockets_per_address=100,
        websocket_init_seconds=1,
    ) as bff:
        async with opened(f"{bff.url}/graphql", 120) as sockets:
            codes = await asyncio.gather(*(closed(socket) for socket in sockets))
            assert sorted(codes) == sorted(
                [(1013, "too many websockets of yours, try again")] * 20
                + [(4408, "Connection initialisation timeout")] * 100
            )
        async with websocket(bff) as socket:
            await socket.send_json(SUBSCRIBE)
            assert (await socket.receive_json())["type"] == "next"


@pytest.mark.slow
async def test_a_websocket_without_an_operation_is_closed_and_one_with_stays() -> None:
    async with (
        running_bff(changing(0), websocket_idle_seconds=0.2) as bff,
        websocket(bff) as used,
        websocket(bff) as unused,
    ):
        await used.send_json(SUBSCRIBE)
        assert (await used.receive_json())["type"] == "next"
        assert await closed(unused) == (1000, "no operation for 0.2 s")
        await used.send_json({"type": "ping"})
        assert await used.receive_json() == {"type": "pong"}
        await used.send_json({"id": "1", "type": "complete"})
        assert await closed(used) == (1000, "no operation for 0.2 s")


async def test_a_person_has_so_many_websockets_whatever_his_token_and_gets_them_back() -> None:
    async with running_bff(most_subscriptions_per_user=1) as bff:
        async with websocket(bff):
            bff.token = token(jti="another")
            await _refused(bff, "too many websockets of yours, try again")
            bff.token = token(sub="somebody-else")
            async with websocket(bff):
                pass
        bff.token = token()
        await _until_let_in(bff)


async def test_there_are_only_so_many_websockets() -> None:
    async with running_bff(most_subscriptions=1) as bff:
        async with websocket(bff), opened(f"{bff.url}/graphql", 1) as [second]:
            assert await closed(second) == (1013, "too many websockets, try again")
        await _until_let_in(bff)


async def test_operations_of_a_websocket_count_like_requests_of_its_person() -> None:
    requests = RateLimit(per_second=0.001, burst=2, keys_at_most=10)
    async with running_bff(requests=requests) as bff, websocket(bff) as socket:
        query = {"query": "{ viewer { username } }"}
        kinds = []
        for number in range(3):
            await socket.send_json({"id": str(number), "type": "subscribe", "payload": query})
            kinds.append((await socket.receive_json())["type"])
            if kinds[-1] == "next":
                await socket.receive_json()
        assert kinds == ["next", "next", "error"]
        error = await bff.error("{ viewer { username } }")
        assert error["extensions"] == {"code": "TOO_MANY_REQUESTS"}


async def test_variables_over_a_websocket_have_the_same_limits() -> None:
    async with running_bff(changing(1)) as bff, websocket(bff) as socket:
        payload = {"query": CHANGES, "variables": {f"v{number}": 1 for number in range(600)}}
        await socket.send_json({"id": "1", "type": "subscribe", "payload": payload})
        answer = await socket.receive_json()
        assert answer["type"] == "error"
        assert answer["payload"][0]["message"] == "variables: more than 500 keys"
        async with listening(bff, CHANGES) as events:
            await events.result()


async def _refused(bff: Bff, said: str) -> None:
    async with opened(f"{bff.url}/graphql", 1) as [socket]:
        init = {"authorization": f"Bearer {bff.token}"}
        await socket.send_json({"type": "connection_init", "payload": init})
        assert await closed(socket) == (1013, said)


async def _until_let_in(bff: Bff) -> None:
    async with asyncio.timeout(10):
        while True:
            async with opened(f"{bff.url}/graphql", 1) as [again]:
                init = {"authorization": f"Bearer {bff.token}"}
                await again.send_json({"type": "connection_init", "payload": init})
                if (await again.receive()).type is aiohttp.WSMsgType.TEXT:
                    return
