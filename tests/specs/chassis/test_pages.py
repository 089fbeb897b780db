"""Tokens that callers keep for the register."""

from hypothesis import given
from hypothesis import strategies as st

from service_chassis.pages import seal, unseal

scopes = st.text(max_size=20)
texts = st.text(max_size=60)


@given(scope=scopes, text=texts)
def test_a_token_opens_for_what_it_was_made_for(scope: str, text: str) -> None:
    assert unseal(scope, seal(scope, text)) == text


@given(scope=scopes, other=scopes, text=texts)
def test_a_token_opens_for_nothing_else(scope: str, other: str, text: str) -> None:
    if scope != other:
        assert unseal(other, seal(scope, text)) is None


@given(scope=scopes, text=texts, place=st.integers(0), letter=st.characters())
def test_a_token_that_was_touched_does_not_open(
    scope: str, text: str, place: int, letter: str
) -> None:
    token = seal(scope, text)
    at = place % len(token)
    touched = token[:at] + letter + token[at + 1 :]
    if touched != token:
        assert unseal(scope, touched) is None
    assert unseal(scope, token[:at]) is None


@given(token=st.text(max_size=60))
def test_no_text_makes_it_stumble(token: str) -> None:
    assert unseal("devices", token) is None
