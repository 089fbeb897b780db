"""A Prometheus that runs, as tests ask it."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp

PATIENCE_SECONDS = 120


class Prometheus:
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def get(self, path: str, **query: str) -> Any:
        """Return what its API answers; an answer that is an error fails the test."""
        async with self._session.get(f"{self._url}/api/v1/{path}", params=query) as answer:
            told = await answer.json()
        assert told["status"] == "success", told
        return told["data"]

    async def text(self, path: str) -> str:
        async with self._session.get(f"{self._url}{path}") as answer:
            assert answer.status == 200, path
            return await answer.text(errors="replace")

    async def until(self, path: str, good: Callable[[Any], object], **query: str) -> Any:
        """Ask until the answer is good."""
        seen: Any = None
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    seen = await self.get(path, **query)
                    if good(seen):
                        return seen
                    await asyncio.sleep(0.5)
        except TimeoutError:
            raise AssertionError(f"{path} {query}: {seen}") from None

    async def until_ready(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    async with self._session.get(f"{self._url}/-/ready") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientConnectionError:
                    pass
                await asyncio.sleep(0.1)
