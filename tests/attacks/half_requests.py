"""Connections that begin a request and do not go on, to hold the places of others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

NOTHING: Final = b""
HALF_A_HEADER: Final = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: appl"
HALF_A_BODY: Final = (
    b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b'Content-Length: 500\r\n\r\n{"query": "{ view'
)


@asynccontextmanager
async def half_requests(
    url: str, begin: bytes, count: int
) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Hold so many connections to the door at ``url``, each of which has sent ``begin``; yield what they are told."""
    door = urlsplit(url)
    opened: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    try:
        for _ in range(count):
            reader, writer = await asyncio.open_connection(door.hostname, door.port)
            opened.append((reader, writer))
            writer.write(begin)
        yield [reader for reader, _ in opened]
    finally:
        for _, writer in opened:
            writer.transport.abort()
