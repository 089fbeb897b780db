"""Subscribing to the bff as clients do: server-sent events, and graphql-transport-ws."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.specs.bff.serving import Bff


class Events:
    """What a stream of server-sent events says."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def next(self) -> tuple[str, Any]:
        """Return the next event and its data; comments are passed over."""
        kind = ""
        while True:
            line = (await self._response.content.readline()).decode()
            assert line, "the stream ended without a word"
            name, _, value = line.strip().partition(": ")
            if name == "event":
                kind = value
            elif name.startswith("data"):
                return kind, json.loads(value) if value else None

    async def result(self) -> dict[str, Any]:
        kind, data = await self.next()
        assert kind == "next", (kind, data)
        result: dict[str, Any] = data
        return result


@asynccontextmanager
async def listening(
    bff: Bff, query: str, variables: dict[str, Any] | None = None
) -> AsyncIterator[Events]:
    async with bff.session.post(
        f"{bff.url}/graphql",
        json={"query": query, "variables": variables},
        headers={"accept": "text/event-stream", "authorization": f"Bearer {bff.token}"},
    ) as response:
        assert response.content_type == "text/event-stream", await response.text()
        yield Events(response)


@asynccontextmanager
async def websocket(
    bff: Bff, init: dict[str, Any] | None = None
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Open a websocket; the payload of connection_init carries the token."""
    payload = {"authorization": f"Bearer {bff.token}"} if init is None else init
    async with bff.session.ws_connect(
        f"{bff.url}/graphql", protocols=["graphql-transport-ws"]
    ) as socket:
        await socket.send_json({"type": "connection_init", "payload": payload})
        assert await socket.receive_json() == {"type": "connection_ack"}
        yield socket
