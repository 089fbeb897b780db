"""The doors for users who are logged in: /page/session, /page/graphql, /page/logout.

There is no websocket: any site may open one, and a browser cannot send a CSRF token in its headers. Subscriptions come
as server-sent events over POST.
"""

import asyncio
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from bearer_tokens.claims import claims_of
from bearer_tokens.token_endpoint import TokenUnavailable
from bff.door.rate_limit import RateLimit
from bff.failures import Failure
from bff.session.cookies import PageCookies, attributes
from bff.session.forwarding import Forwarding, Question
from bff.session.origins import OwnOrigins
from bff.session.provider import Provider
from bff.session.refusals import (
    PageRefused,
    address_of,
    away,
    not_from_the_page,
    not_logged_in,
    not_served,
    too_often,
)
from bff.session.session_tokens import SessionOver
from bff.session.store import Session, SessionStore
from bff.trusted import TrustedDocuments

log = structlog.get_logger()

CSRF_HEADER = "x-csrf-token"
_JSON = "application/json"
_BODY_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page's doors, and what they know. ``clock`` gives seconds that only grow."""

    cookies: PageCookies
    provider: Provider
    documents: TrustedDocuments
    store: SessionStore
    origins: OwnOrigins
    forwarding: Forwarding
    requests: RateLimit
    clock: Callable[[], float] = time.monotonic

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/logout", self.logout, methods=["POST"], response_model=None)
        router.add_api_route("/session", self.session, methods=["GET"], response_model=None)
        router.add_api_route("/graphql", self.graphql, methods=["POST"], response_model=None)

    async def logout(self, request: Request) -> Response:
        """End the session here and at the provider; ``atProvider`` is false when the provider did not confirm it."""
        session = self.own_session(request)
        self.store.end(session, why="logged out")
        try:
            await self.provider.end(await session.tokens.last_refresh_token())
            at_provider = True
        except TokenUnavailable as error:
            log.warning("the provider did not confirm a logout", why=str(error))
            at_provider = False
        answer = JSONResponse({"loggedOut": True, "atProvider": at_provider})
        answer.delete_cookie(**attributes(self.cookies.session))
        return answer

    async def session(self, request: Request) -> Response:
        """Return the user who is logged in, with roles and networks, and the CSRF token of the session."""
        session = self.reading_session(request)
        claims = claims_of(await self.access_token(session))
        left = timedelta(seconds=session.ends_at - self.clock())
        return JSONResponse(
            {
                "username": session.username,
                "roles": claims.roles,
                "networks": claims.networks,
                "expiresAt": (datetime.now(UTC) + left).isoformat(timespec="seconds"),
                "csrfToken": session.csrf_token,
            }
        )

    async def graphql(self, request: Request) -> Response:
        """Forward a request to the router as the user of this session."""
        session = self.own_session(request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
            raise PageRefused(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "NO_JSON", f"send the question as {_JSON}"
            )
        question = Question(
            body=self._spelled_out(await read_body(request)),
            accept=request.headers.get("accept", _JSON),
            traceparent=request.headers.get("traceparent", ""),
        )
        return await self.forwarding.ask(session, await self.access_token(session), question)

    def _spelled_out(self, body: bytes) -> bytes:
        try:
            return self.documents.spelled_out(body)
        except Failure as failure:
            raise not_served(failure) from None

    def reading_session(self, request: Request) -> Session:
        """Return the session of a GET that the page, or the person, made; raise PageRefused."""
        if not self.origins.may_read(request.headers):
            raise not_from_the_page("asked by another site")
        return self._session(request)

    def _session(self, request: Request) -> Session:
        """Return the session of a request, and count the request for its user; raise PageRefused."""
        session = self.store.find(self.cookies.session.read(request.cookies))
        asking = f"person {session.subject}" if session else f"address {address_of(request)}"
        wait = self.requests.wait_seconds(asking, self.clock())
        if wait:
            raise too_often(wait)
        if session is None:
            raise not_logged_in()
        return session

    def own_session(self, request: Request) -> Session:
        """Return the session of a request that the page itself made; raise PageRefused."""
        if not self.origins.has_sent(request.headers):
            raise not_from_the_page("the request was not made by the page")
        session = self._session(request)
        given = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode(), session.csrf_token.encode()):
            raise not_from_the_page(
                f"the header {CSRF_HEADER} has to hold the csrfToken that /page/session gives"
            )
        return session

    async def access_token(self, session: Session) -> str:
        """Return a token of the session's person that is good now; raise PageRefused when there is none."""
        try:
            return await session.tokens.access_token()
        except SessionOver as over:
            self.store.end(session, why=f"the provider ended it: {over}")
            raise not_logged_in("the session is over, log in again") from None
        except TokenUnavailable as error:
            log.warning("no token for a session", why=str(error))
            raise away("LOGIN_UNAVAILABLE", "the login cannot be renewed, try again") from None


async def read_body(request: Request) -> bytes:
    """Return the body of a request; raise PageRefused when it does not come in time."""
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            return await request.body()
    except TimeoutError:
        raise PageRefused(
            HTTPStatus.REQUEST_TIMEOUT, "TOO_SLOW", f"not sent within {_BODY_SECONDS} s"
        ) from None


async def refuse(request: Request, refused: Exception) -> JSONResponse:
    """Answer a request that one of the doors refused."""
    if not isinstance(refused, PageRefused):
        raise refused
    if refused.status is HTTPStatus.FORBIDDEN:
        log.warning(
            "not from the page",
            path=request.url.path,
            why=refused.message,
            address=address_of(request),
        )
    return refused.answer()
