"""A browser before the page: cookies of its own, headers as browsers send them, Keycloak's pages filled in."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.neighbours.keycloak import Keycloak


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An answer; `text` is its body."""

    status: int
    headers: Mapping[str, str]
    cookies: Mapping[str, Any]
    text: str
    document: Any


@dataclass(slots=True, kw_only=True)
class Browser:
    """`page` is the address of the bff; `csrf_token` what /page/session said last."""

    http: aiohttp.ClientSession
    page: str
    keycloak: Keycloak
    csrf_token: str = ""
    # Everything that was answered.
    seen: list[Seen] = field(default_factory=list)

    async def get(self, path: str, **headers: str) -> Seen:
        async with self.http.get(
            self._address(path), headers=headers, allow_redirects=False
        ) as answer:
            return await self._see(answer)

    async def post(self, path: str, body: Any = None, **headers: str) -> Seen:
        """Post as a script of the page does; `headers` replace, with "" they are left out."""
        sent = {name: value for name, value in {**self.own(), **headers}.items() if value}
        async with self.http.post(
            self._address(path), json=body or {}, headers=sent, allow_redirects=False
        ) as answer:
            return await self._see(answer)

    def own(self) -> dict[str, str]:
        return {
            "origin": self.page,
            "sec-fetch-site": "same-origin",
            "x-csrf-token": self.csrf_token,
        }

    async def begin_login(self, return_to: str = "/") -> str:
        """Return the provider's address."""
        begun = await self.get(f"/page/login?returnTo={return_to}")
        assert begun.status == 303, begun.text
        return begun.headers["Location"]

    async def way_back(self, user: str, return_to: str = "/") -> str:
        """Log in at the provider; return the address of the callback, which is not called yet."""
        begun = await self.begin_login(return_to)
        return await self.keycloak.fill_in_login(self.http, begun, user)

    async def log_in(self, user: str, return_to: str = "/") -> Seen:
        """Return the callback's answer."""
        back = await self.get(await self.way_back(user, return_to))
        assert back.status == 303, back.text
        await self.session()
        return back

    async def session(self) -> Any:
        """Return what /page/session says, and keep its CSRF token."""
        said = await self.get("/page/session", **{"sec-fetch-site": "same-origin"})
        assert said.status == 200, said.text
        self.csrf_token = said.document["csrfToken"]
        return said.document

    async def ask(self, query: str, **headers: str) -> Seen:
        return await self.post("/page/graphql", {"query": query}, **headers)

    def session_cookie(self) -> str:
        [found] = [one for one in self.http.cookie_jar if "meterpark-session" in one.key]
        return found.value

    def _address(self, path: str) -> str:
        return path if path.startswith("http") else f"{self.page}{path}"

    async def _see(self, answer: aiohttp.ClientResponse) -> Seen:
        text = await answer.text()
        is_json = answer.content_type == "application/json"
        self.seen.append(
            Seen(
                status=answer.status,
                headers=answer.headers,
                cookies=answer.cookies,
                text=text,
                document=await answer.json() if is_json else None,
            )
        )
        return self.seen[-1]


@asynccontextmanager
async def open_browser(page: str, keycloak: Keycloak) -> AsyncIterator[Browser]:
    async with keycloak.browser() as http:
        yield Browser(http=http, page=page, keycloak=keycloak)
