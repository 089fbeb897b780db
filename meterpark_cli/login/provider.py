"""The OpenID provider (Keycloak) that gives people and scripts their tokens, found by its issuer alone."""

from typing import Any

from bearer_tokens.token_endpoint import TokenRefused, TokenUnavailable, get_document
from meterpark_cli.failures import Failure, Unreachable, WrongUsage

HTTP_SECONDS = 10.0
_WELL_KNOWN = "/.well-known/openid-configuration"


class Provider:
    """What the provider says of itself (OpenID Connect Discovery)."""

    def __init__(self, issuer: str, described: dict[str, Any]) -> None:
        self.issuer = issuer
        self._described = described

    @property
    def token_url(self) -> str:
        return self._endpoint("token_endpoint")

    @property
    def revocation_url(self) -> str:
        return self._endpoint("revocation_endpoint")

    @property
    def device_authorization_url(self) -> str:
        return self._endpoint("device_authorization_endpoint")

    def _endpoint(self, name: str) -> str:
        url = self._described.get(name)
        if not isinstance(url, str):
            raise Failure(f"{self.issuer} offers no {name}, which this needs")
        return url


async def discover(issuer: str) -> Provider:
    """Return the provider behind ``issuer``; raise TokenUnavailable, or WrongUsage when the address is another's."""
    if not issuer.startswith(("http://", "https://")):
        raise WrongUsage(f"issuer {issuer!r} is not a URL, e.g. https://HOST/realms/meterpark")
    issuer = issuer.rstrip("/")
    described = await get_document(issuer + _WELL_KNOWN, timeout_seconds=HTTP_SECONDS)
    if described.get("issuer") != issuer:
        raise WrongUsage(
            f"{issuer} calls itself {described.get('issuer')!r}: use that name, or correct its hostname setting"
        )
    return Provider(issuer, described)


async def reach(issuer: str) -> Provider:
    """`discover`, with failures as texts for the user."""
    try:
        return await discover(issuer)
    except TokenUnavailable as error:
        raise Unreachable(f"Keycloak cannot be reached: {error}") from error
    except TokenRefused as error:
        raise Failure(f"{issuer} is not an OpenID provider: {error}") from error
