"""Who gets through the router to the bff, and what anybody is told who does not."""

import asyncio
import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

from tests.adapters.router.asking import LET_THROUGH, PATIENCE_SECONDS, ask, reason, reason_for
from tests.neighbours.issuer import Issuer, claims, ec_key, hang, signed
from tests.neighbours.router import Router


def signed_with_the_public_key(issuer: Issuer, body: str) -> str:
    """Return a token for a check that takes the algorithm from the token, and a public key for a secret."""
    header = json.dumps({"alg": "HS256", "kid": issuer.key.kid}).encode()
    said = f"{urlsafe_b64encode(header).decode().rstrip('=')}.{body}"
    public = issuer.key.as_pem(private=False)
    by_hmac = hmac.digest(public, said.encode(), "sha256")
    return f"{said}.{urlsafe_b64encode(by_hmac).decode().rstrip('=')}"


async def test_only_a_valid_token_gets_through(router: Router, issuer: Issuer) -> None:
    good = issuer.token()
    assert await reason_for(router, "{ meter { serial } }", good) == LET_THROUGH
    past = datetime.now(UTC) - timedelta(hours=1)
    head, body, _ = good.split(".")
    wrong = {
        "none": None,
        "empty": "",
        "no token": "anna",
        "two": f"{good} {good}",
        "unsigned": f"{head}.{body}.",
        "signed by somebody else": signed(ec_key(str(issuer.key.kid)), claims()),
        "of an unknown key": signed(ec_key("unknown"), claims()),
        "symmetric": signed_with_the_public_key(issuer, body),
        "of another issuer": issuer.token(iss="http://elsewhere.test/realms/meterpark"),
        "for another service": issuer.token(aud=["device-hub"]),
        "not yet": issuer.token(nbf=int((datetime.now(UTC) + timedelta(hours=1)).timestamp())),
        "without an end": issuer.token(exp=None),
        "an end that no calendar has": issuer.token(exp=253402300800),
        "an end without end": issuer.token(exp=1e300),
        "without a person": issuer.token(sub=None),
        "of a nameless person": issuer.token(sub=""),
        "of a person that is none": issuer.token(sub=5),
        "brackets without end": f"{head}.{urlsafe_b64encode(b'[' * 5001).decode()}.c2ln",
        "longer than services take": issuer.token(filler="x" * 9000),
    }
    for why, token in wrong.items():
        status, answer = await ask(router, "{ meter { serial } }", token)
        assert (status, reason(answer)) == (401, "UNAUTHENTICATED"), why
    status, answer = await ask(router, "{ meter { serial } }", issuer.token(at=past))
    assert (status, reason(answer)) == (401, "TOKEN_EXPIRED")


async def test_the_schema_is_told_to_nobody_without_a_token(router: Router, issuer: Issuer) -> None:
    question = "{ __schema { queryType { name } } }"
    assert await reason_for(router, question, None) == "UNAUTHENTICATED"
    assert (await ask(router, question, issuer.token()))[1]["data"]


async def test_roles_are_policies_and_scopes_are_scopes_whatever_the_query_looks_like(
    router: Router, issuer: Issuer
) -> None:
    viewer = issuer.token(roles=["asset-viewer"], scope="profile")
    manager = issuer.token(roles=["asset-manager"], scope="audit profile")
    for query in (
        'mutation { remove(serial: "1") { serial } }',
        'mutation { a: remove(serial: "1") { serial } }',
        'mutation { ...F } fragment F on Mutation { remove(serial: "1") { serial } }',
        'mutation($no: Boolean = false) { remove(serial: "1") @skip(if: $no) { serial } }',
    ):
        status, answer = await ask(router, query, viewer)
        assert (status, reason(answer)) == (403, "ROLE_MISSING"), query
        assert await reason_for(router, query, manager) == LET_THROUGH, query
    assert await reason_for(router, "{ audited }", viewer) == "ROLE_MISSING"
    assert await reason_for(router, "{ audited }", manager) == LET_THROUGH
    deep = "{ meter { beside { secret } } }"
    assert await reason_for(router, deep, manager) == "ROLE_MISSING"
    assert await reason_for(router, deep, issuer.token(roles=["auditor"])) == LET_THROUGH
    # What another operation of the document would need is not asked for.
    both = 'query Q { meter { serial } } mutation M { remove(serial: "1") { serial } }'
    assert await reason_for(router, both, viewer, operationName="M") == "ROLE_MISSING"


async def test_valid_tokens_go_on_while_the_issuer_is_away_and_a_new_key_is_found_when_it_is_back(
    router: Router, issuer: Issuer
) -> None:
    known = issuer.token()
    issuer.answer = hang
    try:
        assert await reason_for(router, "{ meter { serial } }", known) == LET_THROUGH
    finally:
        issuer.answer = None
    issuer.rotate()
    fresh = issuer.token()

    async with asyncio.timeout(PATIENCE_SECONDS):
        # Looked up at most once a second; until then it is a key that nobody knows.
        while await reason_for(router, "{ meter { serial } }", fresh) != LET_THROUGH:
            pass
    assert await reason_for(router, "{ meter { serial } }", known) == LET_THROUGH
