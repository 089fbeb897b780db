"""A token of every kind: from the stack's own Keycloak where it would give one, else forged from one of those."""

import asyncio
import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from joserfc import jws
from joserfc.jwk import RSAKey

from tests.denied.table import HUB, NETWORK, ROLES, TOKENS, VIEWING
from tests.neighbours.keycloak import Keycloak

# Longer than a run takes on the slowest machine.
_LONG_SECONDS = 3600
# Clocks may differ a little, and services allow for that.
_SURELY_OVER_SECONDS = 5
_ELSEWHERE = "elsewhere"


async def every_token(keycloak: Keycloak) -> dict[str, str | None]:
    """Return what stands in the header `authorization`, by the name of the kind; None: no such header."""
    genuine = await _genuine(keycloak)
    strongest = genuine["every role, all networks"]
    tokens = {
        **{name: f"Bearer {token}" for name, token in genuine.items()},
        **{
            name: f"Bearer {token}"
            for name, token in _forged(strongest, await _key(keycloak, strongest)).items()
        },
        "none at all": None,
        "empty": "Bearer ",
        "not a bearer": "Basic YW5uYTpzZWNyZXQ=",
        "garbage": "Bearer garbage",
    }
    assert set(tokens) == {kind.name for kind in TOKENS}
    return tokens


async def _genuine(keycloak: Keycloak) -> dict[str, str]:
    """Signed by Keycloak itself; two of them not for this park at all."""
    await keycloak.make_realm(_ELSEWHERE)
    short_lived = await keycloak.token(roles=ROLES, networks="*", seconds=1)

    async def token(**said: Any) -> str:
        return await keycloak.token(**{"networks": [NETWORK], "seconds": _LONG_SECONDS, **said})

    genuine = {
        "expired": short_lived,
        "wrong issuer": await token(roles=ROLES, networks="*", realm=_ELSEWHERE),
        "wrong audience": await token(roles=ROLES, networks="*", audiences=["bff"]),
        "algorithm PS256": await token(roles=ROLES, networks="*", algorithm="PS256"),
        "algorithm HS512": await token(roles=ROLES, networks="*", algorithm="HS512"),
        "algorithm ES256": await token(roles=VIEWING, algorithm="ES256"),
        **{f"role {role}": await token(roles=[role]) for role in ROLES},
        "no role": await token(),
        "every role, other network": await token(roles=ROLES, networks=["south"]),
        "every role, no network": await token(roles=ROLES, networks=[]),
        "every role, all networks": await token(roles=ROLES, networks="*"),
        "of device-hub itself": await _of_the_hub(keycloak),
    }
    # The one thing that is waited for here is the time itself.
    await asyncio.sleep(_payload(short_lived)["exp"] + _SURELY_OVER_SECONDS - time.time())
    return genuine


async def _of_the_hub(keycloak: Keycloak) -> str:
    """Return a long-lived token of the hub's service account; its client stays as it was."""
    path = f"/clients/{await keycloak.client_id_of(HUB)}"
    found = await keycloak.admin("GET", path)
    await keycloak.set_token_seconds(HUB, _LONG_SECONDS)
    try:
        return await keycloak.service_token(HUB)
    finally:
        await keycloak.admin("PUT", path, found)


def _forged(genuine: str, key: RSAKey) -> dict[str, str]:
    """Made from a token that would open every door, by somebody who does not have Keycloak's key."""
    header, payload, signature = genuine.split(".")
    kid = _decoded(header)["kid"]
    own = RSAKey.generate_key(2048)
    claims = _payload(genuine)

    def signed(by: str) -> str:
        return jws.serialize_compact(
            {"alg": "RS256", "typ": "JWT", "kid": by}, json.dumps(claims), own
        )

    by_hmac = f"{_encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{payload}"
    mac = hmac.new(key.as_pem(private=False), by_hmac.encode(), sha256).digest()
    return {
        "algorithm none": f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{payload}.",
        "HS256 with the public key": f"{by_hmac}.{_base64url(mac)}",
        "unknown key": signed("nobody"),
        "known key's name, other key": signed(kid),
        "claims changed": f"{header}.{_encoded({**claims, 'azp': HUB})}.{signature}",
    }


async def _key(keycloak: Keycloak, token: str) -> RSAKey:
    kid = _decoded(token.partition(".")[0])["kid"]
    async with keycloak.http.get(keycloak.jwks_url()) as answer:
        [found] = [key for key in (await answer.json())["keys"] if key["kid"] == kid]
    return RSAKey.import_key(found)


def _payload(token: str) -> dict[str, Any]:
    return _decoded(token.split(".")[1])


def _decoded(part: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def _encoded(part: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(part).encode())


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
