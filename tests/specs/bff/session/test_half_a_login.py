"""A callback counts in the browser that began the login, with this process, in time; and in no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.session.login_seal import Login, LoginRefused, LoginSeal, new_browser

BROWSER = new_browser()
SEAL = LoginSeal(b"k" * 32, life_seconds=1800)


def test_a_login_is_finished_as_it_was_begun() -> None:
    begun = SEAL.begin(BROWSER, "/devices", at=100)
    assert SEAL.finish(BROWSER, begun.state, at=1900) == begun
    assert begun.return_path == "/devices"


def test_two_tabs_log_in_at_once() -> None:
    one, other = (SEAL.begin(BROWSER, f"/{path}", at=100) for path in ("one", "other"))
    assert len({one.state, other.state, one.nonce, other.nonce, one.verifier, other.verifier}) == 6
    assert SEAL.finish(BROWSER, other.state, at=101).return_path == "/other"
    assert SEAL.finish(BROWSER, one.state, at=102).return_path == "/one"


@pytest.mark.parametrize("browser", [new_browser(), None, ""], ids=["another", "none", "empty"])
def test_a_login_that_somebody_else_began_is_refused(browser: str | None) -> None:
    state = SEAL.begin(BROWSER, "/", at=100).state
    with pytest.raises(LoginRefused, match="this browser"):
        SEAL.finish(browser, state, at=101)


def test_a_login_of_another_process_is_refused() -> None:
    state = LoginSeal(b"o" * 32, life_seconds=1800).begin(BROWSER, "/", at=100).state
    with pytest.raises(LoginRefused, match="did not begin in this browser"):
        SEAL.finish(BROWSER, state, at=101)


@pytest.mark.parametrize("at", [1900.1, 99])
def test_a_login_that_took_too_long_is_refused(at: float) -> None:
    state = SEAL.begin(BROWSER, "/", at=100).state
    with pytest.raises(LoginRefused, match="too long"):
        SEAL.finish(BROWSER, state, at=at)


@given(st.data())
def test_a_state_that_was_changed_anywhere_is_refused(data: st.DataObject) -> None:
    state = SEAL.begin(BROWSER, "/devices", at=100).state
    place = data.draw(st.integers(0, len(state) - 1))
    sign = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    changed = f"{state[:place]}{sign}{state[place + 1 :]}"
    try:
        finished: Login | None = SEAL.finish(BROWSER, changed, at=101)
    except LoginRefused:
        finished = None
    # Of base64's last sign some bits say nothing: then it is the same state in other letters.
    assert finished is None or finished.return_path == "/devices"


@given(st.text(max_size=60))
def test_what_is_no_state_is_refused(state: str) -> None:
    with pytest.raises(LoginRefused):
        SEAL.finish(BROWSER, state, at=101)


def test_a_state_is_never_so_long_that_an_address_would_be() -> None:
    assert len(SEAL.begin(BROWSER, "/" + "x" * 511, at=1e9).state) < 1000
    with pytest.raises(LoginRefused):
        SEAL.finish(BROWSER, "x" * 100_000, at=101)


def test_the_challenge_is_that_of_rfc_7636() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    login = Login(state="", nonce="", verifier=verifier, return_path="/")
    assert login.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_verifier_is_as_long_as_the_standard_asks_and_not_shown() -> None:
    begun = SEAL.begin(BROWSER, "/", at=100)
    assert len(begun.verifier) == 43
    assert begun.verifier not in repr(begun)
