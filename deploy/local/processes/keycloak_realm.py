"""The realm file with this stack's own secrets in it, as Keycloak imports it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deploy.local.facts.keycloak_files import REALM, RealmSecrets
from deploy.local.facts.secret_files import secret

_TEMPLATE = Path(__file__).parent / "realm" / f"{REALM}.yaml"
# Short enough to be typed from one screen into another: 96 bits.
_PASSWORD_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A sample user; networks are as in a token, where "*" is all of them."""

    name: str
    roles: list[str]
    networks: list[str]


def realm_template() -> dict[str, Any]:
    """Return the realm without secrets."""
    realm: dict[str, Any] = yaml.safe_load(_TEMPLATE.read_text())
    return {key: value for key, value in realm.items() if not key.startswith("x-")}


def confidential_clients() -> list[str]:
    return [
        client["clientId"] for client in realm_template()["clients"] if not client["publicClient"]
    ]


def people() -> list[Person]:
    """Return the sample users; what every user of a realm has is not said."""
    return [
        Person(
            name=user["username"],
            roles=[role for role in user["realmRoles"] if role != f"default-roles-{REALM}"],
            networks=user["attributes"]["networks"],
        )
        for user in realm_template()["users"]
        if "serviceAccountClientId" not in user
    ]


def filled_realm(secrets: RealmSecrets) -> str:
    """Return the realm as JSON with a secret per client and a password per user.

    Missing ones are made first, so a later call returns the same text.
    """
    realm = realm_template()
    for client in realm["clients"]:
        if not client["publicClient"]:
            client["secret"] = secret(secrets.client(client["clientId"]))
    for user in realm["users"]:
        if "serviceAccountClientId" not in user:
            password = secret(secrets.user(user["username"]), random_bytes=_PASSWORD_BYTES)
            user["credentials"] = [{"type": "password", "value": password, "temporary": False}]
    return json.dumps(realm, indent=1)
