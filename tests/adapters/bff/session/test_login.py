"""Logging in through Keycloak's own pages: who gets a session, and who gets somebody else's (nobody)."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from yarl import URL

from tests.adapters.bff.session.serving import Served, serving_page
from tests.neighbours.browser import Browser, open_browser
from tests.neighbours.keycloak import Keycloak
from tests.neighbours.router_as_told import Router
from tests.neighbours.stack import RunningStack


async def test_a_person_logs_in_and_the_page_knows_who_he_is(browser: Browser) -> None:
    back = await browser.log_in("victor", "/devices?lifecycle=ERROR")
    assert back.headers["Location"] == "/devices?lifecycle=ERROR"
    [cookie] = back.cookies.values()
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/page")
    assert not cookie["expires"]
    assert not cookie["max-age"]

    who = await browser.session()
    assert (who["username"], who["roles"], who["networks"]) == (
        "victor",
        ["asset-viewer"],
        ["north"],
    )
    assert who["csrfToken"]
    assert who["expiresAt"]


async def test_the_login_asks_for_a_code_with_proof_of_who_asked(browser: Browser) -> None:
    asked = parse_qs(urlsplit(await browser.begin_login()).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert asked["redirect_uri"] == [f"{browser.page}/page/callback"]
    assert asked["state"]
    assert asked["nonce"]
    again = parse_qs(urlsplit(await browser.begin_login()).query)
    for name in ("state", "nonce", "code_challenge"):
        assert asked[name] != again[name]


async def test_no_token_of_any_kind_comes_to_the_browser(
    browser: Browser, router: Router, capfd: pytest.CaptureFixture[str]
) -> None:
    await browser.log_in("anna")
    await browser.ask("{ viewer { name } }")
    [asked] = router.asked
    await browser.post("/page/logout")
    token = asked.token
    logged = "".join(capfd.readouterr())
    for seen in browser.seen:
        told = "\n".join([seen.text, *(f"{name}: {value}" for name, value in seen.headers.items())])
        # A signed token begins with an object in base64, and so do its parts.
        assert "eyJ" not in told.replace(_state_of(seen.headers.get("Location", "")), "")
        assert not any(part in told for part in token.split("."))
    assert not any(part in logged for part in token.split("."))


def _state_of(location: str) -> str:
    # Ours, and nobody's secret: where the login leads back to and when it began, under a MAC.
    return parse_qs(urlsplit(location).query).get("state", ["-"])[0]


async def test_who_is_not_logged_in_is_told_where_to(browser: Browser) -> None:
    for answer in (await browser.get("/page/session"), await browser.ask("{ viewer { name } }")):
        assert answer.status == 401
        [error] = answer.document["errors"]
        assert error["extensions"] == {"code": "NOT_LOGGED_IN", "loginPath": "/page/login"}


async def test_the_callback_of_somebody_else_logs_nobody_in(
    browser: Browser, other_browser: Browser
) -> None:
    """An attacker logs in, and has his victim call the callback: the victim would work as the attacker."""
    of_the_attacker = await browser.way_back("victor")
    for victim_has_begun in (False, True):
        if victim_has_begun:
            await other_browser.begin_login()
        lured = await other_browser.get(of_the_attacker)
        assert lured.status == 400
        assert "this browser" in lured.text
        assert not lured.cookies
    assert (await other_browser.get("/page/session")).status == 401


async def test_a_session_that_somebody_planted_before_the_login_is_worth_nothing(
    browser: Browser, other_browser: Browser
) -> None:
    await browser.log_in("victor")
    planted = browser.session_cookie()
    [name] = [
        one.key for one in browser.http.cookie_jar if "session" in one.key and "meter" in one.key
    ]
    other_browser.http.cookie_jar.update_cookies(
        {name: planted}, response_url=URL(f"{other_browser.page}/page/login")
    )
    await other_browser.log_in("anna")
    assert other_browser.session_cookie() != planted
    assert (await other_browser.session())["username"] == "anna"
    assert (await browser.get("/page/session")).status == 401, (
        "logged in anew means logged out before"
    )


async def test_a_code_serves_once(browser: Browser) -> None:
    callback = await browser.way_back("victor")
    assert (await browser.get(callback)).status == 303
    again = await browser.get(callback)
    assert again.status == 400
    assert "Log in again" in again.text


async def test_a_state_with_somebody_s_own_code_is_refused(
    browser: Browser, other_browser: Browser
) -> None:
    """The code is bound by PKCE to the login that asked for it, whoever brings it."""
    stolen = parse_qs(urlsplit(await browser.way_back("anna")).query)["code"][0]
    state = parse_qs(urlsplit(await other_browser.begin_login()).query)["state"][0]
    brought = await other_browser.get(
        f"/page/callback?{urlencode({'code': stolen, 'state': state})}"
    )
    assert brought.status == 400
    assert not brought.cookies


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=x",
        "state=x",
        "state=x&code=x",
        "error=access_denied",
        "state=" + "x" * 5000,
        "code=x&state=%00",
    ],
)
async def test_a_callback_that_is_none_is_refused(browser: Browser, query: str) -> None:
    await browser.begin_login()
    answer = await browser.get(f"/page/callback?{query}")
    assert answer.status == 400
    assert not answer.cookies


async def test_what_the_provider_says_is_not_repeated_as_markup(browser: Browser) -> None:
    state = parse_qs(urlsplit(await browser.begin_login()).query)["state"][0]
    said = urlencode({"state": state, "error": "<script>alert(1)</script>"})
    answer = await browser.get(f"/page/callback?{said}")
    assert answer.status == 400
    assert "<script>" not in answer.text


async def test_an_answer_of_another_provider_is_refused(browser: Browser) -> None:
    callback = await browser.way_back("victor")
    assert "iss=" in callback, "Keycloak says who it is"
    elsewhere = callback.replace(
        urlsplit(browser.keycloak.issuer()).path.replace("/", "%2F"), "%2Fx"
    )
    assert elsewhere != callback
    answer = await browser.get(elsewhere)
    assert answer.status == 400
    assert "another provider" in answer.text


@pytest.mark.parametrize(
    "return_to", ["https://elsewhere.example", "//elsewhere.example", "/page/login"]
)
async def test_a_login_leads_to_no_other_place(browser: Browser, return_to: str) -> None:
    answer = await browser.get(f"/page/login?{urlencode({'returnTo': return_to})}")
    assert answer.status == 400
    assert "Location" not in answer.headers
    assert "elsewhere" not in answer.text


async def test_a_failed_login_is_told_in_a_page_whose_style_its_policy_allows(
    browser: Browser,
) -> None:
    answer = await browser.get("/page/callback?state=forged&code=x")
    assert answer.status == 400
    assert "The login did not work" in answer.text
    assert 'href="/page/login"' in answer.text
    style = answer.text.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("cookie", "asked"), [("de", ["de"]), ("en", ["en"]), ("fr", None), ("de; ui_locales=xx", None)]
)
async def test_the_login_speaks_the_language_that_was_chosen_in_the_page(
    browser: Browser, cookie: str, asked: list[str] | None
) -> None:
    answer = await browser.get("/page/login", cookie=f'meterpark-language="{cookie}"')
    told = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert told.get("ui_locales") == asked


async def test_two_tabs_that_log_in_at_once_both_come_back(browser: Browser) -> None:
    first = await browser.begin_login("/one")
    second = await browser.begin_login("/two")
    back = await browser.get(await browser.keycloak.fill_in_login(browser.http, second, "victor"))
    assert back.headers["Location"] == "/two"
    # Keycloak knows him by now, and leads straight back.
    straight = await browser.get(first)
    assert (await browser.get(straight.headers["Location"])).headers["Location"] == "/one"
    assert (await browser.session())["username"] == "victor"


async def test_while_keycloak_is_away_the_login_says_so(
    stack: RunningStack, router: Router, keycloak: Keycloak
) -> None:
    nobody = "http://127.0.0.1:9/realms/meterpark"
    async with (
        serving_page(stack, router.url, provider_url=nobody) as served,
        open_browser(served.url, keycloak) as browser,
    ):
        answer = await browser.get("/page/login")
        assert answer.status == 503
        assert "Keycloak cannot be reached" in answer.text
        assert answer.headers["Retry-After"]


async def test_a_wrong_secret_logs_nobody_in_and_one_that_is_mended_does(
    stack: RunningStack, router: Router, keycloak: Keycloak, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("wrong")
    async with (
        serving_page(stack, router.url, client_secret_file=secret) as served,
        open_browser(served.url, keycloak) as browser,
    ):
        answer = await browser.get(await browser.way_back("victor"))
        assert answer.status == 400
        assert "wrong" not in answer.text
        secret.write_text(keycloak.client_secret("bff"))
        straight = await browser.get(await browser.begin_login())
        assert (await browser.get(straight.headers["Location"])).status == 303


async def test_every_answer_tells_the_browser_what_not_to_do(
    browser: Browser, served: Served
) -> None:
    await browser.log_in("victor")
    await browser.ask("{ viewer { name } }")
    await browser.get("/page/nothing-here")
    ours = [one for one in browser.seen if "realms" not in one.headers.get("Content-Location", "")]
    assert len(ours) >= 5
    for answer in ours:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Strict-Transport-Security" not in ours[0].headers, "this machine speaks plain HTTP"
    assert served.url.startswith("http://")
