"""An ID token counts when the provider signed it for this client, for this login, and no other token does."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bearer_tokens.signing_keys import Keys, SigningKeys, parse_keys
from bearer_tokens.token_check import TokenInvalid
from bff.session.id_token import IdTokenCheck
from tests.neighbours.issuer import ISSUER, claims, ec_key, rsa_key, signed

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = rsa_key("page")
SUBJECT = "7c2f1f6e-6a60-4c0e-8f7c-0d2b7f6c1a11"


async def _read() -> Keys:
    return parse_keys(json.dumps({"keys": [KEY.as_dict(private=False)]}).encode())


@pytest.fixture
def check() -> IdTokenCheck:
    keys = SigningKeys(_read, pause_seconds=3600)
    return IdTokenCheck(keys=keys, issuer=ISSUER, client_id="bff", leeway_seconds=2)


def said(**about: Any) -> dict[str, Any]:
    return claims(at=NOON, **{"client": "bff", "aud": "bff", "typ": "ID", "nonce": "n-1", **about})


async def test_the_answer_to_this_login_says_who_logged_in(check: IdTokenCheck) -> None:
    token = signed(KEY, said())
    assert await check.subject(token, nonce="n-1", at=NOON) == SUBJECT


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "n-2"},
        {"nonce": None},
        {"aud": "smoc-service"},
        {"aud": None},
        {"client": "meterpark-page", "aud": ["bff", "meterpark-page"]},
        {"iss": "http://elsewhere.test/realms/meterpark"},
        {"typ": "Bearer"},
        {"typ": None},
        {"exp": int(NOON.timestamp()) - 3},
        {"exp": None},
        {"iat": None},
        {"iat": int(NOON.timestamp()) + 60},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
    ],
)
async def test_a_token_that_says_anything_else_is_refused(
    check: IdTokenCheck, wrong: dict[str, Any]
) -> None:
    with pytest.raises(TokenInvalid):
        await check.subject(signed(KEY, said(**wrong)), nonce="n-1", at=NOON)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30."])
async def test_what_is_no_token_is_refused(check: IdTokenCheck, token: str) -> None:
    with pytest.raises(TokenInvalid):
        await check.subject(token, nonce="n-1", at=NOON)


async def test_a_token_that_somebody_else_signed_is_refused(check: IdTokenCheck) -> None:
    with pytest.raises(TokenInvalid):
        await check.subject(signed(ec_key("stranger"), said()), nonce="n-1", at=NOON)


async def test_clocks_may_be_apart_a_little(check: IdTokenCheck) -> None:
    token = signed(KEY, said(life=timedelta(minutes=1)))
    late = NOON + timedelta(seconds=61)
    assert await check.subject(token, nonce="n-1", at=late) == SUBJECT
