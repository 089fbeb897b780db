"""The doors of the page: /page/login, /page/callback, /page/logout, /page/session, /page/graphql.

There is no websocket among them: any site may open one, and a browser can send no CSRF token in its headers. What is
watched comes as server-sent events over POST.
"""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.datastructures import QueryParams

from bearer_tokens.claims import claims_of
from bearer_tokens.token_check import TokenInvalid
from bearer_tokens.token_endpoint import TokenRefused, TokenUnavailable
from bff.graph.failures import Failure
from bff.graph.trusted import TrustedDocuments
from bff.rate_limit import RateLimit
from bff.session.cookies import Cookie, PageCookies
from bff.session.forwarding import Forwarding, Question
from bff.session.id_token import IdTokenCheck
from bff.session.login_seal import Login, LoginRefused, LoginSeal, new_browser
from bff.session.origins import OwnOrigins
from bff.session.provider import Provider
from bff.session.refusals import (
    PageRefused,
    away,
    login_failed,
    not_from_the_page,
    not_logged_in,
    not_served,
    too_often,
)
from bff.session.return_path import NoLocalPath, local_path
from bff.session.session_tokens import SessionOver, SessionTokens
from bff.session.store import Session, SessionStore
from service_chassis.refusals import PeerUnavailable

log = structlog.get_logger()

