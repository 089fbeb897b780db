"""The page's side, put together from its settings."""

import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import aiohttp
from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware

from bearer_tokens.signing_keys import SigningKeys, read_keys
from bearer_tokens.token_check import TokenCheck
from bff.door.callers import Callers
from bff.door.rate_limit import RateLimit
from bff.door.response_headers import ResponseHeaders
from bff.graph.asking.register import SMOC_APP_ID
from bff.session.cookies import page_cookies
from bff.session.forwarding import Forwarding
from bff.session.id_token import IdTokenCheck
from bff.session.login_doors import LoginDoors
from bff.session.login_seal import LoginSeal
from bff.session.origins import OwnOrigins
from bff.session.page import CSRF_HEADER, Page, refuse
from bff.session.provider import Provider
from bff.session.refusals import PageRefused
from bff.session.settings import PageSettings
from bff.session.store import Bounds, SessionStore
from bff.trusted import read_trusted_documents

_CONNECT_SECONDS = 5.0
# So many people or addresses are counted at once.
_COUNTED_AT_MOST = 20_000
_PREFLIGHT_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDoors:
    """All doors below /page, and what they rest on; the provider's ``keys`` are to ``run`` while the doors are open."""

    login: LoginDoors
    page: Page
    store: SessionStore
    keys: SigningKeys
    # Of programs and of the router, which do not come by a session.
    callers: Callers
    subgraph_requests: RateLimit


@asynccontextmanager
async def open_page(settings: PageSettings) -> AsyncIterator[PageDoors]:
    """Make the page's doors; make no request yet."""
    patience = aiohttp.ClientTimeout(
        total=None, sock_connect=_CONNECT_SECONDS, sock_read=settings.router_patience_seconds
    )
    async with (
        # The requests that use the connections bound their number.
        aiohttp.ClientSession(
            timeout=patience,
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as to_router,
        aiohttp.ClientSession(auto_decompress=False) as to_provider,
    ):
        keys = SigningKeys(partial(read_keys, to_provider, settings.token_jwks_url))
        try:
            yield _doors(settings, to_router, keys)
        finally:
            await keys.close()


def add_page(app: FastAPI, doors: PageDoors, settings: PageSettings) -> None:
    """Open the page's doors in ``app``, and put the limits and headers of all its doors around them."""
    router = APIRouter(prefix="/page", include_in_schema=False)
    doors.login.add_to(router)
    doors.page.add_to(router)
    app.include_router(router)
    app.add_exception_handler(PageRefused, refuse)
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


def _doors(
    settings: PageSettings, to_router: aiohttp.ClientSession, keys: SigningKeys
) -> PageDoors:
    cookies = page_cookies(settings.public_url, login_seconds=settings.login_seconds)
    provider = Provider(
        issuer=settings.token_issuer,
        url=settings.provider_url or settings.token_issuer,
        client_id=settings.client_id,
        client_secret_file=settings.client_secret_file,
        redirect_uri=f"{settings.public_url}/page/callback",
    )
    bounds = Bounds(
        at_most=settings.sessions_at_most,
        per_person=settings.sessions_per_person,
        idle_seconds=settings.session_idle_seconds,
        life_seconds=settings.session_life_seconds,
    )
    store = SessionStore(bounds, clock=time.monotonic)
    login = LoginDoors(
        seal=LoginSeal(secrets.token_bytes(32), life_seconds=settings.login_seconds),
        cookies=cookies,
        provider=provider,
        issuer=settings.token_issuer,
        id_tokens=IdTokenCheck(
            keys=keys,
            issuer=settings.token_issuer,
            client_id=settings.client_id,
            leeway_seconds=settings.token_leeway_seconds,
        ),
        store=store,
        limit=_limit(settings.logins_per_second, settings.logins_at_once),
    )
    page = Page(
        cookies=cookies,
        provider=provider,
        store=store,
        documents=read_trusted_documents(only=settings.trusted_documents_only),
        origins=OwnOrigins(settings.public_url, settings.allowed_origins),
        forwarding=Forwarding(
            to_router,
            router_url=settings.router_url,
            at_most=settings.forwards_at_most,
            streams_per_session=settings.streams_per_session,
            answer_limit_bytes=settings.answer_limit_bytes,
        ),
        requests=_limit(settings.requests_per_second, settings.requests_at_once),
    )
    check = TokenCheck(
        keys,
        issuer=settings.token_issuer,
        audience=SMOC_APP_ID,
        leeway_seconds=settings.token_leeway_seconds,
    )
    return PageDoors(
        login=login,
        page=page,
        store=store,
        keys=keys,
        callers=Callers(check, lambda: datetime.now(UTC)),
        subgraph_requests=_limit(
            settings.subgraph_requests_per_second, settings.subgraph_requests_at_once
        ),
    )


def _limit(per_second: float, at_once: int) -> RateLimit:
    return RateLimit(per_second=per_second, burst=at_once, keys_at_most=_COUNTED_AT_MOST)
