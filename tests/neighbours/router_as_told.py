"""A router that answers as a test says: it keeps what it was asked, and can do what a real one never does.

The real one is in the stack; this one is for what has to be seen from behind, or cannot be had on demand.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from multidict import CIMultiDictProxy

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def _empty(_: web.Request) -> web.StreamResponse:
    return web.json_response({"data": {}})


@dataclass(slots=True, kw_only=True)
class Asked:
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def token(self) -> str:
        return self.headers["authorization"].removeprefix("Bearer ")


@dataclass(slots=True, kw_only=True)
class Router:
    url: str = ""
    answer: Answer = _empty
    asked: list[Asked] = field(default_factory=list)


@dataclass(slots=True)
class Events:
    """An answer of events that come when the test says so; `gone` is set when nobody listens any more."""

    say: asyncio.Queue[str | None] = field(default_factory=lambda: asyncio.Queue(10))
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        try:
            while (data := await self.say.get()) is not None:
                await response.write(f"event: next\ndata: {data}\n\n".encode())
        finally:
            self.gone.set()
        return response


@asynccontextmanager
async def running_router() -> AsyncIterator[Router]:
    router = Router()

    async def serve(request: web.Request) -> web.StreamResponse:
        router.asked.append(Asked(headers=request.headers, body=await request.read()))
        return await router.answer(request)

    app = web.Application()
    app.router.add_post("/graphql", serve)
    # A client that leaves ends what was done for it.
    runner = web.AppRunner(app, shutdown_timeout=0.01, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    router.url = f"http://127.0.0.1:{runner.addresses[0][1]}/graphql"
    try:
        yield router
    finally:
        await runner.cleanup()
