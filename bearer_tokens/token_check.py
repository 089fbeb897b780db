"""Checking a bearer token: a signed JWT (RFC 7519) of one issuer, for one audience, still valid.

Only RS256 and ES256, only with keys that the issuer publishes itself: a token whose header says where its key is to be
found (RFC 8725, section 3.10) is not valid.
"""

import json
from datetime import UTC, datetime
from typing import Any, Final, Literal

from joserfc import jws
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwt import JWTClaimsRegistry
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bearer_tokens.signing_keys import KeyUnknown, SigningKeys
from service_chassis.caller import Caller
from service_chassis.refusals import CallDenied
from service_chassis.scope import Scope

ALGORITHMS: Final = ("RS256", "ES256")
# Twice and more what a token with all claims takes; a gRPC server takes no more metadata by default.
_TOKEN_LIMIT_BYTES = 8 * 1024
_REGISTRY = jws.JWSRegistry(algorithms=ALGORITHMS)
# The library knows these headers and would read past them.
_FORBIDDEN_HEADERS = ("crit", "b64", "jku", "jwk", "x5u", "x5c")


class TokenInvalid(CallDenied):
    """The token is not valid here."""

    def __init__(self, why: str, who: dict[str, str] | None = None) -> None:
        super().__init__(ErrorReason.ERROR_REASON_UNAUTHENTICATED, why, who)


class TokenExpired(CallDenied):
    """The token was valid, and its time is over."""

    def __init__(self, why: str, who: dict[str, str] | None = None) -> None:
        super().__init__(ErrorReason.ERROR_REASON_TOKEN_EXPIRED, why, who)


class _RealmAccess(BaseModel):
    model_config = ConfigDict(strict=True)

    roles: list[str] = []


class _Claims(BaseModel):
    """The claims that are read from a token after its signature was verified, by Keycloak's names."""

    model_config = ConfigDict(strict=True)

    sub: str = Field(min_length=1)
    azp: str = ""
    preferred_username: str = ""
    # An id token or a refresh token is signed with the same keys and grants nothing.
    typ: Literal["Bearer"] = "Bearer"
    realm_access: _RealmAccess = Field(default_factory=_RealmAccess)
    networks: list[str] = []
    exp: float


class TokenCheck:
    """Finds a token's bearer, or why the token is not valid."""

    def __init__(
        self, keys: SigningKeys, *, issuer: str, audience: str, leeway_seconds: int
    ) -> None:
        self._keys = keys
        self._leeway_seconds = leeway_seconds
        self._issuer = issuer
        self._audience = audience

    async def caller(self, token: str, at: datetime) -> Caller:
        """Return the bearer.

        Raises:
            TokenInvalid: the token is not valid.
            TokenExpired: the token was valid and has expired.
            PeerUnavailable: the token cannot be checked at the moment; try again.
        """
        claims = await signed_claims(self._keys, token)
        who = _who(claims)
        registry = JWTClaimsRegistry(
            now=int(at.timestamp()),
            leeway=self._leeway_seconds,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
        )
        try:
            registry.validate({name: value for name, value in claims.items() if name != "exp"})
            read = _Claims.model_validate(claims)
            expires_at = datetime.fromtimestamp(read.exp, UTC)
            # Last: "expired" is said of tokens that were valid.
            registry.validate_exp(claims["exp"])
        except ExpiredTokenError:
            raise TokenExpired(f"expired at {expires_at.isoformat()}", who) from None
        except JoseError as error:
            raise TokenInvalid(str(error), who) from error
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False)[0]
            name = ".".join(str(part) for part in wrong["loc"])
            raise TokenInvalid(f"claim {name}: {wrong['msg']}", who) from error
        except (ValueError, OverflowError, OSError) as error:
            raise TokenInvalid(f"claim exp: {error}", who) from error
        return Caller(
            subject=read.sub,
            client=read.azp,
            username=read.preferred_username,
            roles=frozenset(read.realm_access.roles),
            scope=Scope.of(read.networks),
            expires_at=expires_at,
        )


async def signed_claims(keys: SigningKeys, token: str) -> dict[str, Any]:
    if len(token) > _TOKEN_LIMIT_BYTES:
        raise TokenInvalid(f"longer than {_TOKEN_LIMIT_BYTES} bytes")
    try:
        signed = jws.extract_compact(token.encode(), registry=_REGISTRY)
        header = signed.headers()
        _check_header(header)
        key = await keys.key(header["kid"])
        if not jws.validate_compact(signed, key, registry=_REGISTRY):
            raise TokenInvalid("the signature is wrong")
        claims = json.loads(signed.payload)
    except KeyUnknown as error:
        raise TokenInvalid(f"the issuer has no key {str(error)[:100]!r}") from error
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise TokenInvalid(f"no signed token: {type(error).__name__}: {error}") from error
    if not isinstance(claims, dict):
        raise TokenInvalid("its payload is not an object")
    return claims


def _check_header(header: Any) -> None:
    """Refuse what ``joserfc`` would not: it checks names and types of the rest."""
    if not isinstance(header, dict):
        raise TokenInvalid("its header is not an object")
    for name in _FORBIDDEN_HEADERS:
        if name in header:
            raise TokenInvalid(f"its header holds {name}")
    _REGISTRY.check_header(header)
    _REGISTRY.get_alg(header["alg"])
    if not header.get("kid"):
        raise TokenInvalid("its header names no key")


def _who(claims: dict[str, Any]) -> dict[str, str]:
    names = {"subject": "sub", "client": "azp", "username": "preferred_username"}
    return {field: str(claims.get(name, ""))[:200] for field, name in names.items()}
