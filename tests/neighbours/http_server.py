"""The bff's HTTP server in a test's own process; it ends as soon as its connections have."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from bff.door.serving import server_config
from bff.settings import BffSettings


class PromptServer(uvicorn.Server):
    """A server that waits for an event. uvicorn's looks ten times a second: most of the time of a short test."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ending = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)  # It makes the headers that every answer has.
        await self.ending.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        async with asyncio.timeout(10):
            # uvicorn tells nobody when its connections are gone.
            while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
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
