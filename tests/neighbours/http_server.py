"""The bff's HTTP server in a test's own process; it ends as soon as its connections have."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from bff.door.serving import server_config
from bff.settings import BffSettings


class _Connections(set[Any]):
    """The open connections; uvicorn itself tells nobody when there are none any more."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = asyncio.Event()
        self.gone.set()

    def add(self, connection: Any) -> None:
        self.gone.clear()
        super().add(connection)

    def discard(self, connection: Any) -> None:
        super().discard(connection)
        if not self:
            self.gone.set()

    remove = discard  # what a websocket calls


class PromptServer(uvicorn.Server):
    """A server that waits for events. uvicorn's looks ten times a second: most of the time of a short test."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ending = asyncio.Event()
        self._connections = _Connections()
        self.server_state.connections = self._connections

    async def main_loop(self) -> None:
        await self.on_tick(0)  # It makes the headers that every answer has.
        await self.ending.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        for server in self.servers:
            server.close()
        for connection in list(self._connections):
            connection.shutdown()
        async with asyncio.timeout(10):
            await self._connections.gone.wait()
            await asyncio.gather(*self.server_state.tasks, return_exceptions=True)
        await self.lifespan.shutdown()


@asynccontextmanager
async def serving(
    app: FastAPI, listener: socket.socket, settings: BffSettings
) -> AsyncIterator[PromptServer]:
    """Serve ``app`` on ``listener`` as the bff does, until the block ends; streams must end before."""
    server = PromptServer(server_config(app, settings))
    running = asyncio.create_task(server._serve([listener]))
    try:
        yield server
    finally:
        server.ending.set()
        await running
