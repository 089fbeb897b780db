"""The OpenID provider (Keycloak), as the bff uses it: code and PKCE, refresh, the end of a session."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bearer_tokens.token_endpoint import (
    Granted,
    TokenRefused,
    TokenUnavailable,
    ask_for_token,
    get_document,
    post_form,
    read_client_secret,
)
from bff.session.login_seal import Login
from bff.session.session_tokens import SESSION_OVER

_PATIENCE_SECONDS = 10.0
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """The browser's one and our three."""

    authorization: str
    token: str
    end_session: str


class Provider:
    """``url`` is its address, ``issuer`` its own name; the client is confidential."""

    def __init__(
        self, *, issuer: str, url: str, client_id: str, client_secret_file: Path, redirect_uri: str
    ) -> None:
        self._issuer = issuer
        self._url = url.rstrip("/")
        self._client_id = client_id
        self._client_secret_file = client_secret_file
        self._redirect_uri = redirect_uri
        self._endpoints: Endpoints | None = None

    async def login_address(self, login: Login, *, language: str | None = None) -> str:
        """Return where the browser is to go; raise TokenUnavailable when the provider cannot be asked.

        ``language`` is what the person chose in the page; without a choice the provider asks the browser.
        """
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid",
            "state": login.state,
            "nonce": login.nonce,
            "code_challenge": login.challenge,
            "code_challenge_method": "S256",
        }
        if language:
            asked["ui_locales"] = language
        return f"{(await self._found()).authorization}?{urlencode(asked)}"

    async def exchange(self, code: str, login: Login) -> Granted:
        """Return the tokens for ``code``; raise TokenRefused or TokenUnavailable."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": login.verifier,
        }
        return await self._token(form)

    async def refresh(self, refresh_token: str) -> Granted:
        """Return the tokens that follow; raise TokenRefused (the session is over) or TokenUnavailable."""
        return await self._token({"grant_type": "refresh_token", "refresh_token": refresh_token})

    async def end(self, refresh_token: str) -> None:
        """End the session at the provider, with all other logins of the user in that session.

        It uses the refresh token, which Keycloak accepts beside the way through the browser: so no token travels
        through the browser. A session that is over already causes no error. Raises TokenUnavailable when the provider
        cannot be reached.
        """
        try:
            form = self._with_client({"refresh_token": refresh_token})
            await post_form(
                (await self._found()).end_session, form, timeout_seconds=_PATIENCE_SECONDS
            )
        except TokenRefused as refused:
            if refused.error != SESSION_OVER:
                raise TokenUnavailable(str(refused)) from refused

    async def _token(self, form: Mapping[str, str]) -> Granted:
        endpoint = (await self._found()).token
        return await ask_for_token(
            endpoint, self._with_client(form), timeout_seconds=_PATIENCE_SECONDS
        )

    def _with_client(self, form: Mapping[str, str]) -> dict[str, str]:
        secret = read_client_secret(self._client_secret_file)
        return {**form, "client_id": self._client_id, "client_secret": secret}

    async def _found(self) -> Endpoints:
        """Ask once, and when that worked never again: addresses do not change while a process lives."""
        if self._endpoints is None:
            try:
                described = await get_document(
                    self._url + _WELL_KNOWN, timeout_seconds=_PATIENCE_SECONDS
                )
            except TokenRefused as error:
                raise TokenUnavailable(f"{self._url} is no provider: {error}") from error
            self._endpoints = _endpoints(described, self._issuer, self._url)
        return self._endpoints


def _endpoints(described: Mapping[str, Any], issuer: str, url: str) -> Endpoints:
    if described.get("issuer") != issuer:
        raise TokenUnavailable(
            f"the provider at {url} calls itself {described.get('issuer')!r}, not {issuer}"
        )
    names = ("authorization_endpoint", "token_endpoint", "end_session_endpoint")
    found = [described.get(name) for name in names]
    match found:
        case [str(authorization), str(token), str(end_session)]:
            return Endpoints(authorization=authorization, token=token, end_session=end_session)
    missing = [name for name, value in zip(names, found, strict=True) if not isinstance(value, str)]
    raise TokenUnavailable(f"the provider at {url} has no {', '.join(missing)}")
