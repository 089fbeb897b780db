"""What the router answers comes through as it comes, and what is held for it is given back."""

import asyncio

from aiohttp import web

from tests.adapters.bff.session.serving import Served, serving_page
from tests.neighbours.browser import Browser, open_browser
from tests.neighbours.keycloak import Keycloak
from tests.neighbours.router_as_told import Events, Router
from tests.neighbours.stack import RunningStack

SUBSCRIPTION = {"query": "subscription { deviceChanged { id } }"}
PATIENCE_SECONDS = 20


async def test_events_come_through_one_by_one_when_they_come(
    browser: Browser, router: Router
) -> None:
    events = Events()
    router.answer = events
    await browser.log_in("victor")
    headers = {**browser.own(), "accept": "text/event-stream"}
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        browser.http.post(
            f"{browser.page}/page/graphql", json=SUBSCRIPTION, headers=headers
        ) as stream,
    ):
        assert stream.content_type == "text/event-stream"
        assert stream.headers["X-Accel-Buffering"] == "no"
        for number in range(5):
            # The next one does not exist yet when this one is read.
            await events.say.put(str(number))
            said = await stream.content.readuntil(b"\n\n")
            assert said == f"event: next\ndata: {number}\n\n".encode()
        await events.say.put(None)
        assert await stream.content.read() == b""
    assert router.asked[0].headers["accept"] == "text/event-stream"


async def test_a_page_that_goes_away_ends_what_was_done_for_it(
    browser: Browser, router: Router, served: Served
) -> None:
    events = Events()
    router.answer = events
    await browser.log_in("victor")
    async with asyncio.timeout(PATIENCE_SECONDS):
        async with browser.http.post(
            f"{browser.page}/page/graphql", json=SUBSCRIPTION, headers=browser.own()
        ) as stream:
            await events.say.put("1")
            await stream.content.readuntil(b"\n\n")
            stream.close()
        await events.gone.wait()
        session = served.store.find(browser.session_cookie())
        assert session is not None
        while session.streams:  # noqa: ASYNC110 - its last turns are under way
            await asyncio.sleep(0)


async def test_one_session_has_only_so_many_streams(
    stack: RunningStack, router: Router, keycloak: Keycloak
) -> None:
    events = Events()
    router.answer = events
    async with (
        serving_page(stack, router.url, streams_per_session=1) as served,
        open_browser(served.url, keycloak) as browser,
    ):
        await browser.log_in("victor")
        async with browser.http.post(
            f"{browser.page}/page/graphql", json=SUBSCRIPTION, headers=browser.own()
        ) as stream:
            assert stream.status == 200
            refused = await browser.post("/page/graphql", SUBSCRIPTION)
            assert refused.status == 429
            assert refused.document["errors"][0]["extensions"]["code"] == "TOO_MANY_STREAMS"
            stream.close()


async def test_a_router_that_is_away_costs_a_clear_word(
    stack: RunningStack, keycloak: Keycloak
) -> None:
    async with (
        serving_page(stack, "http://127.0.0.1:9/graphql") as served,
        open_browser(served.url, keycloak) as browser,
    ):
        await browser.log_in("victor")
        answer = await browser.ask("{ viewer { name } }")
        assert answer.status == 503
        assert answer.headers["Retry-After"]
        [error] = answer.document["errors"]
        assert error["extensions"]["code"] == "ROUTER_UNAVAILABLE"
        assert "127.0.0.1" not in answer.text


async def test_a_router_that_says_nothing_is_not_waited_for_for_ever(
    stack: RunningStack, router: Router, keycloak: Keycloak
) -> None:
    router.answer = Events()  # of which none comes
    silent = Events()

    async def hang(_: web.Request) -> web.StreamResponse:
        await silent.gone.wait()
        return web.json_response({})

    router.answer = hang
    async with (
        serving_page(stack, router.url, router_patience_seconds=0.2) as served,
        open_browser(served.url, keycloak) as browser,
    ):
        await browser.log_in("victor")
        assert (await browser.ask("{ viewer { name } }")).status == 503


async def test_an_answer_that_is_too_large_is_refused(
    stack: RunningStack, router: Router, keycloak: Keycloak
) -> None:
    async def large(_: web.Request) -> web.StreamResponse:
        return web.json_response({"data": "x" * 5000})

    router.answer = large
    async with (
        serving_page(stack, router.url, answer_limit_bytes=4096) as served,
        open_browser(served.url, keycloak) as browser,
    ):
        await browser.log_in("victor")
        answer = await browser.ask("{ viewer { name } }")
        assert answer.status == 502
        assert answer.document["errors"][0]["extensions"]["code"] == "ANSWER_TOO_LARGE"


async def test_a_token_never_follows_a_redirect_of_the_router(
    browser: Browser, router: Router
) -> None:
    async def elsewhere(_: web.Request) -> web.StreamResponse:
        return web.Response(
            status=307, headers={"Location": router.url, "Set-Cookie": "a=b", "X-Inside": "1"}
        )

    router.answer = elsewhere
    await browser.log_in("victor")
    answer = await browser.ask("{ viewer { name } }")
    assert len(router.asked) == 1
    for name in ("Location", "Set-Cookie", "X-Inside"):
        assert name not in answer.headers


async def test_refusals_of_the_router_reach_the_page_as_they_are(
    browser: Browser, router: Router
) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.json_response(
            {"errors": [{"message": "too deep"}]}, status=400, headers={"Retry-After": "7"}
        )

    router.answer = refuse
    await browser.log_in("victor")
    answer = await browser.ask("{ viewer { name } }")
    assert (answer.status, answer.document) == (400, {"errors": [{"message": "too deep"}]})
    assert answer.headers["Retry-After"] == "7"
