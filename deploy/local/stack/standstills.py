"""Finds what stands still although every process runs, by the services' own reports of progress.

It calls like any user: by the command, through its sidecar, with the stack's account for scripts.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ACCOUNT = "meterpark-script"
# The command gives up sooner, service by service.
_PATIENCE_SECONDS = 60
_REPOSITORY = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """One line for operators: where, what and since when, and what to do."""

    hop: str
    finding: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.hop}: {self.finding}" + (f" -> {self.remedy}" if self.remedy else "")


class NotLooked(Exception):
    """It is unknown whether anything stands still; the text says why."""


def standstills(
    description: Mapping[str, Any], environment: Mapping[str, str]
) -> tuple[list[Standstill], list[Standstill]]:
    """Return what stands still in the stack that `description` describes, and what could not be looked at.

    Raises:
        NotLooked: the command itself fails.
    """
    try:
        settings = settings_for_command(description)
    except KeyError as missing:
        raise NotLooked(
            f"the stack was started by another version ({missing} is missing)"
        ) from None
    try:
        asked = subprocess.run(
            [sys.executable, "-m", "meterpark_cli", "doctor", "--standstills", "--json"],
            cwd=_REPOSITORY,
            env={**environment, **settings},
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
        checks = json.loads(asked.stdout)["checks"]
    except subprocess.TimeoutExpired:
        raise NotLooked(f"the look took longer than {_PATIENCE_SECONDS} s") from None
    except (ValueError, KeyError, TypeError):
        raise NotLooked(f"the look failed: {asked.stderr.strip()[-300:]}") from None
    wrong, unknown = (
        [
            Standstill(hop=check["name"], finding=check["finding"], remedy=check["remedy"])
            for check in checks
            if check["state"] == state
        ]
        for state in ("wrong", "not checked")
    )
    return wrong, unknown


def settings_for_command(description: Mapping[str, Any]) -> dict[str, str]:
    """Return everything that the command needs, so that neither a login nor another stack is taken for it."""
    sidecar, broker = description["sidecars"]["meterpark-cli"], description["broker"]
    keycloak = description["keycloak"]
    return {
        "METERPARK_SIDECAR": f"127.0.0.1:{sidecar['grpc']}",
        "METERPARK_SIDECAR_TOKEN_FILE": sidecar["api_token_file"],
        "METERPARK_ISSUER": keycloak["issuer"],
        "METERPARK_CLIENT_ID": _ACCOUNT,
        "METERPARK_CLIENT_SECRET_FILE": keycloak["client_secret_files"][_ACCOUNT],
        "METERPARK_BROKER_URL": broker["url_amqp"],
        "METERPARK_BROKER_USER": broker["user_hes"],
        "METERPARK_BROKER_PASSWORD_FILE": broker["password_file_hes"],
    }
