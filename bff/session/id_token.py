"""Checking the ID token of a login (OpenID Connect Core, 3.1.3.7)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from bearer_tokens.signing_keys import SigningKeys
from bearer_tokens.token_check import TokenInvalid, signed_claims


@dataclass(frozen=True, slots=True, kw_only=True)
class IdTokenCheck:
    keys: SigningKeys
    issuer: str
    client_id: str
    leeway_seconds: int

    async def subject(self, token: str, *, nonce: str, at: datetime) -> str:
        """Return the user who logged in.

        Raises:
            TokenInvalid: the token does not answer the login with this nonce; the error's text says why.
            PeerUnavailable: the provider's keys cannot be read at the moment.
        """
        claims = await signed_claims(self.keys, token)
        registry = JWTClaimsRegistry(
            now=int(at.timestamp()),
            leeway=self.leeway_seconds,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
            # With the same key access tokens are signed, and tokens of other clients that name this one, too.
            typ={"essential": True, "value": "ID"},
            azp={"value": self.client_id},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise TokenInvalid(f"ID token: {error}") from error
        return _text(claims["sub"])


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TokenInvalid("ID token: its subject is no text")
    return value
