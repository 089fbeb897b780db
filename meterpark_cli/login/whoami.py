"""The identity of this command: ``meterpark whoami`` shows it, ``meterpark token`` gives programs its token."""

import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from bearer_tokens.claims import Claims, claims_of
from bearer_tokens.token_calls import Tokens
from bearer_tokens.token_endpoint import TokenRefused, TokenUnavailable
from meterpark_cli.failures import ExitCode, Failure, NotAllowed, Unreachable, WrongUsage
from meterpark_cli.login.identity import Identity, find_identity
from meterpark_cli.login.session import SessionTokens
from meterpark_cli.showing.documents import print_document
from meterpark_cli.showing.rendering import NOTHING, console, note, plain_table, show, stamp, words
from meterpark_cli.stack.local_stack import find_sidecar, find_stack_sidecar

EVERY_NETWORK = "*"
NOT_LOGGED_IN = (
    "not logged in. Use meterpark login;"
    " in scripts set METERPARK_CLIENT_ID and METERPARK_CLIENT_SECRET_FILE"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    identity: Identity
    claims: Claims
    session_ends_at: datetime | None


async def whoami(sidecar: str | None, *, as_json: bool) -> ExitCode:
    """Print it; ANSWER_IS_NO when the command has no identity."""
    asked = find_sidecar(sidecar, os.environ) if sidecar else find_stack_sidecar(os.environ)
    identity = find_identity(asked, os.environ)
    if identity.tokens is None:
        if as_json:
            print_document({"name": None, "origin": identity.origin})
        else:
            note(f"meterpark: {NOT_LOGGED_IN}")
        return ExitCode.ANSWER_IS_NO
    who = await look(identity, identity.tokens)
    if as_json:
        print_document(_document(who))
        return ExitCode.FINE
    table = plain_table("", "", header=False)
    for name, told in (
        ("name", who.claims.name),
        ("how", identity.origin.told),
        ("roles", ", ".join(who.claims.roles) or "none"),
        ("networks", networks_told(who.claims)),
        ("session until", stamp(_here(who.session_ends_at)) if who.session_ends_at else NOTHING),
        ("token until", stamp(_here(who.claims.ends_at))),
        ("Keycloak", identity.issuer),
        ("client", identity.client_id),
    ):
        table.add_row(words(name, "bold"), words(told))
    show(console(), table)
    return ExitCode.FINE


async def hand_over_token(sidecar: str | None) -> ExitCode:
    """Write an access token to standard output, where another program reads it; raise Failure when there is none."""
    if sys.stdout.isatty():
        raise WrongUsage(
            'a token is not for a screen: curl -H "Authorization: Bearer $(meterpark token)"'
        )
    asked = find_sidecar(sidecar, os.environ) if sidecar else find_stack_sidecar(os.environ)
    identity = find_identity(asked, os.environ)
    if identity.tokens is None:
        raise NotAllowed(NOT_LOGGED_IN)
    sys.stdout.write(f"{await token_of(identity.tokens)}\n")
    return ExitCode.FINE


async def look(identity: Identity, tokens: Tokens) -> Who:
    """Get a token and read it; raise Failure when there is none."""
    token = await token_of(tokens)
    ends_at = None
    if isinstance(tokens, SessionTokens):
        ends_at = datetime.fromtimestamp(tokens.session_ends_at, UTC)
    return Who(identity=identity, claims=claims_of(token), session_ends_at=ends_at)


async def token_of(tokens: Tokens) -> str:
    try:
        return await tokens.value()
    except (TokenRefused, TokenUnavailable) as error:
        raise no_token(error) from error


def no_token(error: TokenRefused | TokenUnavailable) -> Failure:
    """Return the failure of a command that gets no token."""
    if isinstance(error, TokenUnavailable):
        return Unreachable(f"no token: Keycloak cannot be reached: {error}")
    return NotAllowed(f"no token: Keycloak refuses: {error}. Check client id and secret")


def networks_told(claims: Claims) -> str:
    if EVERY_NETWORK in claims.networks:
        return "all"
    return ", ".join(claims.networks) or "none"


def _document(who: Who) -> dict[str, object]:
    return {
        "name": who.claims.name,
        "origin": who.identity.origin,
        "roles": list(who.claims.roles),
        "networks": list(who.claims.networks),
        "session_until": _iso(who.session_ends_at),
        "token_until": _iso(who.claims.ends_at),
        "issuer": who.identity.issuer,
        "client_id": who.identity.client_id,
    }


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _here(moment: datetime | None) -> datetime | None:
    return moment.astimezone() if moment else None
