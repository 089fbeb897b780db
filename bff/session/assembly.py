"""The page's side, put together from its settings."""

import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import aiohttp
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from bearer_tokens.signing_keys import SigningKeys, read_keys
from bff.graph.trusted import read_trusted_documents
from bff.rate_limit import RateLimit, TokenRateLimit
from bff.response_headers import ResponseHeaders
from bff.session.cookies import page_cookies
from bff.session.forwarding import Forwarding
from bff.session.id_token import IdTokenCheck
from bff.session.login_seal import LoginSeal
from bff.session.origins import OwnOrigins
from bff.session.page import CSRF_HEADER, Page, refuse
from bff.session.provider import Provider
from bff.session.refusals import PageRefused
from bff.session.settings import PageSettings
from bff.session.store import Bounds, SessionStore

_CONNECT_SECONDS = 5.0
# So many people or addresses are counted at once.
_COUNTED_AT_MOST = 20_000
_PREFLIGHT_SECONDS = 600


@asynccontextmanager
async def open_page(settings: PageSettings) -> AsyncIterator[tuple[Page, SigningKeys]]:
    """Make the page's doors, and the provider's keys, which are to ``run`` while they are open. Nobody is asked yet."""
    patience = aiohttp.ClientTimeout(
        total=None, sock_connect=_CONNECT_SECONDS, sock_read=settings.router_patience_seconds
    )
    async with (
        # How many connections there are is bounded by what goes over them.
        aiohttp.ClientSession(
            timeout=patience,
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as to_router,
        aiohttp.ClientSession(auto_decompress=False) as to_provider,
    ):
        keys = SigningKeys(partial(read_keys, to_provider, settings.token_jwks_url))
        try:
            yield _page(settings, to_router, keys), keys
        finally:
            await keys.close()


def add_page(app: FastAPI, page: Page, settings: PageSettings) -> None:
    """Open the page's doors in ``app``, and put the limits and headers of all its doors around them."""
    app.include_router(page.router())
    app.add_exception_handler(PageRefused, refuse)
    app.add_middleware(
        TokenRateLimit, limit=_requests(settings), paths=frozenset({"/graphql", "/graphql/"})
    )
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_credentials=True,
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type", CSRF_HEADER, "traceparent"],
        expose_headers=["retry-after"],
        max_age=_PREFLIGHT_SECONDS,
    )
    app.add_middleware(ResponseHeaders, over_https=settings.public_url.startswith("https:"))


def _page(settings: PageSettings, to_router: aiohttp.ClientSession, keys: SigningKeys) -> Page:
    return Page(
        seal=LoginSeal(secrets.token_bytes(32), life_seconds=settings.login_seconds),
        cookies=page_cookies(settings.public_url, login_seconds=settings.login_seconds),
        provider=Provider(
            issuer=settings.token_issuer,
            url=settings.provider_url or settings.token_issuer,
            client_id=settings.client_id,
            client_secret_file=settings.client_secret_file,
            redirect_uri=f"{settings.public_url}/page/callback",
        ),
        issuer=settings.token_issuer,
        id_tokens=IdTokenCheck(
            keys=keys,
            issuer=settings.token_issuer,
            client_id=settings.client_id,
            leeway_seconds=settings.token_leeway_seconds,
        ),
        documents=read_trusted_documents(only=settings.trusted_documents_only),
        store=SessionStore(
            Bounds(
                at_most=settings.sessions_at_most,
                per_person=settings.sessions_per_person,
                idle_seconds=settings.session_idle_seconds,
                life_seconds=settings.session_life_seconds,
            ),
            clock=time.monotonic,
        ),
        origins=OwnOrigins(settings.public_url, settings.allowed_origins),
        forwarding=Forwarding(
            to_router,
            router_url=settings.router_url,
            at_most=settings.forwards_at_most,
            streams_per_session=settings.streams_per_session,
            answer_limit_bytes=settings.answer_limit_bytes,
        ),
        logins=RateLimit(
            per_second=settings.logins_per_second,
            burst=settings.logins_at_once,
            keys_at_most=_COUNTED_AT_MOST,
        ),
        requests=_requests(settings),
    )


def _requests(settings: PageSettings) -> RateLimit:
    return RateLimit(
        per_second=settings.requests_per_second,
        burst=settings.requests_at_once,
        keys_at_most=_COUNTED_AT_MOST,
    )
