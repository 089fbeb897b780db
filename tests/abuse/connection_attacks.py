"""Attacks without a token that hold connections: websockets that say nothing, requests that never end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp

from tests.abuse.attack import Case
from tests.abuse.graph_attacks import DOORS
from tests.abuse.target import ATTACKER, Target, told

_QUESTION = "{ parkSummary { deviceCount } }"
_PROTOCOL = "graphql-transport-ws"


async def silent_websockets(target: Target) -> AsyncIterator[Case]:
    """Many websockets that begin and say nothing more: a good user is served meanwhile."""
    url = f"{target.bff_url}/graphql"
    async with target.attacker() as http:
        opened: list[aiohttp.ClientWebSocketResponse] = []

        async def open_one() -> None:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                socket = await http.ws_connect(url, protocols=(_PROTOCOL,))
                await socket.send_json({"type": "connection_init"})
                opened.append(socket)

        count = min(target.size.connections, 1_000)
        await asyncio.gather(*(open_one() for _ in range(count)))
        yield await _good_user(target, f"beside {count} silent websockets")
        for socket in opened:
            await socket.close()


async def odd_websocket_messages(target: Target) -> AsyncIterator[Case]:
    """Messages that are none: the socket is closed with a code of the protocol."""
    url = f"{target.bff_url}/graphql"
    async with target.attacker() as http:
        for name, message in (
            ("an open brace", "{"),
            ("null", "null"),
            ("30,000 brackets", "[" * 30_000),
            ("a list", "[]"),
            ("no type", "{}"),
            ("a number for a type", '{"type": 7}'),
            ("an unknown type", '{"type": "nothing"}'),
            (
                "a subscription first",
                '{"id": "1", "type": "subscribe", "payload": {"query": "{ __typename }"}}',
            ),
        ):
            try:
                socket = await http.ws_connect(url, protocols=(_PROTOCOL,))
            except aiohttp.ClientError as error:
                yield Case(name, f"no websocket: {error}")
                continue
            await socket.send_str(message)
            try:
                answer = await socket.receive(timeout=30)
            except TimeoutError:
                yield Case(name, "no answer in 30 s")
                continue
            finally:
                await socket.close()
            closed = answer.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
            good = closed and (answer.data is None or 4000 <= answer.data < 5000)
            yield Case(name, "" if good else f"answered {told(answer)}")
        log = target.stack.log("bff").read_text(errors="replace")
        yield Case("the log", "an exception in the log" if "Exception in ASGI" in log else "")


async def half_requests(target: Target) -> AsyncIterator[Case]:
    """Many connections with half a header, then with half a body: a good user is served meanwhile."""
    for door in DOORS:
        for name, said in (
            ("half a header", b"POST /graphql HTTP/1.1\r\nHost: park\r\nX-Half: "),
            (
                "half a body",
                (
                    b"POST /graphql HTTP/1.1\r\nHost: park\r\nContent-Type: application/json\r\n"
                    b"Content-Length: 1000\r\n\r\n{"
                ),
            ),
            ("nothing at all", b""),
        ):
            address = urlsplit(target.graph_url(door))
            writers = await _many(
                address.hostname or "", address.port or 0, said, target.size.connections
            )
            yield await _good_user(target, f"{door}: beside {len(writers)} connections with {name}")
            for writer in writers:
                writer.close()


async def _many(host: str, port: int, said: bytes, count: int) -> list[asyncio.StreamWriter]:
    writers: list[asyncio.StreamWriter] = []
    slots = asyncio.Semaphore(100)

    async def open_one() -> None:
        async with slots:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(10):
                    _, writer = await asyncio.open_connection(host, port, local_addr=(ATTACKER, 0))
                    writer.write(said)
                    writers.append(writer)

    await asyncio.gather(*(open_one() for _ in range(count)))
    return writers


async def _good_user(target: Target, name: str) -> Case:
    for door in DOORS:
        try:
            async with asyncio.timeout(30):
                answer = await target.asking(door, target.viewer).ask(_QUESTION)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return Case(name, f"the {door} does not answer: {type(error).__name__}: {error}")
        if answer.errors:
            return Case(name, f"the {door} answers {told(answer)}")
    return Case(name)
