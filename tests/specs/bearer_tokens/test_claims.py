"""Reading a token that nobody has checked: whatever it holds, what is unreadable is left empty."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bearer_tokens.claims import claims_of


def unchecked(payload: bytes) -> str:
    return f"e30.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.c2lnbmVk"


def test_a_token_says_who_its_bearer_is_and_until_when() -> None:
    told = {"sub": "7c2f", "preferred_username": "anna", "exp": 1_790_000_000, "networks": ["n"]}
    claims = claims_of(unchecked(json.dumps(told).encode()))
    assert (claims.subject, claims.name, claims.networks) == ("7c2f", "anna", ("n",))
    assert claims.ends_at == datetime.fromtimestamp(1_790_000_000, UTC)


@pytest.mark.parametrize(
    "end", ["253402300800", "-99999999999999", "1" + "0" * 400, "1e300", "NaN", "true", '"soon"']
)
def test_an_end_that_no_calendar_has_is_none(end: str) -> None:
    claims = claims_of(unchecked(f'{{"sub": "7c2f", "exp": {end}}}'.encode()))
    assert claims.ends_at is None
    assert claims.subject == "7c2f"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
_NAMES = ("sub", "exp", "azp", "preferred_username", "realm_access", "networks")


@given(
    st.binary(max_size=100)
    | st.dictionaries(st.sampled_from(_NAMES), json_values).map(
        lambda told: json.dumps(told).encode()
    )
)
@example(b"[" * 5_000)
@example(b'{"exp": 253402300800}')
@example(b'{"realm_access": {"roles": [[1], null]}}')
@example(b"\xff\xfe")
@example(b'{"preferred_username": "\\ud800", "networks": ["\\udfff"]}')
def test_no_payload_makes_the_reading_stumble(payload: bytes) -> None:
    claims = claims_of(unchecked(payload))
    assert claims.ends_at is None or claims.ends_at.tzinfo is UTC
    assert claims.name.encode()
    assert all(text == text.encode().decode() for text in (*claims.roles, *claims.networks))


@given(st.text(max_size=100) | st.text("ab.=-_", max_size=40))
@example("\ud800.\ud800.\ud800")
@example("a.é.b")
def test_no_text_makes_the_reading_stumble(token: str) -> None:
    assert claims_of(token).name
