"""The Keycloak of the session's stack: tokens of every kind, and its admin API for what a test needs more.

A test that adds clients or realms, or changes some, takes names of its own: the run shares it.
"""

import contextlib
import html
import json
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
from joserfc.jws import extract_compact
from yarl import URL

from deploy.local.facts.keycloak_files import REALM
from deploy.local.processes.keycloak_realm import realm_template

AUDIENCES = ("smoc-service", "device-hub")
_REDIRECT = "http://localhost/"


class KeycloakRefused(Exception):
    """Keycloak answered with an error; `status` is HTTP's."""

    def __init__(self, what: str, status: int, answer: str) -> None:
        super().__init__(f"{what}: {status} {answer[:300]}")
        self.status = status
        self.answer = answer


@dataclass(slots=True, kw_only=True)
class Keycloak:
    """`described` is the entry `keycloak` of the stack's `stack.json`."""

    described: Mapping[str, Any]
    http: aiohttp.ClientSession
    _admin_token: str = ""

    @classmethod
    @contextlib.asynccontextmanager
    async def of_stack(cls, described: Mapping[str, Any]) -> AsyncIterator[Self]:
        async with aiohttp.ClientSession() as http:
            yield cls(described=described, http=http)

    # Where things are.

    def issuer(self, realm: str = REALM) -> str:
        return f"{self.described['url']}/realms/{realm}"

    def jwks_url(self, realm: str = REALM) -> str:
        return f"{self.issuer(realm)}/protocol/openid-connect/certs"

    def token_url(self, realm: str = REALM) -> str:
        return f"{self.issuer(realm)}/protocol/openid-connect/token"

    def client_secret(self, client: str) -> str:
        return Path(self.described["client_secret_files"][client]).read_text()

    def password(self, user: str) -> str:
        return Path(self.described["user_password_files"][user]).read_text()

    def admin_password(self) -> str:
        return Path(self.described["admin_password_file"]).read_text()

    # Tokens.

    async def tokens(self, form: Mapping[str, str], *, realm: str = REALM) -> dict[str, Any]:
        """Return what the token endpoint answers to `form`.

        Raises:
            KeycloakRefused: it does not give a token for that.
        """
        async with self.http.post(self.token_url(realm), data=form) as answer:
            given: dict[str, Any] = await _read(f"token of {form.get('client_id')}", answer)
        return given

    async def service_token(
        self, client: str, *, secret: str | None = None, realm: str = REALM
    ) -> str:
        """Return an access token of a client's service account."""
        answer = await self.tokens(
            {
                "grant_type": "client_credentials",
                "client_id": client,
                "client_secret": secret or self.client_secret(client),
            },
            realm=realm,
        )
        return str(answer["access_token"])

    async def token(
        self,
        *,
        roles: Iterable[str] = (),
        networks: Iterable[str] = (),
        audiences: Iterable[str] = AUDIENCES,
        algorithm: str = "RS256",
        seconds: int = 300,
        realm: str = REALM,
    ) -> str:
        """Return a token with exactly these roles and networks, of a client made for it."""
        client = f"test-{secrets.token_hex(6)}"
        secret = await self.make_service(
            client,
            roles=roles,
            networks=networks,
            audiences=audiences,
            algorithm=algorithm,
            seconds=seconds,
            realm=realm,
        )
        return await self.service_token(client, secret=secret, realm=realm)

    async def person_token(self, user: str, *, client: str = "meterpark-page") -> str:
        """Return an access token of a sample user, who logs in on Keycloak's page."""
        return str((await self.log_in(user, client=client))["access_token"])

    async def log_in(
        self, user: str, *, client: str = "meterpark-page", scope: str = "openid"
    ) -> dict[str, Any]:
        """Log in as a browser does (code and PKCE); return all tokens of the new session."""
        verifier = secrets.token_urlsafe(48)
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "client_id": client,
            "response_type": "code",
            "redirect_uri": _REDIRECT,
            "scope": scope,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        async with self.browser() as browser:
            page = f"{self.issuer()}/protocol/openid-connect/auth?{urlencode(asked)}"
            where = await self.fill_in_login(browser, page, user)
        [code] = parse_qs(urlsplit(where).query)["code"]
        form = {
            "grant_type": "authorization_code",
            "client_id": client,
            "code": code,
            "redirect_uri": _REDIRECT,
            "code_verifier": verifier,
        }
        if client in self.described["client_secret_files"]:
            form["client_secret"] = self.client_secret(client)
        return await self.tokens(form)

    async def confirm_device(self, verification_uri_complete: str, user: str) -> None:
        """Do what a person does in the browser when `meterpark login` shows this address."""
        async with self.browser() as browser:
            consent = await self.fill_in_login(browser, verification_uri_complete, user)
            await _fill_in(browser, consent, {"accept": "Yes"})

    async def fill_in_login(self, browser: aiohttp.ClientSession, page: str, user: str) -> str:
        """Log in on Keycloak's `page`; return where that leads."""
        return await _fill_in(browser, page, self._who(user))

    def browser(self) -> aiohttp.ClientSession:
        """Return a browser without any cookies yet."""
        # As browsers do, secure cookies go to this machine over plain HTTP, too.
        jar = aiohttp.CookieJar(treat_as_secure_origin=URL(self.described["url"]))
        return aiohttp.ClientSession(cookie_jar=jar)

    def _who(self, user: str) -> dict[str, str]:
        return {"username": user, "password": self.password(user)}

    # What a test changes.

    async def admin(self, method: str, path: str, body: Any = None, *, realm: str = REALM) -> Any:
        """Call the admin API as its administrator; `path` goes on behind /admin/realms/REALM.

        Raises:
            KeycloakRefused: it does not do that.
        """
        url = f"{self.described['url']}/admin/realms{f'/{realm}' if realm else ''}{path}"
        for last in (False, True):
            headers = {"Authorization": f"Bearer {self._admin_token}"}
            async with self.http.request(method, url, json=body, headers=headers) as answer:
                if answer.status != HTTPStatus.UNAUTHORIZED or last:
                    return await _read(f"{method} {path}", answer)
            # Never had one, or it has expired.
            self._admin_token = await self._new_admin_token()
        raise AssertionError

    async def _new_admin_token(self) -> str:
        granted = await self.tokens(
            {
                "grant_type": "password",
                "client_id": "admin-cli",
                "username": self.described["admin_user"],
                "password": self.admin_password(),
            },
            realm="master",
        )
        return str(granted["access_token"])

    async def client_id_of(self, client: str, *, realm: str = REALM) -> str:
        """Return the id under which the admin API knows `client`."""
        [found] = await self.admin("GET", f"/clients?clientId={client}", realm=realm)
        return str(found["id"])

    async def make_client(
        self,
        client: str,
        *,
        audiences: Iterable[str] = AUDIENCES,
        algorithm: str = "RS256",
        seconds: int = 300,
        realm: str = REALM,
        **more: Any,
    ) -> str:
        """Make a confidential client like `meterpark-script`, but without roles; return its secret.

        `more` is what else Keycloak's ClientRepresentation has.
        """
        [like] = [
            one for one in realm_template()["clients"] if one["clientId"] == "meterpark-script"
        ]
        mappers = [
            mapper
            for mapper in like["protocolMappers"]
            if mapper["config"].get("included.custom.audience", "") in {"", *audiences}
        ]
        secret = secrets.token_urlsafe(32)
        attributes = {
            "access.token.signed.response.alg": algorithm,
            "access.token.lifespan": str(seconds),
        }
        made = {
            **like,
            "clientId": client,
            "secret": secret,
            "protocolMappers": mappers,
            "attributes": attributes,
            **more,
        }
        await self.admin("POST", "/clients", made, realm=realm)
        return secret

    async def make_service(
        self,
        client: str,
        *,
        roles: Iterable[str] = (),
        networks: Iterable[str] = (),
        audiences: Iterable[str] = AUDIENCES,
        algorithm: str = "RS256",
        seconds: int = 300,
        realm: str = REALM,
    ) -> str:
        """Make a client with a service account that has these roles and networks; return its secret."""
        secret = await self.make_client(
            client, audiences=audiences, algorithm=algorithm, seconds=seconds, realm=realm
        )
        id_ = await self.client_id_of(client, realm=realm)
        account = await self.admin("GET", f"/clients/{id_}/service-account-user", realm=realm)
        given = [await self.admin("GET", f"/roles/{role}", realm=realm) for role in roles]
        user = f"/users/{account['id']}"
        if given:
            await self.admin("POST", f"{user}/role-mappings/realm", given, realm=realm)
            await self.admin("POST", f"/clients/{id_}/scope-mappings/realm", given, realm=realm)
        if networks:
            account["attributes"] = {"networks": list(networks)}
            await self.admin("PUT", user, account, realm=realm)
        return secret

    async def make_realm(self, realm: str) -> None:
        """Make another realm with the same roles: its tokens have another issuer and other keys."""
        roles = realm_template()["roles"]
        profile = realm_template()["components"]
        made = {"realm": realm, "enabled": True, "roles": roles, "components": profile}
        await self.admin("POST", "", made, realm="")

    async def set_token_seconds(
        self, client: str, seconds: int | None, *, realm: str = REALM
    ) -> int | None:
        """Let access tokens of `client` live `seconds` from now on, or as long as the realm says (None).

        Return what was said before.
        """
        path = f"/clients/{await self.client_id_of(client, realm=realm)}"
        found = await self.admin("GET", path, realm=realm)
        before = found["attributes"].get("access.token.lifespan")
        # An empty one is taken away; one that is not named stays.
        found["attributes"]["access.token.lifespan"] = "" if seconds is None else str(seconds)
        await self.admin("PUT", path, found, realm=realm)
        return int(before) if before else None

    async def end_sessions(self, user: str, *, realm: str = REALM) -> None:
        """End every session of `user`, as an administrator does."""
        [found] = await self.admin("GET", f"/users?username={user}&exact=true", realm=realm)
        await self.admin("POST", f"/users/{found['id']}/logout", realm=realm)

    async def key_ids(self, *, realm: str = REALM) -> list[str]:
        """Return the `kid` of every key that the realm publishes."""
        async with self.http.get(self.jwks_url(realm)) as answer:
            return [key["kid"] for key in (await _read("keys", answer))["keys"]]

    async def rotate_keys(self, *, realm: str = REALM) -> None:
        """Sign with a new RS256 key from now on; the older ones stay published."""
        kind = "org.keycloak.keys.KeyProvider"
        found = await self.admin("GET", f"/components?type={kind}", realm=realm)
        highest = max(int(one["config"].get("priority", ["0"])[0]) for one in found)
        made = {
            "name": f"rs256-{highest + 1}",
            "providerType": kind,
            "providerId": "rsa-generated",
            "config": {"priority": [str(highest + 1)], "algorithm": ["RS256"]},
        }
        await self.admin("POST", "/components", made, realm=realm)


def claims(token: str) -> dict[str, Any]:
    """Return what a token says, without asking whether that is true."""
    read: dict[str, Any] = json.loads(extract_compact(token.encode()).payload)
    return read


async def _read(what: str, answer: aiohttp.ClientResponse) -> Any:
    text = await answer.text()
    if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
        raise KeycloakRefused(what, answer.status, text)
    return await answer.json() if text else None


async def _fill_in(browser: aiohttp.ClientSession, url: str, fields: Mapping[str, str]) -> str:
    """Open a page, fill in its form, send it; return where that leads."""
    async with browser.get(url) as opened:
        page = await opened.text()
        if opened.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise KeycloakRefused(url, opened.status, page)
    form = re.search(r'<form[^>]*action="([^"]+)"', page)
    assert form, f"no form on the page {opened.url}: {page[-2000:]}"
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    action = opened.url.join(URL(html.unescape(form[1]), encoded=True))
    async with browser.post(action, data={**hidden, **fields}, allow_redirects=False) as answer:
        assert "Location" in answer.headers, f"not accepted: {(await answer.text())[-3000:]}"
        return answer.headers["Location"]