CSRF_HEADER = "x-csrf-token"
_JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page's doors, and what they know. ``clock`` gives seconds that only grow."""

    seal: LoginSeal
    cookies: PageCookies
    provider: Provider
    issuer: str
    id_tokens: IdTokenCheck
    documents: TrustedDocuments
    store: SessionStore
    origins: OwnOrigins
    forwarding: Forwarding
    logins: RateLimit
    requests: RateLimit
    clock: Callable[[], float] = time.monotonic

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/page", include_in_schema=False)
        router.add_api_route("/login", self.login, methods=["GET"], response_model=None)
        router.add_api_route("/callback", self.callback, methods=["GET"], response_model=None)
        router.add_api_route("/logout", self.logout, methods=["POST"], response_model=None)
        router.add_api_route("/session", self.session, methods=["GET"], response_model=None)
        router.add_api_route("/graphql", self.graphql, methods=["POST"], response_model=None)
        return router

    async def login(self, request: Request) -> Response:
        """Send the browser to the provider; ``?returnTo=/devices`` says where it is to come back to."""
        wait = self.logins.wait_seconds(_address(request), self.clock())
        if wait:
            return _too_many_logins(wait)
        try:
            return_path = local_path(request.query_params.get("returnTo"))
            browser = self.cookies.login.read(request.cookies) or new_browser()
            begun = self.seal.begin(browser, return_path, at=self.clock())
            address = await self.provider.login_address(begun)
        except NoLocalPath as error:
            return login_failed(HTTPStatus.BAD_REQUEST, str(error), {})
        except TokenUnavailable as error:
            return _provider_away(error)
        answer = RedirectResponse(address, HTTPStatus.SEE_OTHER)
        _set(answer, self.cookies.login, browser)
        return answer

    async def callback(self, request: Request) -> Response:
        """Take what the provider sends the browser back with, and begin a session, always a new one."""
        said = request.query_params
        wait = self.logins.wait_seconds(_address(request), self.clock())
        if wait:
            return _too_many_logins(wait)
        try:
            begun = self.seal.finish(
                self.cookies.login.read(request.cookies), said.get("state", ""), at=self.clock()
            )
            number, session = await self._open(self._code(said), begun)
        except (LoginRefused, TokenRefused, TokenInvalid) as error:
            why = error.why if isinstance(error, TokenInvalid) else str(error)
            log.warning("login refused", why=why, address=_address(request))
            # What a provider or a token says is for the log; to the person only our own words go.
            told = why if isinstance(error, LoginRefused) else "the provider's answer is not good"
            return login_failed(HTTPStatus.BAD_REQUEST, told, {})
        except (TokenUnavailable, PeerUnavailable) as error:
            return _provider_away(error)
        # Whoever was logged in with this browser before is not any more.
        before = self.store.find(self.cookies.session.read(request.cookies))
        if before is not None:
            self.store.end(before, why="logged in anew")
        log.info("logged in", username=session.username, subject=session.subject)
        answer = RedirectResponse(begun.return_path, HTTPStatus.SEE_OTHER)
        _set(answer, self.cookies.session, number)
        return answer

    def _code(self, said: QueryParams) -> str:
        # RFC 9207: a provider that says who it is has to be the one that was asked.
        if said.get("iss", self.issuer) != self.issuer:
            raise LoginRefused("the answer comes from another provider than was asked")
        if "code" not in said:
            raise LoginRefused(f"the provider says {said.get('error', 'nothing')[:100]}")
        return said["code"]

    async def _open(self, code: str, begun: Login) -> tuple[str, Session]:
        asked_at = self.clock()
        granted = await self.provider.exchange(code, begun)
        subject = await self.id_tokens.subject(
            granted.id_token, nonce=begun.nonce, at=datetime.now(UTC)
        )
        claims = claims_of(granted.access_token)
        if claims.subject != subject:
            raise LoginRefused("the provider's two tokens are of two people")
        tokens = SessionTokens(granted, asked_at, refresh=self.provider.refresh, clock=self.clock)
        return self.store.open(subject=subject, username=claims.name, tokens=tokens)

    async def logout(self, request: Request) -> Response:
        """End the session here and at the provider; ``atProvider`` is false when that could not be told."""
        session = self._own(request)
        self.store.end(session, why="logged out")
        try:
            await self.provider.end(await session.tokens.last_refresh_token())
            at_provider = True
        except TokenUnavailable as error:
            log.warning("the provider was not told of a logout", why=str(error))
            at_provider = False
        answer = JSONResponse({"loggedOut": True, "atProvider": at_provider})
        answer.delete_cookie(**_attributes(self.cookies.session))
        return answer

    async def session(self, request: Request) -> Response:
        """Say who is logged in, what he may be shown, and the CSRF token of his session."""
        if not self.origins.may_read(request.headers):
            raise not_from_the_page("asked by another site")
        session = self._session(request)
        claims = claims_of(await self._access_token(session))
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
        """Ask the router as the person of this session."""
        session = self._own(request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
            raise PageRefused(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "NO_JSON", f"send the question as {_JSON}"
            )
        try:
            body = self.documents.spelled_out(await request.body())
        except Failure as failure:
            raise not_served(failure) from None
        question = Question(
            body=body,
            accept=request.headers.get("accept", _JSON),
            traceparent=request.headers.get("traceparent", ""),
        )
        return await self.forwarding.ask(session, await self._access_token(session), question)

    def _session(self, request: Request) -> Session:
        """Return the session of a request, which is counted as his; raise PageRefused."""
        session = self.store.find(self.cookies.session.read(request.cookies))
        asking = f"person {session.subject}" if session else f"address {_address(request)}"
        wait = self.requests.wait_seconds(asking, self.clock())
        if wait:
            raise too_often(wait)
        if session is None:
            raise not_logged_in()
        return session

    def _own(self, request: Request) -> Session:
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

    async def _access_token(self, session: Session) -> str:
        try:
            return await session.tokens.access_token()
        except SessionOver as over:
            self.store.end(session, why=f"the provider ended it: {over}")
            raise not_logged_in("the session is over, log in again") from None
        except TokenUnavailable as error:
            log.warning("no token for a session", why=str(error))
            raise away("LOGIN_UNAVAILABLE", "the login cannot be renewed, try again") from None


async def refuse(_: Request, refused: Exception) -> JSONResponse:
    """Answer a request that one of the doors refused."""
    if not isinstance(refused, PageRefused):
        raise refused
    return refused.answer()


def _provider_away(error: Exception) -> Response:
    log.warning("the provider cannot be asked", why=str(error))
    return login_failed(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Keycloak cannot be reached, try again",
        {"Retry-After": "2"},
    )


def _too_many_logins(wait_seconds: int) -> Response:
    return login_failed(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"too many logins from this address, try again in {wait_seconds} s",
        {"Retry-After": str(wait_seconds)},
    )


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _set(answer: Response, cookie: Cookie, number: str) -> None:
    answer.set_cookie(value=number, max_age=cookie.max_age_seconds, **_attributes(cookie))


def _attributes(cookie: Cookie) -> dict[str, Any]:
    return {
        "key": cookie.name,
        "path": cookie.path,
        "secure": cookie.secure,
        "httponly": True,
        "samesite": cookie.same_site,
    }
