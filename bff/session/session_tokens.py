"""The tokens of one session. A refresh token is never used twice, however many requests find the access token expired.

The provider accepts each refresh token once; a second use ends the session (docs/operations.md). So one task refreshes
and all requests wait for it; when one stops waiting, the task goes on for the others. It starts when a third of the
access token's life is left. While the provider is away the access token serves to its end.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bearer_tokens.service_token import PROVIDER_BACKOFF, HeldToken
from bearer_tokens.token_endpoint import Granted, TokenRefused, TokenUnavailable

log = structlog.get_logger()

# RFC 6749, 5.2: the grant that was shown is worth nothing (any more).
SESSION_OVER = "invalid_grant"


class SessionOver(Exception):
    """The provider gives no more tokens for this session; the text is the provider's. The user has to log in again."""


class SessionTokens:
    """Begins with ``granted``, asked for at ``asked_at``; ``clock`` gives seconds that only grow."""

    def __init__(
        self,
        granted: Granted,
        asked_at: float,
        *,
        refresh: Callable[[str], Awaitable[Granted]],
        clock: Callable[[], float],
        pause: Callable[[int], float] = PROVIDER_BACKOFF.seconds,
    ) -> None:
        self._held = HeldToken.of(granted, asked_at)
        self._refresh_token = granted.refresh_token
        self._refresh = refresh
        self._clock = clock
        self._pause = pause
        self._refreshing: asyncio.Task[None] | None = None
        self._over: str | None = None
        self._trouble = ""
        self._failures = 0
        self._quiet_until = float("-inf")

    async def access_token(self) -> str:
        """Return one that is good now; raise SessionOver or TokenUnavailable when there is none."""
        if self._clock() >= self._held.renew_at and self._over is None:
            await self._refreshed()
        if self._over is not None:
            raise SessionOver(self._over)
        if self._clock() >= self._held.ends_at:
            raise TokenUnavailable(self._trouble or "the provider's tokens are over when they come")
        return self._held.value

    async def last_refresh_token(self) -> str:
        """Return the one that ends the session at the provider; no refresh is begun from now on."""
        self._over = self._over or "logged out"
        if self._refreshing is not None:
            await asyncio.shield(self._refreshing)
        return self._refresh_token

    async def _refreshed(self) -> None:
        if self._refreshing is None:
            if self._clock() < self._quiet_until:
                return
            self._refreshing = asyncio.create_task(self._ask(), name="refresh of a session")
        # Shielded: a refresh token that was sent is used up, even when its request was cancelled.
        await asyncio.shield(self._refreshing)

    async def _ask(self) -> None:
        asked_at = self._clock()
        try:
            granted = await self._refresh(self._refresh_token)
        except (TokenRefused, TokenUnavailable) as error:
            if isinstance(error, TokenRefused) and error.error == SESSION_OVER:
                self._over = str(error)
                return
            # Another refusal is about this client (its secret), and passes when that is fixed.
            log.warning("session not refreshed", why=str(error))
            self._trouble = str(error)
            self._failures += 1
            self._quiet_until = self._clock() + self._pause(self._failures)
        else:
            self._held = HeldToken.of(granted, asked_at)
            self._refresh_token = granted.refresh_token or self._refresh_token
            self._failures = 0
        finally:
            self._refreshing = None
