"""A provider with one realm, in memory, on a real port: discovery, refresh tokens that serve once, service accounts."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from meterpark_cli.login.session_file import PersonSession


def token_saying(**claims: Any) -> str:
    """Return a token that says this, signed by nobody."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{payload}.x"


@dataclass(kw_only=True)
class Provider:
    issuer: str = ""
    life_seconds: float = 300.0
    # The only refresh token that counts; any other kills the session, as Keycloak does it.
    refresh_token: str = "refresh-0"  # noqa: S105 - nobody's
    refreshes: int = 0
    session_is_over: bool = False
    secrets: dict[str, str] = field(default_factory=dict)
    granted: int = 0
    revoked: list[str] = field(default_factory=list)
    away: bool = False

    def session(self, *, access_ends_at: float = 0.0) -> PersonSession:
        """Return the session as `meterpark login` would have kept it."""
        return PersonSession(
            issuer=self.issuer,
            token_url=f"{self.issuer}/token",
            revocation_url=f"{self.issuer}/revoke",
            client_id="meterpark-cli",
            refresh_token=self.refresh_token,
            refresh_ends_at=2e9,
            access_token="access-0",  # noqa: S106 - nobody's
            access_renew_at=access_ends_at,
            access_ends_at=access_ends_at,
        )

    async def token(self, request: web.Request) -> web.Response:
        if self.away:
            return web.Response(status=503)
        form = await request.post()
        match form["grant_type"]:
            case "client_credentials":
                if self.secrets.get(str(form["client_id"])) != form["client_secret"]:
                    return _refused("unauthorized_client", "Invalid client credentials")
                self.granted += 1
                name = str(form["client_id"])
                return self._granted(token_saying(preferred_username=name, jti=self.granted))
            case _:
                if form["refresh_token"] != self.refresh_token or self.session_is_over:
                    self.session_is_over = True
                    return _refused("invalid_grant", "Maximum allowed refresh token reuse exceeded")
                self.refreshes += 1
                self.refresh_token = f"refresh-{self.refreshes}"
                return self._granted(f"access-{self.refreshes}")

    def _granted(self, access_token: str) -> web.Response:
        return web.json_response(
            {
                "access_token": access_token,
                "expires_in": self.life_seconds,
                "refresh_token": self.refresh_token,
                "refresh_expires_in": 1800,
            }
        )

    async def revoke(self, request: web.Request) -> web.Response:
        if self.away:
            return web.Response(status=503)
        self.revoked.append(str((await request.post())["token"]))
        return web.Response()

    async def describe(self, request: web.Request) -> web.Response:
        del request
        return web.json_response(
            {
                "issuer": self.issuer,
                "token_endpoint": f"{self.issuer}/token",
                "revocation_endpoint": f"{self.issuer}/revoke",
            }
        )


def _refused(error: str, detail: str) -> web.Response:
    return web.json_response({"error": error, "error_description": detail}, status=400)


@asynccontextmanager
async def serving(provider: Provider) -> AsyncIterator[Provider]:
    app = web.Application()
    app.add_routes(
        [
            web.post("/realms/meterpark/token", provider.token),
            web.post("/realms/meterpark/revoke", provider.revoke),
            web.get("/realms/meterpark/.well-known/openid-configuration", provider.describe),
        ]
    )
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    provider.issuer = f"http://{host}:{port}/realms/meterpark"
    try:
        yield provider
    finally:
        await runner.cleanup()
