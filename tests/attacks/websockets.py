"""Websockets that are opened to hold a place, or to be tripped over."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import aiohttp

PROTOCOL: Final = "graphql-transport-ws"


def _subscribe(**payload: Any) -> str:
    return json.dumps({"type": "subscribe", "id": "1", "payload": {"query": "{a}", **payload}})


# What is sent after a good connection_init, and what the reason of the closing says; the code is always 4400.
WRONG_MESSAGES: Final[Mapping[str, tuple[str | bytes, str]]] = {
    "no JSON": ("{", "must be valid JSON"),
    "brackets without end": ("[" * 30_000, "must be valid JSON"),
    "not a number": ('{"type": "ping", "payload": NaN}', "must be valid JSON"),
    "null": ("null", "a message must be an object"),
    "a list": ("[]", "a message must be an object"),
    "bytes": (b"{}", "type must be text"),
    "without a type": ("{}", "type must be a text"),
    "a type that is none": ('{"type": 5}', "type must be a text"),
    "an unknown type": (json.dumps({"type": "x" * 5_000}), "Unknown message type: xxx"),
    "a type that is no text": ('{"type": "\\ud800"}', "Unknown message type"),
    "without a payload": ('{"type": "subscribe", "id": "1"}', "payload.query must be a text"),
    "without an id": ('{"type": "subscribe", "payload": {"query": "{a}"}}', "id is missing"),
    "an id that is none": ('{"type": "complete", "id": {}}', "id must be a text"),
    "variables that are none": (_subscribe(variables=3), "payload.variables must be an object"),
    "a name that is none": (_subscribe(operationName=[]), "payload.operationName must be a text"),
    "half a pair": (_subscribe(query="\ud800"), "payload.query holds half"),
}


@asynccontextmanager
async def opened(
    url: str, count: int, *, from_address: str = "127.0.0.1"
) -> AsyncIterator[list[aiohttp.ClientWebSocketResponse]]:
    """Open so many websockets at a door, and say nothing; those that the door does not take are left out."""
    async with AsyncExitStack() as stack:
        connector = aiohttp.TCPConnector(
            limit=0, local_addr=(from_address, 0), family=socket.AF_INET
        )
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        opening = (http.ws_connect(url, protocols=[PROTOCOL]) for _ in range(count))
        answers = await asyncio.gather(*opening, return_exceptions=True)
        sockets = [one for one in answers if isinstance(one, aiohttp.ClientWebSocketResponse)]
        refused = [one for one in answers if isinstance(one, BaseException)]
        unexpected = [one for one in refused if not isinstance(one, aiohttp.ClientError)]
        for opened_one in sockets:
            stack.push_async_callback(opened_one.close)
        if unexpected:
            raise unexpected[0]
        yield sockets


async def closed(opened_one: aiohttp.ClientWebSocketResponse) -> tuple[int, str]:
    """Wait until the door closes; return the code and the reason."""
    while True:
        message = await opened_one.receive()
        if message.type is aiohttp.WSMsgType.CLOSE:
            return int(message.data), str(message.extra)
        assert message.type is aiohttp.WSMsgType.TEXT, message


async def told(url: str, authorization: str, message: str | bytes) -> tuple[int, str]:
    """Begin with a token, send ``message``, and return how the door closes."""
    init = {"type": "connection_init", "payload": {"Authorization": authorization}}
    async with opened(url, 1) as [one]:
        await one.send_json(init)
        assert (await one.receive_json())["type"] == "connection_ack"
        if isinstance(message, str):
            await one.send_str(message)
        else:
            await one.send_bytes(message)
        return await closed(one)
