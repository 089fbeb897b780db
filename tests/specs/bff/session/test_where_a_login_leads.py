"""A login leads back to a path of the page, whatever is asked for, and to no other place."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.session.return_path import NoLocalPath, local_path

PAGE = "https://park.example.com"


@pytest.mark.parametrize(
    "said",
    [
        "/",
        "/devices",
        "/devices?lifecycle=ERROR&area=Mitte#map",
        "/devices/north%2F1ISK001",
        "/a//b",
        "/pages",
        "/?next=https://elsewhere.example",
    ],
)
def test_a_path_of_the_page_is_led_back_to(said: str) -> None:
    assert local_path(said) == said


@pytest.mark.parametrize("said", [None, ""])
def test_who_asks_for_none_comes_to_the_beginning(said: str | None) -> None:
    assert local_path(said) == "/"


@pytest.mark.parametrize(
    "said",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "///elsewhere.example/",
        "/\\elsewhere.example/",
        "\\\\elsewhere.example",
        "/\t/elsewhere.example/",
        "/\n/elsewhere.example",
        " //elsewhere.example",
        "javascript:alert(1)",
        "devices",
        "/devices\r\nSet-Cookie: a=b",
        "/\x00",
        "/devi ces",
        "/geräte",
        "/page/login?returnTo=/page/login",
        "/page",
        "/page/",
        "/page?x",
        "/" + "x" * 512,
    ],
)
def test_anything_else_is_refused_without_being_repeated(said: str) -> None:
    with pytest.raises(NoLocalPath) as refused:
        local_path(said)
    assert "elsewhere" not in str(refused.value)


_NASTY = st.text(alphabet="/\\.:@?#%&=;ae \t\r\n\x00\ufe68\uff0f", max_size=12)


@given(_NASTY.map(lambda text: f"/{text}"))
def test_whatever_is_taken_stays_on_this_address(said: str) -> None:
    try:
        taken = local_path(said)
    except NoLocalPath:
        return
    # As a browser reads it: white space at the ends and control signs away, a backslash is a slash.
    as_read = taken.strip().replace("\\", "/").translate({9: None, 10: None, 13: None})
    leads_to = urlsplit(urljoin(f"{PAGE}/page/callback", as_read))
    assert (leads_to.scheme, leads_to.netloc) == ("https", "park.example.com")
