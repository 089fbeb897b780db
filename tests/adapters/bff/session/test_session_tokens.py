"""Tokens that end in the middle of what a person does, sessions that end at Keycloak, and logging out."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.adapters.bff.session.serving import serving_page
from tests.neighbours.browser import Browser, open_browser
from tests.neighbours.keycloak import Keycloak, claims
from tests.neighbours.router_as_told import Events, Router
from tests.neighbours.stack import RunningStack

LIFE_SECONDS = 3


@pytest.fixture
async def short_lived(keycloak: Keycloak) -> AsyncIterator[None]:
    """Access tokens of the page live for three seconds."""
    before = await keycloak.set_token_seconds("bff", LIFE_SECONDS)
    yield
    await keycloak.set_token_seconds("bff", before)


@pytest.mark.usefixtures("short_lived")
async def test_tokens_that_end_under_many_requests_are_renewed_without_anybody_noticing(
    stack: RunningStack, router: Router, keycloak: Keycloak
) -> None:
    async with (
        serving_page(stack, router.url, requests_at_once=100_000) as served,
        open_browser(served.url, keycloak) as browser,
        asyncio.timeout(60),
    ):
        await browser.log_in("anna")
        tokens: set[str] = set()
        while len(tokens) < 4:
            answers = await asyncio.gather(*(browser.ask("{ viewer { name } }") for _ in range(20)))
            assert {answer.status for answer in answers} == {200}
            for asked in router.asked:
                assert claims(asked.token)["exp"] > time.time() - 1
                tokens.add(asked.token)
            router.asked.clear()
            browser.seen.clear()
        assert (await browser.session())["username"] == "anna"


@pytest.mark.usefixtures("short_lived")
async def test_a_session_that_ends_at_keycloak_is_over_here_with_the_next_token(
    browser: Browser, keycloak: Keycloak
) -> None:
    await browser.log_in("audrey")
    await keycloak.end_sessions("audrey")
    async with asyncio.timeout(30):
        while (answer := await browser.ask("{ viewer { name } }")).status == 200:
            pass
    assert answer.status == 401
    [error] = answer.document["errors"]
    assert error["message"] == "the session is over, log in again"
    assert error["extensions"]["loginPath"] == "/page/login"
    assert (await browser.get("/page/session")).status == 401


async def test_logging_out_ends_the_session_here_and_at_keycloak(browser: Browser) -> None:
    await browser.log_in("victor")
    number = browser.session_cookie()
    out = await browser.post("/page/logout")
    assert out.document == {"loggedOut": True, "atProvider": True}
    [cleared] = out.cookies.values()
    assert cleared.value == ""
    assert (await browser.get("/page/session")).status == 401
    # Whoever kept the cookie has nothing.
    name = cleared.key
    kept = await browser.get("/page/session", cookie=f"{name}={number}")
    assert kept.status == 401
    # Keycloak does not know him any more either: it asks for the password again.
    asked = await browser.get(await browser.begin_login())
    assert asked.status == 200
    assert 'type="password"' in asked.text


async def test_logging_out_ends_what_is_still_coming_in(browser: Browser, router: Router) -> None:
    events = Events()
    router.answer = events
    await browser.log_in("victor")
    async with browser.http.post(
        f"{browser.page}/page/graphql", json={"query": "subscription { x }"}, headers=browser.own()
    ) as stream:
        await events.say.put("1")
        assert b"data: 1" in await stream.content.readuntil(b"\n\n")
        assert (await browser.post("/page/logout")).status == 200
        async with asyncio.timeout(10):
            with suppress(Exception):
                assert await stream.content.read() == b""
            await events.gone.wait()


async def test_a_logout_that_keycloak_could_not_be_told_holds_here_and_says_so(
    stack: RunningStack, router: Router, keycloak: Keycloak, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(keycloak.client_secret("bff"))
    async with (
        serving_page(stack, router.url, client_secret_file=secret) as served,
        open_browser(served.url, keycloak) as browser,
    ):
        await browser.log_in("victor")
        secret.write_text("wrong by now")
        out = await browser.post("/page/logout")
        assert out.document == {"loggedOut": True, "atProvider": False}
        assert (await browser.get("/page/session")).status == 401
