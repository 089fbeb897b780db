"""``meterpark login`` and ``meterpark logout``: a session at Keycloak, begun in a browser and kept in a file."""

import asyncio
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from bearer_tokens.claims import claims_of
from bearer_tokens.token_endpoint import (
    TokenRefused,
    TokenUnavailable,
    ask_as_service,
    ask_for_token,
    post_form,
)
from meterpark_cli.failures import ExitCode, Unreachable, WrongUsage
from meterpark_cli.login.device_grant import DEVICE_GRANT, begin, login_failure, wait_for_approval
from meterpark_cli.login.identity import find_issuer
from meterpark_cli.login.provider import HTTP_SECONDS, Provider, reach
from meterpark_cli.login.session import session_of
from meterpark_cli.login.session_file import Login, LoginFile, PersonSession, ServiceLogin
from meterpark_cli.showing.documents import print_document
from meterpark_cli.showing.rendering import console, note, show, words
from meterpark_cli.stack.local_stack import find_stack_sidecar

OWN_CLIENT_ID = "meterpark-cli"


async def login(
    issuer: str | None, client_id: str | None, client_secret_file: Path | None, *, as_json: bool
) -> ExitCode:
    """Log a user in, or a service account when a secret is named; end an earlier login."""
    environment = os.environ
    provider = await reach(_issuer(issuer, environment))
    file = LoginFile.of(provider.issuer, environment)
    if client_secret_file is not None:
        if client_id is None:
            raise WrongUsage("--client-secret-file needs --client-id")
        new, token = await _login_service(provider, client_id, client_secret_file)
    else:
        new, token = await _login_person(provider, client_id or OWN_CLIENT_ID)
    async with file.held():
        before = _what_lies_in(file)
        file.write(new)
    if isinstance(before, PersonSession):
        await _end(before)
    claims = claims_of(token)
    if as_json:
        print_document({"name": claims.name, "issuer": provider.issuer})
    else:
        show(console(), words(f"logged in as {claims.name}"))
    return ExitCode.FINE


async def logout(issuer: str | None, *, as_json: bool) -> ExitCode:
    """End the session at the provider and delete it here; UNREACHABLE when the provider did not confirm it."""
    environment = os.environ
    file = LoginFile.of(_issuer(issuer, environment), environment)
    async with file.held():
        login = _what_lies_in(file)
        file.remove()
    trouble = await _end(login) if isinstance(login, PersonSession) else None
    if as_json:
        print_document({"logged_out": login is not None, "trouble": trouble})
    elif trouble is None:
        show(console(), words("logged out" if login else "you were not logged in"))
    if trouble is not None:
        raise Unreachable(
            f"deleted here, but Keycloak could not be reached ({trouble}):"
            f" the session ends by itself at {_local(login)}"
        )
    return ExitCode.FINE


def _issuer(said: str | None, environment: Mapping[str, str]) -> str:
    issuer = (said or "").rstrip("/") or find_issuer(find_stack_sidecar(environment), environment)
    if not issuer:
        raise WrongUsage(
            "no Keycloak is known. Start the local stack (make up), or give --issuer https://HOST/realms/NAME"
        )
    return issuer


async def _login_service(
    provider: Provider, client_id: str, client_secret_file: Path
) -> tuple[Login, str]:
    """Ask once, so that a wrong secret is found now and not in the night."""
    try:
        granted = await ask_as_service(
            provider.token_url, client_id, client_secret_file, timeout_seconds=HTTP_SECONDS
        )
    except (TokenRefused, TokenUnavailable) as error:
        raise login_failure(error) from error
    login = ServiceLogin(
        issuer=provider.issuer,
        client_id=client_id,
        client_secret_file=client_secret_file,
    )
    return login, granted.access_token


async def _login_person(provider: Provider, client_id: str) -> tuple[Login, str]:
    code = await begin(provider.device_authorization_url, client_id)
    note(f"Open {code.page} in a browser, on any machine, and enter the code")
    note("")
    note(f"    {code.user_code}")
    note("")
    if code.page_with_code:
        note(f"or open {code.page_with_code}")
    note(f"Waiting for {code.life_seconds:.0f} s; Ctrl-C gives up.")
    form = {
        "grant_type": DEVICE_GRANT,
        "client_id": client_id,
        "device_code": code.device_code,
    }
    granted, asked_at = await wait_for_approval(
        lambda: ask_for_token(provider.token_url, form, timeout_seconds=HTTP_SECONDS),
        code,
        clock=time.time,
        sleep=asyncio.sleep,
    )
    session = session_of(
        granted,
        asked_at,
        issuer=provider.issuer,
        token_url=provider.token_url,
        revocation_url=provider.revocation_url,
        client_id=client_id,
    )
    return session, granted.access_token


def _what_lies_in(file: LoginFile) -> Login | None:
    """A file that holds something else is replaced, or removed, like any other."""
    try:
        return file.read()
    except WrongUsage:
        return None


async def _end(session: PersonSession) -> str | None:
    """Revoke the session (RFC 7009); return why that did not work, if it did not."""
    form = {
        "client_id": session.client_id,
        "token": session.refresh_token,
        "token_type_hint": "refresh_token",
    }
    try:
        await post_form(session.revocation_url, form, timeout_seconds=HTTP_SECONDS)
    except TokenUnavailable as error:
        return str(error)
    except TokenRefused:
        return None  # it was over already
    return None


def _local(login: Login | None) -> str:
    ends_at = login.refresh_ends_at if isinstance(login, PersonSession) else 0.0
    return f"{datetime.fromtimestamp(ends_at, UTC).astimezone():%Y-%m-%d %H:%M:%S%z}"
