"""The graph as a program asks it, through the router or at the bff."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import aiohttp

from tests.neighbours.stack import RunningStack

Door = Literal["router", "bff"]
_PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    data: dict[str, Any] | None
    errors: list[dict[str, Any]]

    @property
    def reason(self) -> str:
        """Of the one error that there is."""
        [error] = self.errors
        told = error.get("extensions", {})
        return str(told.get("reason") or told.get("code"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Somebody with a token, or nobody without one."""

    stack: RunningStack
    token: str | None
    door: Door = "router"

    @property
    def url(self) -> str:
        described = self.stack.description
        return str(
            described["router"]["url"]
            if self.door == "router"
            else f"{described['bff']['url']}/graphql"
        )

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    async def ask(self, query: str, **variables: Any) -> Answer:
        body = {"query": query, "variables": variables}
        async with (
            aiohttp.ClientSession(headers=self._headers) as http,
            http.post(self.url, json=body) as answer,
        ):
            given = await answer.json()
            return Answer(
                status=answer.status, data=given.get("data"), errors=given.get("errors", [])
            )

    async def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return the data of an answer without errors."""
        answer = await self.ask(query, **variables)
        assert answer.errors == []
        assert answer.data is not None
        return answer.data

    @asynccontextmanager
    async def subscription(
        self, query: str, **variables: Any
    ) -> AsyncIterator[AsyncIterator[Mapping[str, Any]]]:
        """Yield what comes, as it comes, by server-sent events."""
        patience = aiohttp.ClientTimeout(total=None, sock_read=_PATIENCE_SECONDS)
        headers = {**self._headers, "Accept": "text/event-stream"}
        body = {"query": query, "variables": variables}
        async with (
            aiohttp.ClientSession(headers=headers, timeout=patience) as http,
            http.post(self.url, json=body) as answer,
        ):
            assert answer.content_type == "text/event-stream", await answer.text()
            yield _events(answer)


async def _events(answer: aiohttp.ClientResponse) -> AsyncIterator[Mapping[str, Any]]:
    async for line in answer.content:
        if line.startswith(b"data:") and (text := line.removeprefix(b"data:").strip()):
            yield json.loads(text)
