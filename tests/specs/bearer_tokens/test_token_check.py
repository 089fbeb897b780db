"""Which tokens are valid: every way in which one can be wrong."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwk
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from bearer_tokens.signing_keys import Keys, SigningKeys, parse_keys
from bearer_tokens.token_check import TokenCheck
from service_chassis.caller import Caller
from service_chassis.refusals import CallDenied
from service_chassis.scope import EVERYTHING, Scope
from tests.neighbours.issuer import ISSUER, Key, claims, ec_key, rsa_key, signed

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RSA = rsa_key("rsa")
EC = ec_key("ec")
P384 = jwk.ECKey.generate_key("P-384", {"kid": "p384", "use": "sig"})
STRANGER = ec_key("ec")


def published(*keys: Key) -> bytes:
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


async def _read() -> Keys:
    return parse_keys(published(RSA, EC, P384))


@pytest.fixture
def check() -> TokenCheck:
    keys = SigningKeys(_read, pause_seconds=3600)
    return TokenCheck(keys, issuer=ISSUER, audience="smoc-service", leeway_seconds=2)


async def denied(check: TokenCheck, token: str, at: datetime = NOON) -> CallDenied:
    with pytest.raises(CallDenied) as raised:
        await check.caller(token, at)
    return raised.value


def at_noon(**about: Any) -> dict[str, Any]:
    return claims(at=NOON, **about)


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def by_hand(header: object, payload: object, secret: bytes = b"") -> str:
    """Return what no honest library signs: without a signature, or with an HMAC."""
    text = f"{_part(header)}.{_part(payload)}"
    mac = hmac.digest(secret, text.encode(), "sha256") if secret else b""
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@pytest.mark.parametrize("key", [RSA, EC], ids=["RS256", "ES256"])
async def test_a_good_token_says_who_its_bearer_is(check: TokenCheck, key: Key) -> None:
    token = signed(key, at_noon(roles=["asset-viewer"], networks=["north"], client="bff"))
    assert await check.caller(token, NOON) == Caller(
        subject="7c2f1f6e-6a60-4c0e-8f7c-0d2b7f6c1a11",
        client="bff",
        username="anna",
        roles=frozenset({"asset-viewer"}),
        scope=Scope(frozenset({"north"})),
        expires_at=NOON + timedelta(minutes=5),
    )


@pytest.mark.parametrize(
    "audience", ["smoc-service", ["smoc-service"], ["device-hub", "smoc-service"]]
)
async def test_the_audience_may_be_a_text_or_a_list(check: TokenCheck, audience: object) -> None:
    assert (await check.caller(signed(EC, at_noon(aud=audience)), NOON)).username == "anna"


@pytest.mark.parametrize(
    ("networks", "scope"),
    [
        (["*"], EVERYTHING),
        (["north", "*"], EVERYTHING),
        (["north", "south"], Scope(frozenset({"north", "south"}))),
        ([], Scope(frozenset())),
        (None, Scope(frozenset())),
        ([""], Scope(frozenset())),
    ],
)
async def test_a_token_sees_the_networks_that_it_names_and_no_others(
    check: TokenCheck, networks: list[str] | None, scope: Scope
) -> None:
    assert (await check.caller(signed(EC, at_noon(networks=networks)), NOON)).scope == scope


async def test_a_token_without_roles_is_valid_and_has_none(check: TokenCheck) -> None:
    token = signed(EC, at_noon(realm_access=None))
    assert (await check.caller(token, NOON)).roles == frozenset()


@pytest.mark.parametrize(
    ("about", "why"),
    [
        ({"iss": "http://keycloak.test/realms/other"}, "iss"),
        ({"iss": ISSUER + "/"}, "iss"),
        ({"iss": [ISSUER]}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "device-hub"}, "aud"),
        ({"aud": ["device-hub", "account"]}, "aud"),
        ({"aud": "smoc-service-2"}, "aud"),
        ({"aud": [["smoc-service"]]}, "aud"),
        ({"aud": []}, "aud"),
        ({"aud": None}, "aud"),
        ({"exp": None}, "exp"),
        ({"exp": "never"}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": 10**30}, "exp"),
        ({"exp": float("nan")}, "exp"),
        ({"exp": float("inf")}, "exp"),
        ({"nbf": int(NOON.timestamp()) + 3}, "not yet valid"),
        ({"nbf": "now"}, "nbf"),
        ({"iat": int(NOON.timestamp()) + 3}, "issued in the future"),
        ({"typ": "ID"}, "typ"),
        ({"typ": "Refresh"}, "typ"),
        ({"networks": ["north", 7]}, "networks.1"),
        ({"networks": "*"}, "networks"),
        ({"networks": {"*": True}}, "networks"),
        ({"realm_access": ["asset-manager"]}, "realm_access"),
        ({"realm_access": {"roles": "asset-manager"}}, "realm_access.roles"),
        ({"sub": 5}, "sub"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"exp": 253402300800}, "exp"),
    ],
)
async def test_a_signed_token_with_wrong_claims_is_refused_and_the_log_knows_whose_it_is(
    check: TokenCheck, about: dict[str, Any], why: str
) -> None:
    error = await denied(check, signed(EC, at_noon(**about)))
    assert error.reason == ErrorReason.ERROR_REASON_UNAUTHENTICATED
    assert why in error.why
    assert error.who["username"] == "anna"


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ("", "no signed token"),
        ("garbage", "no signed token"),
        ("a.b", "no signed token"),
        ("a.b.c.d", "no signed token"),
        ("..", "no signed token"),
        ("é.é.é", "no signed token"),
        (by_hand({"alg": "none", "kid": "ec"}, at_noon()), "'none' is not allowed"),
        (by_hand({"alg": "NONE", "kid": "ec"}, at_noon()), "'NONE' is not"),
        (by_hand({"alg": "none"}, at_noon()), "'none' is not allowed"),
        (
            by_hand({"alg": "HS256", "kid": "rsa"}, at_noon(), RSA.as_pem(private=False)),
            "'HS256' is not allowed",
        ),
        (
            by_hand({"alg": "HS256", "kid": "ec"}, at_noon(), EC.as_pem(private=False)),
            "'HS256' is not allowed",
        ),
        (by_hand({"alg": ["RS256"], "kid": "rsa"}, at_noon()), "no signed token"),
        (by_hand({"alg": "RS256", "kid": "rsa"}, at_noon()), "signature is wrong"),
        (by_hand({"alg": "ES256", "kid": "ec"}, at_noon()), "signature is wrong"),
        (by_hand({"alg": "RS256", "kid": "rsa"}, at_noon(), b"guess"), "signature is wrong"),
        (by_hand({"alg": "RS256"}, at_noon(), b"guess"), "names no key"),
        (by_hand({"alg": "RS256", "kid": ""}, at_noon(), b"guess"), "names no key"),
        (by_hand({"alg": "RS256", "kid": 5}, at_noon(), b"guess"), "'kid'"),
        (by_hand({"kid": "rsa"}, at_noon(), b"guess"), "alg"),
        (by_hand(["RS256"], at_noon(), b"guess"), "no signed token"),
        (by_hand({"alg": "ES256", "kid": "rsa"}, at_noon(), b"guess"), "'EC' key"),
        (by_hand({"alg": "RS256", "kid": "ec"}, at_noon(), b"guess"), "'RSA' key"),
        (by_hand({"alg": "ES256", "kid": "p384"}, at_noon(), b"guess"), "no key 'p384'"),
        (signed(STRANGER, at_noon()), "signature is wrong"),
        (signed(ec_key("unknown"), at_noon()), "no key 'unknown'"),
        (signed(EC, at_noon(filler="x" * 9000)), "longer than"),
        (signed(EC, at_noon()) + "A", "signature is wrong"),
    ],
)
async def test_a_token_that_no_published_key_has_signed_is_refused_and_nobody_s(
    check: TokenCheck, token: str, why: str
) -> None:
    error = await denied(check, token)
    assert error.reason == ErrorReason.ERROR_REASON_UNAUTHENTICATED
    assert why in error.why
    assert error.who == {}


@pytest.mark.parametrize(
    "header",
    [
        {"jku": "https://evil.test/certs"},
        {"x5u": "https://evil.test/chain"},
        {"x5c": ["MIIB"]},
        {"jwk": STRANGER.as_dict(private=False)},
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"b64": True},
        {"evil": 1},
    ],
)
async def test_a_header_that_says_where_to_find_the_key_or_how_to_read_on_is_refused(
    check: TokenCheck, header: dict[str, Any]
) -> None:
    kid = {"alg": "ES256", "kid": "ec"}
    error = await denied(check, by_hand({**kid, **header}, at_noon()))
    assert next(iter(header)) in error.why
    assert "signature" not in error.why


@pytest.mark.parametrize("changed", ["header", "payload", "signature"])
async def test_a_token_of_which_a_part_is_another_s_is_refused(
    check: TokenCheck, changed: str
) -> None:
    mine = signed(EC, at_noon(networks=["north"])).split(".")
    other = signed(STRANGER, at_noon(networks=["*"]), typ="at+jwt").split(".")
    place = ["header", "payload", "signature"].index(changed)
    mine[place] = other[place]
    assert "signature is wrong" in (await denied(check, ".".join(mine))).why


async def test_a_token_is_valid_to_the_end_of_the_leeway_and_then_expired(
    check: TokenCheck,
) -> None:
    token = signed(EC, at_noon(life=10 * SECOND))
    await check.caller(token, NOON + 11 * SECOND)
    error = await denied(check, token, NOON + 12 * SECOND)
    assert error.reason == ErrorReason.ERROR_REASON_TOKEN_EXPIRED
    assert error.who["client"] == "meterpark-script"


async def test_a_token_is_valid_from_the_beginning_of_the_leeway(check: TokenCheck) -> None:
    begins = int(NOON.timestamp())
    token = signed(EC, at_noon(nbf=begins, iat=begins))
    await check.caller(token, NOON - 2 * SECOND)
    error = await denied(check, token, NOON - 3 * SECOND)
    assert error.reason == ErrorReason.ERROR_REASON_UNAUTHENTICATED


@pytest.mark.parametrize(
    "about", [{"aud": "other"}, {"iss": "http://other"}, {"typ": "ID"}, {"networks": "north"}]
)
async def test_expired_is_said_only_of_a_token_with_which_nothing_else_is_wrong(
    check: TokenCheck, about: dict[str, Any]
) -> None:
    token = signed(EC, at_noon(**about))
    error = await denied(check, token, NOON + timedelta(days=1))
    assert error.reason == ErrorReason.ERROR_REASON_UNAUTHENTICATED
    expired_forgery = signed(STRANGER, at_noon())
    error = await denied(check, expired_forgery, NOON + timedelta(days=1))
    assert error.reason == ErrorReason.ERROR_REASON_UNAUTHENTICATED


@given(st.text(max_size=300) | st.text("abcAZ09-_.=", max_size=300))
async def test_no_text_makes_the_check_stumble(text: str) -> None:
    keys = SigningKeys(_read, pause_seconds=3600)
    check = TokenCheck(keys, issuer=ISSUER, audience="smoc-service", leeway_seconds=2)
    await denied(check, text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    header=json_values, payload=json_values, member=st.sampled_from(["alg", "kid", "typ", "crit"])
)
async def test_no_header_makes_the_check_stumble(
    header: object, payload: object, member: str
) -> None:
    keys = SigningKeys(_read, pause_seconds=3600)
    check = TokenCheck(keys, issuer=ISSUER, audience="smoc-service", leeway_seconds=2)
    await denied(check, by_hand(header, payload))
    good = {"alg": "ES256", "kid": "ec"}
    await denied(check, by_hand({**good, member: header}, payload))


@given(name=st.sampled_from(sorted(claims())), value=json_values)
async def test_no_claim_makes_the_check_stumble(name: str, value: object) -> None:
    keys = SigningKeys(_read, pause_seconds=3600)
    check = TokenCheck(keys, issuer=ISSUER, audience="smoc-service", leeway_seconds=2)
    token = signed(EC, {**at_noon(), name: value})
    try:
        caller = await check.caller(token, NOON)
    except CallDenied:
        return
    assert caller.expires_at > NOON - 3 * SECOND
