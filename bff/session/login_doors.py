"""The doors for users who are not logged in: /page/login and /page/callback."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import QueryParams

from bearer_tokens.claims import claims_of
from bearer_tokens.token_check import TokenInvalid
from bearer_tokens.token_endpoint import TokenRefused, TokenUnavailable
from bff.door.page_files import chosen_language
from bff.door.rate_limit import RateLimit
from bff.session.cookies import PageCookies, set_cookie
from bff.session.id_token import IdTokenCheck
from bff.session.login_failed import login_failed
from bff.session.login_seal import Login, LoginRefused, LoginSeal, new_browser
from bff.session.provider import Provider
from bff.session.refusals import address_of
from bff.session.return_path import NoLocalPath, local_path
from bff.session.session_tokens import SessionTokens
from bff.session.store import Session, SessionStore
from service_chassis.refusals import PeerUnavailable

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginDoors:
    """``limit`` is per address; ``clock`` gives seconds that only grow."""

    seal: LoginSeal
    cookies: PageCookies
    provider: Provider
    issuer: str
    id_tokens: IdTokenCheck
    store: SessionStore
    limit: RateLimit
    clock: Callable[[], float] = time.monotonic

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/login", self.login, methods=["GET"], response_model=None)
        router.add_api_route("/callback", self.callback, methods=["GET"], response_model=None)

    async def login(self, request: Request) -> Response:
        """Send the browser to the provider; ``?returnTo=/devices`` says where it is to come back to."""
        wait = self.limit.wait_seconds(address_of(request), self.clock())
        if wait:
            return _too_many_logins(wait)
        try:
            return_path = local_path(request.query_params.get("returnTo"))
            browser = self.cookies.login.read(request.cookies) or new_browser()
            begun = self.seal.begin(browser, return_path, at=self.clock())
            language = chosen_language(request.cookies)
            address = await self.provider.login_address(begun, language=language)
        except NoLocalPath as error:
            return login_failed(HTTPStatus.BAD_REQUEST, str(error), {})
        except TokenUnavailable as error:
            return _provider_away(error)
        answer = RedirectResponse(address, HTTPStatus.SEE_OTHER)
        set_cookie(answer, self.cookies.login, browser)
        return answer

    async def callback(self, request: Request) -> Response:
        """Take what the provider sends the browser back with, and begin a session, always a new one."""
        said = request.query_params
        wait = self.limit.wait_seconds(address_of(request), self.clock())
        if wait:
            return _too_many_logins(wait)
        try:
            begun = self.seal.finish(
                self.cookies.login.read(request.cookies), said.get("state", ""), at=self.clock()
            )
            number, session = await self._open(self._code(said), begun)
        except (LoginRefused, TokenRefused, TokenInvalid) as error:
            why = error.why if isinstance(error, TokenInvalid) else str(error)
            log.warning("login refused", why=why, address=address_of(request))
            # Texts of a provider or a token go into the log; the user gets only our own words.
            told = why if isinstance(error, LoginRefused) else "the provider's answer is not valid"
            return login_failed(HTTPStatus.BAD_REQUEST, told, {})
        except (TokenUnavailable, PeerUnavailable) as error:
            return _provider_away(error)
        # A user who was logged in with this browser before is logged out.
        before = self.store.find(self.cookies.session.read(request.cookies))
        if before is not None:
            self.store.end(before, why="logged in again")
        log.info("logged in", username=session.username, subject=session.subject)
        answer = RedirectResponse(begun.return_path, HTTPStatus.SEE_OTHER)
        set_cookie(answer, self.cookies.session, number)
        return answer

    def _code(self, said: QueryParams) -> str:
        # RFC 9207: a provider that names itself must be the one that we asked.
        if said.get("iss", self.issuer) != self.issuer:
            raise LoginRefused("the answer comes from another provider")
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
