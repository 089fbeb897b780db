"""Connections that begin and do not go on: they are ended in time, and take nobody's place meanwhile."""

import asyncio

import aiohttp
import pytest

from tests.attacks.half_requests import HALF_A_BODY, HALF_A_HEADER, NOTHING, half_requests
from tests.specs.bff.graph.test_subscriptions import CHANGES, changing
from tests.specs.bff.listening import listening, websocket
from tests.specs.bff.serving import Bff, running_bff

pytestmark = pytest.mark.slow  # Each waits until a connection has said nothing for long enough.

VIEWER = "{ viewer { username } }"
HALVES = {"nothing": NOTHING, "half a header": HALF_A_HEADER, "half a body": HALF_A_BODY}


async def ask_anew(bff: Bff) -> None:
    """Ask over a connection of its own."""
    headers = {"authorization": f"Bearer {bff.token}"}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{bff.url}/graphql", json={"query": VIEWER}, headers=headers) as answer,
    ):
        assert (await answer.json())["data"] == {"viewer": {"username": "anna"}}


@pytest.mark.parametrize("begin", HALVES.values(), ids=HALVES)
async def test_half_requests_lock_nobody_out(begin: bytes) -> None:
    async with (
        running_bff(changing(1), most_connections=100) as bff,
        listening(bff, CHANGES) as events,
        websocket(bff),
    ):
        assert await events.result()
        async with half_requests(bff.url, begin, 400):
            for _ in range(5):
                await ask_anew(bff)
            # Whoever is being served keeps his connection.
            assert await events.result()


async def test_half_requests_of_one_address_lock_out_none_of_their_own() -> None:
    async with (
        running_bff(most_connections=1000, most_connections_per_address=20) as bff,
        half_requests(bff.url, HALF_A_HEADER, 100),
    ):
        await ask_anew(bff)


async def test_who_finds_every_place_in_use_is_told_to_try_again() -> None:
    async with (
        running_bff(changing(0), most_connections=10) as bff,
        aiohttp.ClientSession() as http,
        asyncio.timeout(60),
    ):
        headers = {"authorization": f"Bearer {bff.token}", "accept": "text/event-stream"}
        streams = [
            await http.post(f"{bff.url}/graphql", json={"query": CHANGES}, headers=headers)
            for _ in range(10)
        ]
        for stream in streams:
            assert await stream.content.readline()
        async with http.get(f"{bff.url}/healthz") as answer:
            assert (answer.status, answer.headers["retry-after"]) == (503, "2")
            assert await answer.text() == "too many connections, try again\r\n"
        streams.pop().close()
        await _until_served(bff)
        for stream in streams:
            stream.close()


def of_somebody(begin: bytes, bearer: str) -> bytes:
    return begin.replace(b"Host:", f"Authorization: Bearer {bearer}\r\nHost:".encode(), 1)


async def test_one_address_cannot_take_the_places_of_the_others() -> None:
    async with (
        running_bff(changing(0), most_connections=1000, most_connections_per_address=10) as bff,
        aiohttp.ClientSession() as http,
        asyncio.timeout(60),
    ):
        headers = {"authorization": f"Bearer {bff.token}", "accept": "text/event-stream"}
        streams = [
            await http.post(f"{bff.url}/graphql", json={"query": CHANGES}, headers=headers)
            for _ in range(10)
        ]
        assert {stream.status for stream in streams} == {200}
        async with http.post(f"{bff.url}/graphql", json={"query": VIEWER}) as refused:
            assert refused.status == 503
        elsewhere = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
        async with (
            aiohttp.ClientSession(connector=elsewhere) as other,
            other.post(f"{bff.url}/graphql", json={"query": CHANGES}, headers=headers) as served,
        ):
            assert served.status == 200
        for stream in streams:
            stream.close()


@pytest.mark.parametrize("begin", HALVES.values(), ids=HALVES)
async def test_what_is_not_sent_in_time_is_answered_and_closed(
    begin: bytes, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        running_bff(header_seconds=0.3, body_seconds=0.3) as bff,
        half_requests(bff.url, of_somebody(begin, bff.token), 1) as [told],
        asyncio.timeout(20),
    ):
        answer = await told.read()
        assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert answer.endswith(b"\r\n\r\nthe request was not sent in time\r\n")
    assert "request not sent in time" in capsys.readouterr().out
    assert "Exception" not in caplog.text


async def test_half_a_body_of_a_stranger_is_answered_at_once_and_closed_in_time() -> None:
    async with (
        running_bff(body_seconds=0.3) as bff,
        half_requests(bff.url, HALF_A_BODY, 1) as [told],
        asyncio.timeout(20),
    ):
        answer = await told.read()
        assert answer.startswith(b"HTTP/1.1 401 Unauthorized\r\n")
        assert b"408" not in answer


async def test_the_second_request_of_a_connection_has_its_time_too() -> None:
    async with running_bff(header_seconds=0.3) as bff, asyncio.timeout(20):
        whole = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        async with half_requests(bff.url, whole + HALF_A_HEADER, 1) as [told]:
            answer = await told.read()
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
            assert answer.endswith(b"the request was not sent in time\r\n")


async def _until_served(bff: Bff) -> None:
    while True:
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{bff.url}/healthz") as answer,
        ):
            if answer.status == 200:
                return
