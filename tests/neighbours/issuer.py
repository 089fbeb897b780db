"""An issuer of tokens: its keys are read over real HTTP, and it can do what a good one never does."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

from aiohttp import web
from joserfc import jwk, jwt

from bearer_tokens.access import AccessInterceptor, AccessTable
from bearer_tokens.signing_keys import Keys, SigningKeys, parse_keys
from bearer_tokens.token_check import TokenCheck

ISSUER = "http://keycloak.test/realms/meterpark"
AUDIENCES = ("smoc-service", "device-hub")
EVERY_ROLE = (
    "asset-manager",
    "asset-viewer",
    "auditor",
    "device-provisioner",
    "integration-engineer",
)

Key = jwk.RSAKey | jwk.ECKey
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@cache
def rsa_key(kid: str) -> jwk.RSAKey:
    """Return the RSA key of this name; made once per run, as that takes a while."""
    return jwk.RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


def ec_key(kid: str) -> jwk.ECKey:
    return jwk.ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


def claims(
    *,
    roles: Iterable[str] = EVERY_ROLE,
    networks: object = ("*",),
    client: str = "meterpark-script",
    at: datetime | None = None,
    life: timedelta = timedelta(minutes=5),
    **more: Any,
) -> dict[str, Any]:
    """Return the claims of a token as Keycloak makes them; ``more`` replaces, None takes away."""
    at = at or datetime.now(UTC)
    made = {
        "iss": ISSUER,
        "aud": list(AUDIENCES),
        "sub": "7c2f1f6e-6a60-4c0e-8f7c-0d2b7f6c1a11",
        "typ": "Bearer",
        "azp": client,
        "preferred_username": "anna",
        "iat": int(at.timestamp()),
        "exp": int((at + life).timestamp()),
        "realm_access": {"roles": list(roles)},
        "networks": networks,
        **more,
    }
    return {name: value for name, value in made.items() if value is not None}


def signed(key: Key, token_claims: dict[str, Any], **header: Any) -> str:
    algorithm = "RS256" if isinstance(key, jwk.RSAKey) else "ES256"
    return jwt.encode({"alg": algorithm, "kid": key.kid, **header}, token_claims, key)


@dataclass(slots=True, kw_only=True)
class Issuer:
    """Signs with ``key``, publishes the ``published`` ones; at ``jwks_url`` while it runs (``running_issuer``).

    ``answer``, when given, answers there in its place.
    """

    jwks_url: str = ""
    key: Key = field(default_factory=lambda: ec_key("first"))
    published: list[Key] = field(default_factory=list)
    answer: Answer | None = None
    requests: int = 0
    _names: Iterable[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.published.append(self.key)

    def lock(self, audience: str, table: AccessTable) -> AccessInterceptor:
        """Return a service's second lock that knows this issuer's keys without asking for them."""
        keys = SigningKeys(self._keys)
        tokens = TokenCheck(keys, issuer=ISSUER, audience=audience, leeway_seconds=2)
        return AccessInterceptor(table, tokens, timedelta(seconds=2), lambda: datetime.now(UTC))

    async def _keys(self) -> Keys:
        return parse_keys(json.dumps(self._document()).encode())

    def _document(self) -> dict[str, Any]:
        return {"keys": [key.as_dict(private=False) for key in self.published]}

    def token(self, **about: Any) -> str:
        """Return a token with ``claims(**about)``."""
        return signed(self.key, claims(**about))

    def rotate(self) -> None:
        """Sign with a new key from now on; the old ones stay published."""
        self.key = ec_key(f"rotated-{next(iter(self._names))}")
        self.published.append(self.key)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        if self.answer is not None:
            return await self.answer(request)
        return web.json_response(self._document())


@asynccontextmanager
async def running_issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    app = web.Application()
    app.router.add_get("/certs", issuer._serve)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    issuer.jwks_url = f"http://127.0.0.1:{runner.addresses[0][1]}/certs"
    try:
        yield issuer
    finally:
        await runner.cleanup()


async def hang(_: web.Request) -> web.StreamResponse:
    """Answer never."""
    never: asyncio.Future[web.StreamResponse] = asyncio.get_running_loop().create_future()
    return await never


class Bearing:
    """A stub whose every call carries a token, and ``metadata`` beside it."""

    def __init__(self, stub: Any, token: str, metadata: tuple[tuple[str, str], ...] = ()) -> None:
        self._stub = stub
        self._metadata = (*metadata, ("authorization", f"Bearer {token}"))

    def __getattr__(self, method: str) -> Any:
        return partial(getattr(self._stub, method), metadata=self._metadata)
