"""The device authorization grant (RFC 8628): a code for the user, and polling at the server's pace."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bearer_tokens.token_endpoint import Granted, TokenRefused, TokenUnavailable, post_form
from meterpark_cli.failures import Failure, Unreachable
from meterpark_cli.login.provider import HTTP_SECONDS

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
# What counts when the server says nothing, and what "slow down" adds.
_INTERVAL_SECONDS = 5.0
_SLOWER_SECONDS = 5.0
_LONGEST_INTERVAL_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """What the provider returns at the beginning; the user needs the page and the code."""

    device_code: str = field(repr=False)
    user_code: str
    page: str
    page_with_code: str
    life_seconds: float
    interval_seconds: float


async def begin(url: str, client_id: str) -> DeviceCode:
    """Ask the provider for a code (RFC 8628 section 3.1)."""
    try:
        answer = await post_form(url, {"client_id": client_id}, timeout_seconds=HTTP_SECONDS)
    except (TokenRefused, TokenUnavailable) as error:
        raise login_failure(error) from error
    return _device_code(url, answer)


def _device_code(url: str, answer: Mapping[str, Any]) -> DeviceCode:
    try:
        return DeviceCode(
            device_code=str(answer["device_code"]),
            user_code=str(answer["user_code"]),
            page=str(answer["verification_uri"]),
            page_with_code=str(answer.get("verification_uri_complete") or ""),
            life_seconds=float(answer["expires_in"]),
            interval_seconds=float(answer.get("interval") or _INTERVAL_SECONDS),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Failure(f"{url} does not answer with a code: {error}") from error


async def wait_for_approval(
    ask: Callable[[], Awaitable[Granted]],
    code: DeviceCode,
    *,
    clock: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
) -> tuple[Granted, float]:
    """Poll at the server's pace until the user has decided (RFC 8628 section 3.5).

    Returns the tokens and the time of the request; raises Failure when the user refuses, or does not answer in time.
    """
    interval = code.interval_seconds
    ends_at = clock() + code.life_seconds
    while True:
        await sleep(interval)
        asked_at = clock()
        if asked_at >= ends_at:
            raise Failure("the code was not confirmed in time: meterpark login")
        try:
            return await ask(), asked_at
        except TokenUnavailable:
            interval = min(2 * interval, _LONGEST_INTERVAL_SECONDS)
        except TokenRefused as refused:
            match refused.error:
                case "authorization_pending":
                    pass
                case "slow_down":
                    interval += _SLOWER_SECONDS
                case "access_denied":
                    raise Failure("the login was refused in the browser") from refused
                case "expired_token":
                    raise Failure(
                        "the code was not confirmed in time: meterpark login"
                    ) from refused
                case _:
                    raise login_failure(refused) from refused


def login_failure(error: TokenRefused | TokenUnavailable) -> Failure:
    if isinstance(error, TokenUnavailable):
        return Unreachable(f"Keycloak cannot be reached: {error}")
    return Failure(f"Keycloak refuses: {error}")
