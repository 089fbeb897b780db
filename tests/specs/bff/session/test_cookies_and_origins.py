"""Which cookies the page sets, and which requests it takes for its own."""

import pytest

from bff.session.cookies import page_cookies
from bff.session.login_seal import new_browser
from bff.session.origins import OwnOrigins, origin_of

PARK = "https://park.example.com"


def test_over_https_no_other_name_can_plant_a_cookie() -> None:
    cookies = page_cookies(PARK, login_seconds=1800)
    for cookie in (cookies.session, cookies.login):
        assert cookie.name.startswith("__Host-")
        # Browsers refuse the prefix without these two.
        assert (cookie.secure, cookie.path) == (True, "/")
        assert cookie.same_site == "lax"


def test_on_this_machine_two_stacks_do_not_share_a_session() -> None:
    one, other = (
        page_cookies(f"http://localhost:{port}", login_seconds=1800).session
        for port in (20190, 21190)
    )
    assert one.name != other.name
    assert (one.secure, one.path) == (False, "/page")


@pytest.mark.parametrize("said", ["", "x", "x" * 44, "ä" * 43])
def test_a_cookie_that_cannot_be_ours_is_none(said: str) -> None:
    cookie = page_cookies(PARK, login_seconds=1800).session
    assert cookie.read({cookie.name: said}) is None
    assert cookie.read({}) is None


def test_a_number_of_ours_is_read() -> None:
    cookie = page_cookies(PARK, login_seconds=1800).session
    number = new_browser()
    assert cookie.read({cookie.name: number}) == number


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Park.Example.com/page/", PARK),
        ("https://park.example.com:443", PARK),
        ("http://localhost:20190/", "http://localhost:20190"),
        ("http://[::1]:80/x", "http://[::1]"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"origin": PARK}, True),
        ({"origin": "https://map.example.com"}, True),
        ({"origin": PARK, "sec-fetch-site": "cross-site"}, True),
        ({"origin": "https://elsewhere.example"}, False),
        ({"origin": "https://elsewhere.example", "sec-fetch-site": "same-origin"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"origin": "http://park.example.com"}, False),
        ({"origin": "https://park.example.com.elsewhere.example"}, False),
        ({"origin": "https://park.example.com:8443"}, False),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({}, False),
    ],
)
def test_only_the_page_and_the_allow_list_may_change_something(
    headers: dict[str, str],
    own: bool,  # noqa: FBT001 - what is expected
) -> None:
    assert OwnOrigins(f"{PARK}/", ["https://map.example.com"]).has_sent(headers) is own


@pytest.mark.parametrize(
    ("headers", "may"),
    [
        ({}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": PARK}, True),
        ({"origin": "https://elsewhere.example"}, False),
    ],
)
def test_a_script_of_another_site_is_told_nothing(
    headers: dict[str, str],
    may: bool,  # noqa: FBT001 - what is expected
) -> None:
    assert OwnOrigins(PARK, []).may_read(headers) is may
