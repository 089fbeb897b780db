"""Connections that begin a request and do not go on, to hold the places of others."""

import asyncio
import contextlib
import socket
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
    url: str, begin: bytes, count: int, *, from_address: str = "127.0.0.1"
) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Hold so many connections to the door at ``url``, each of which has sent ``begin``; yield what they are told.

    A connection that the door does not take, or ends while others are opened, is left out or stays as it is.
    """
    door = urlsplit(url)
    opened: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    try:
        for _ in range(count):
            with contextlib.suppress(ConnectionError):
                reader, writer = await asyncio.open_connection(
                    door.hostname, door.port, local_addr=(from_address, 0), family=socket.AF_INET
                )
                opened.append((reader, writer))
                writer.write(begin)
        yield [reader for reader, _ in opened]
    finally:
        for _, writer in opened:
            writer.transport.abort()
