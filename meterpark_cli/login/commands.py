"""The words ``meterpark login``, ``logout``, ``whoami`` and ``token``; the work is imported only when needed."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for the HTTP client to be imported
# ruff: noqa: D301 - the backspace keeps the lines of the examples apart

from pathlib import Path
from typing import Annotated

import typer

from meterpark_cli.failures import run
from meterpark_cli.options import JsonOption, SidecarOption

identity = typer.Typer()

_IssuerOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="METERPARK_ISSUER",
        help="Issuer, as https://HOST/realms/NAME. Default: the local stack's Keycloak.",
    ),
]


@identity.command("login")
def login(
    *,
    issuer: _IssuerOption = None,
    client_id: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            envvar="METERPARK_CLIENT_ID",
            help="Client of Keycloak to log in with. Default: meterpark-cli.",
        ),
    ] = None,
    client_secret_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="METERPARK_CLIENT_SECRET_FILE",
            resolve_path=True,
            help="Log in as a service account, for scripts. The file is read, not copied.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Log in with a browser, on this or another machine. The next commands use the session.

    \b
    For example:
      meterpark login
      meterpark login --issuer https://keycloak.example/realms/meterpark
      meterpark login --client-id nightly-report --client-secret-file secret
    """
    from meterpark_cli.login.login import login as log_in

    run(log_in(issuer, client_id, client_secret_file, as_json=as_json))


@identity.command("logout")
def logout(*, issuer: _IssuerOption = None, as_json: JsonOption = False) -> None:
    """Log out: end the session at Keycloak and delete it here."""
    from meterpark_cli.login.login import logout as log_out

    run(log_out(issuer, as_json=as_json))


@identity.command("whoami")
def whoami(*, as_json: JsonOption = False, sidecar: SidecarOption = None) -> None:
    """Show your identity: name, roles, networks, and until when the login is valid.

    \b
    For example:
      meterpark whoami
      meterpark whoami --json | jq -r '.roles[]'
    """
    from meterpark_cli.login.whoami import whoami as say

    run(say(sidecar, as_json=as_json))


@identity.command("token")
def token(*, sidecar: SidecarOption = None) -> None:
    """Print an access token for another program. It is valid for some minutes; it is never printed to a terminal.

    \b
    For example:
      curl -H "Authorization: Bearer $(meterpark token)" ...
    """
    from meterpark_cli.login.whoami import hand_over_token

    run(hand_over_token(sidecar))
