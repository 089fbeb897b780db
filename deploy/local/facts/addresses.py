"""Where a stack's login, page and graph are found, by its ports."""

from collections.abc import Mapping

from deploy.local.facts.keycloak_files import REALM
from deploy.local.facts.ports import BFF, ROUTER


def keycloak_url(ports: Mapping[str, int]) -> str:
    """Where people and programs find it; also the beginning of every issuer."""
    return f"http://localhost:{ports['keycloak']}"


def issuer(ports: Mapping[str, int]) -> str:
    return f"{keycloak_url(ports)}/realms/{REALM}"


def jwks_url(ports: Mapping[str, int]) -> str:
    return f"{issuer(ports)}/protocol/openid-connect/certs"


def token_url(ports: Mapping[str, int]) -> str:
    return f"{issuer(ports)}/protocol/openid-connect/token"


def bff_url(ports: Mapping[str, int]) -> str:
    """Where the browser finds the bff; under this name Keycloak leads back to it after a login."""
    return f"http://localhost:{ports[BFF]}"


def device_authorization_url(ports: Mapping[str, int]) -> str:
    return f"{issuer(ports)}/protocol/openid-connect/auth/device"


def router_url(ports: Mapping[str, int]) -> str:
    """Where programs find the router's graph."""
    return f"http://localhost:{ports[ROUTER]}/graphql"
