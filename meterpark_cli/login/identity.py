"""The identity of this command: from the environment, else the login, else the local stack's own account."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bearer_tokens.service_token import ServiceToken
from bearer_tokens.token_calls import Tokens
from bearer_tokens.token_endpoint import Granted, ask_as_service
from meterpark_cli.failures import WrongUsage
from meterpark_cli.login.provider import HTTP_SECONDS, discover
from meterpark_cli.login.session import SessionTokens
from meterpark_cli.login.session_file import LoginFile, PersonSession, ServiceLogin, logins_of_stack
from meterpark_cli.stack.local_stack import Sidecar

SCRIPT_CLIENT_ID = "meterpark-script"


class Origin(StrEnum):
    """Where an identity comes from, for programs; ``told`` is the text for users."""

    ENVIRONMENT = "environment"
    LOGIN = "login"
    LOCAL_STACK = "local stack"
    NOBODY = "nobody"

    @property
    def told(self) -> str:
        return _TOLD[self]


_TOLD = {
    Origin.ENVIRONMENT: "from the environment",
    Origin.LOGIN: "logged in",
    Origin.LOCAL_STACK: "not logged in: the local stack's own account for scripts",
    Origin.NOBODY: "not logged in",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Without ``tokens`` the command calls without an identity."""

    origin: Origin
    issuer: str = ""
    client_id: str = ""
    tokens: Tokens | None = None
    login: LoginFile | None = None


def find_issuer(sidecar: Sidecar | None, environment: Mapping[str, str]) -> str:
    """Return the issuer that the environment names, else the local stack's, else ""."""
    named = environment.get("METERPARK_ISSUER", "").rstrip("/")
    own = sidecar.own if sidecar else None
    return named or (own.keycloak.issuer if own and own.keycloak else "")


def find_identity(sidecar: Sidecar | None, environment: Mapping[str, str]) -> Identity:
    """Return the identity for calls through ``sidecar`` (None: unknown); raise WrongUsage when settings are missing."""
    issuer = find_issuer(sidecar, environment)
    client_id = environment.get("METERPARK_CLIENT_ID", "")
    secret_file = environment.get("METERPARK_CLIENT_SECRET_FILE", "")
    if client_id or secret_file:
        for name, value in (
            ("METERPARK_CLIENT_ID", client_id),
            ("METERPARK_CLIENT_SECRET_FILE", secret_file),
            ("METERPARK_ISSUER", issuer),
        ):
            if not value:
                raise WrongUsage(f"{name} is not set: a service account needs it")
        return _service(Origin.ENVIRONMENT, issuer, client_id, Path(secret_file))
    return _of_login(issuer, environment) or _of_own_stack(sidecar, issuer) or _nobody(issuer)


def _of_login(issuer: str, environment: Mapping[str, str]) -> Identity | None:
    files = [LoginFile.of(issuer, environment)] if issuer else logins_of_stack(environment)
    found = [(file, login) for file in files if (login := file.read()) is not None]
    if len(found) > 1:
        issuers = ", ".join(login.issuer for _, login in found)
        raise WrongUsage(f"there are several logins ({issuers}): choose one with METERPARK_ISSUER")
    if not found:
        return None
    [(file, login)] = found
    match login:
        case PersonSession():
            return Identity(
                origin=Origin.LOGIN,
                issuer=login.issuer,
                client_id=login.client_id,
                tokens=SessionTokens(file, login, clock=time.time),
                login=file,
            )
        case ServiceLogin():
            return _service(
                Origin.LOGIN, login.issuer, login.client_id, login.client_secret_file, file
            )


def _of_own_stack(sidecar: Sidecar | None, issuer: str) -> Identity | None:
    """The local stack's account for scripts, for users that can read its secret; no other sidecar gets its token."""
    keycloak = sidecar.own.keycloak if sidecar and sidecar.own else None
    if keycloak is None or keycloak.issuer != issuer:
        return None
    secret_file = keycloak.client_secret_files.get(SCRIPT_CLIENT_ID)
    if secret_file is None:
        return None
    return _service(Origin.LOCAL_STACK, issuer, SCRIPT_CLIENT_ID, secret_file)


def _nobody(issuer: str) -> Identity:
    return Identity(origin=Origin.NOBODY, issuer=issuer)


def _service(
    origin: Origin,
    issuer: str,
    client_id: str,
    client_secret_file: Path,
    login: LoginFile | None = None,
) -> Identity:
    async def fetch() -> Granted:
        provider = await discover(issuer)
        return await ask_as_service(
            provider.token_url, client_id, client_secret_file, timeout_seconds=HTTP_SECONDS
        )

    return Identity(
        origin=origin,
        issuer=issuer,
        client_id=client_id,
        tokens=ServiceToken(fetch, clock=time.monotonic),
        login=login,
    )
