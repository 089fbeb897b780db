"""Which requests of a browser count: made by the page, with its session's CSRF token, not too often, not too large."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from bff.graph.schema_file import TRUSTED_FILE
from tests.adapters.bff.session.serving import serving_page
from tests.neighbours.browser import Browser, open_browser
from tests.neighbours.keycloak import Keycloak, claims
from tests.neighbours.router_as_told import Router
from tests.neighbours.stack import RunningStack

QUERY = "{ viewer { name } }"


async def test_the_page_asks_and_gets_the_router_s_answer(browser: Browser, router: Router) -> None:
    await browser.log_in("anna")
    answer = await browser.ask(QUERY, traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    assert (answer.status, answer.document) == (200, {"data": {}})
    [asked] = router.asked
    assert asked.body == b'{"query": "{ viewer { name } }"}'
    assert claims(asked.token)["preferred_username"] == "anna"
    assert asked.headers["traceparent"].startswith("00-aaaa")
    assert "cookie" not in asked.headers
    assert "x-csrf-token" not in asked.headers


@pytest.mark.parametrize(
    "forged",
    [
        {"x-csrf-token": ""},
        {"x-csrf-token": "x" * 43},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://localhost"},
        {"origin": "", "sec-fetch-site": "cross-site"},
        {"origin": "", "sec-fetch-site": "same-site"},
        {"origin": "", "sec-fetch-site": ""},
    ],
)
@pytest.mark.parametrize("path", ["/page/graphql", "/page/logout"])
async def test_a_request_that_the_page_did_not_make_is_refused_and_goes_nowhere(
    browser: Browser, router: Router, path: str, forged: dict[str, str]
) -> None:
    await browser.log_in("anna")
    answer = await browser.post(path, {"query": QUERY}, **forged)
    assert answer.status == 403
    assert answer.document["errors"][0]["extensions"]["code"] == "NOT_FROM_THE_PAGE"
    assert router.asked == []
    assert (await browser.session())["username"] == "anna", "nothing happened to the session"


async def test_the_csrf_token_of_another_session_is_worth_nothing(
    browser: Browser, other_browser: Browser, router: Router
) -> None:
    await browser.log_in("victor")
    await other_browser.log_in("anna")
    answer = await other_browser.ask(QUERY, **{"x-csrf-token": browser.csrf_token})
    assert answer.status == 403
    assert router.asked == []


async def test_a_script_of_another_site_learns_no_csrf_token(browser: Browser) -> None:
    await browser.log_in("anna")
    for headers in ({"origin": "https://elsewhere.example"}, {"sec-fetch-site": "cross-site"}):
        answer = await browser.get("/page/session", **headers)
        assert answer.status == 403
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
async def test_a_question_comes_by_post_alone(
    browser: Browser, router: Router, method: str
) -> None:
    """Whatever a link, a picture or a form of another site can make a browser do."""
    await browser.log_in("anna")
    for path in ("/page/graphql?query={viewer{name}}", "/page/logout"):
        async with browser.http.request(method, f"{browser.page}{path}") as answer:
            assert answer.status == 405
    form = {**browser.own(), "content-type": "text/plain"}
    async with browser.http.post(
        f"{browser.page}/page/graphql", data='{"query": "{x}"}', headers=form
    ) as answer:
        assert answer.status == 415
    assert router.asked == []


async def test_whatever_authorization_a_browser_sends_the_session_s_own_is_used(
    browser: Browser, router: Router, keycloak: Keycloak
) -> None:
    await browser.log_in("victor")
    better = await keycloak.person_token("anna")
    assert (await browser.ask(QUERY, authorization=f"Bearer {better}")).status == 200
    assert claims(router.asked[0].token)["preferred_username"] == "victor"
    browser.http.cookie_jar.clear()
    assert (await browser.get("/page/session", authorization=f"Bearer {better}")).status == 401
    assert (await browser.ask(QUERY, authorization=f"Bearer {better}")).status == 401
    assert len(router.asked) == 1


async def test_only_origins_of_the_allow_list_may_ask_from_elsewhere(
    stack: RunningStack, router: Router, keycloak: Keycloak
) -> None:
    friend = "https://map.example.com"
    async with (
        serving_page(stack, router.url, allowed_origins=[friend]) as served,
        open_browser(served.url, keycloak) as browser,
    ):
        for origin, allowed in ((friend, friend), ("https://elsewhere.example", None)):
            for path in ("/page/graphql", "/graphql"):
                asked = {
                    "origin": origin,
                    "access-control-request-method": "POST",
                    "access-control-request-headers": "x-csrf-token,content-type",
                }
                async with browser.http.options(f"{served.url}{path}", headers=asked) as preflight:
                    assert preflight.headers.get("access-control-allow-origin") == allowed
        await browser.log_in("anna")
        answer = await browser.ask(QUERY, origin=friend)
        assert answer.status == 200
        assert answer.headers["access-control-allow-origin"] == friend
        assert answer.headers["access-control-allow-credentials"] == "true"


async def test_without_an_allow_list_nobody_elsewhere_may_ask(browser: Browser) -> None:
    asked = {"origin": "https://map.example.com", "access-control-request-method": "POST"}
    for path in ("/page/graphql", "/graphql", "/page/session"):
        async with browser.http.options(f"{browser.page}{path}", headers=asked) as preflight:
            assert "access-control-allow-origin" not in preflight.headers


async def test_who_asks_too_often_waits_and_nobody_else_does(
    stack: RunningStack, router: Router, keycloak: Keycloak
) -> None:
    async with (
        serving_page(stack, router.url, requests_per_second=0.01, requests_at_once=4) as served,
        open_browser(served.url, keycloak) as one,
        open_browser(served.url, keycloak) as same_person,
        open_browser(served.url, keycloak) as another,
    ):
        await one.log_in("anna")
        await same_person.log_in("anna")
        assert [(await one.ask(QUERY)).status for _ in range(3)] == [200, 200, 429]
        refused = await same_person.ask(QUERY)
        assert refused.status == 429
        assert int(refused.headers["Retry-After"]) > 1
        assert refused.document["errors"][0]["extensions"]["code"] == "TOO_MANY_REQUESTS"
        await another.log_in("victor")
        assert (await another.ask(QUERY)).status == 200


async def test_from_one_address_there_are_only_so_many_logins(
    stack: RunningStack, router: Router, keycloak: Keycloak
) -> None:
    async with (
        serving_page(stack, router.url, logins_per_second=0.01, logins_at_once=2) as served,
        open_browser(served.url, keycloak) as browser,
    ):
        for _ in range(2):
            await browser.begin_login()
        for path in ("/page/login", "/page/callback?state=x&code=x"):
            refused = await browser.get(path, **{"x-forwarded-for": "203.0.113.7"})
            assert refused.status == 429
            assert int(refused.headers["Retry-After"]) > 1


async def test_at_the_subgraph_each_token_is_counted(
    stack: RunningStack, router: Router, keycloak: Keycloak
) -> None:
    async with (
        serving_page(
            stack, router.url, subgraph_requests_per_second=0.01, subgraph_requests_at_once=3
        ) as served,
        aiohttp.ClientSession() as http,
    ):

        async def ask(headers: dict[str, str]) -> Any:
            async with http.post(
                f"{served.url}/graphql", json={"query": "{ __typename }"}, headers=headers
            ) as answer:
                return answer.status

        anna = {"authorization": f"Bearer {await keycloak.person_token('anna')}"}
        victor = {"authorization": f"Bearer {await keycloak.person_token('victor')}"}
        assert [await ask(anna) for _ in range(4)] == [200, 200, 200, 429]
        assert await ask(victor) == 200
        assert [await ask({}) for _ in range(4)][-1] == 429


async def test_the_page_names_its_documents_by_hash_and_may_be_held_to_them(
    stack: RunningStack, router: Router, keycloak: Keycloak
) -> None:
    async with (
        serving_page(stack, router.url, trusted_documents_only=True) as served,
        open_browser(served.url, keycloak) as browser,
    ):
        await browser.log_in("anna")
        name, text = next(iter(json.loads(TRUSTED_FILE.read_text()).items()))
        assert (await browser.post("/page/graphql", {"documentId": name})).status == 200
        assert json.loads(router.asked[0].body)["query"] == text
        refused = await browser.ask(QUERY)
        assert refused.status == 400
        assert refused.document["errors"][0]["extensions"]["reason"] == "DOCUMENT_UNKNOWN"
        assert len(router.asked) == 1


async def test_a_question_that_is_too_large_is_refused(browser: Browser, router: Router) -> None:
    await browser.log_in("anna")
    answer = await browser.ask("x" * (2 * 1024 * 1024 + 1))
    assert answer.status == 413
    assert router.asked == []


async def test_many_sessions_of_one_person_end_the_oldest(
    stack: RunningStack, router: Router, keycloak: Keycloak
) -> None:
    async with serving_page(stack, router.url, sessions_per_person=2) as served:
        numbers = []
        for _ in range(3):
            async with open_browser(served.url, keycloak) as browser:
                await browser.log_in("victor")
                numbers.append(browser.session_cookie())
        found = [served.store.find(number) is not None for number in numbers]
        assert found == [False, True, True]


async def test_requests_without_a_session_are_counted_by_address(
    stack: RunningStack, router: Router
) -> None:
    async with (
        serving_page(stack, router.url, requests_per_second=0.01, requests_at_once=5) as served,
        aiohttp.ClientSession() as http,
    ):

        async def status() -> int:
            async with http.get(f"{served.url}/page/session") as answer:
                return answer.status

        answers = await asyncio.gather(*(status() for _ in range(8)))
        assert sorted(answers) == [401] * 5 + [429] * 3
