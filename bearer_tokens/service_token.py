"""The token of a service itself, renewed in time, with one request for all tasks that wait for it.

A token is renewed when a third of its life is left, be it 5 s or an hour. The old one serves until its end, so a
provider that is away for less than that third disturbs no call. No task runs for ever: the caller that needs the token
starts its renewal.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from bearer_tokens.token_endpoint import Granted, TokenRefused, TokenUnavailable
from service_chassis.retries import Backoff

log = structlog.get_logger()

_LEFT_WHEN_RENEWED = 1 / 3
# How long the provider is left alone after so many failures in a row. Whoever waits for the token waits for this, too,
# once the provider is back; a request in two seconds of each process is no load for one that starts.
PROVIDER_BACKOFF = Backoff(first_seconds=0.2, ceiling_seconds=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldToken:
    """A token with the moments of a clock in seconds at which it is to be renewed, and ends."""

    value: str = field(repr=False)
    renew_at: float
    ends_at: float

    @classmethod
    def of(cls, granted: Granted, asked_at: float) -> "HeldToken":
        """Count the life from the question, not from the answer: a slow answer makes no token live longer."""
        ends_at = asked_at + granted.life_seconds
        return cls(
            value=granted.access_token,
            renew_at=ends_at - granted.life_seconds * _LEFT_WHEN_RENEWED,
            ends_at=ends_at,
        )


class ServiceToken:
    """Tokens by ``fetch``; ``clock`` gives seconds that only grow, ``pause`` the seconds between failures."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Granted]],
        *,
        clock: Callable[[], float],
        pause: Callable[[int], float] = PROVIDER_BACKOFF.seconds,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._pause = pause
        self._held: HeldToken | None = None
        self._renewal: asyncio.Task[None] | None = None
        self._failures = 0
        self._trouble: TokenRefused | TokenUnavailable | None = None
        self._quiet_until = float("-inf")
        # How often, since the start, by how it ended: renewed, refused, unavailable.
        self.renewals: Counter[str] = Counter(renewed=0, refused=0, unavailable=0)

    @property
    def seconds_left(self) -> float:
        """How long the token is still good; 0: there is none."""
        return 0.0 if self._held is None else max(0.0, self._held.ends_at - self._clock())

    async def value(self) -> str:
        """Return a token that is good now; raise TokenUnavailable or TokenRefused when there is none."""
        held = self._held
        if held is not None and self._clock() < held.renew_at:
            return held.value
        renewal = self._renew()
        if held is not None and self._clock() < held.ends_at:
            return held.value
        return await self._outcome_of(renewal)

    async def renewed(self, refused: str) -> str:
        """Return another token than ``refused``, which a callee did not accept although it seemed good.

        Callers that were refused the same token get the same new one.
        """
        if self._held is not None and self._held.value != refused:
            return await self.value()
        return await self._outcome_of(self._renew())

    def _renew(self) -> asyncio.Task[None] | None:
        """Start the renewal, or join it; None while the provider is left alone after a failure."""
        if self._renewal is None and self._clock() >= self._quiet_until:
            self._renewal = asyncio.create_task(self._ask(), name="renewal of the service token")
        return self._renewal

    async def _outcome_of(self, renewal: asyncio.Task[None] | None) -> str:
        before = self._held
        if renewal is not None:
            # Shielded: when one caller stops waiting, the renewal goes on for the others.
            await asyncio.shield(renewal)
        held = self._held
        if held is not None and held is not before and self._clock() < held.ends_at:
            return held.value
        if self._trouble is not None:
            # A new one each time: an exception that is raised twice grows its traceback.
            raise self._copy_of(self._trouble)
        raise TokenUnavailable("the tokens that the provider gives are over when they arrive")

    async def _ask(self) -> None:
        asked_at = self._clock()
        try:
            granted = await self._fetch()
        except (TokenRefused, TokenUnavailable) as error:
            self._trouble = error
            self._failures += 1
            self.renewals["refused" if isinstance(error, TokenRefused) else "unavailable"] += 1
            seconds = self._pause(self._failures)
            self._quiet_until = self._clock() + seconds
            log.warning("service token not renewed", why=str(error), again_in=round(seconds, 1))
        else:
            self._held = HeldToken.of(granted, asked_at)
            self._trouble, self._failures = None, 0
            self.renewals["renewed"] += 1
            log.info("service token renewed", life_seconds=granted.life_seconds)
        finally:
            self._renewal = None

    @staticmethod
    def _copy_of(trouble: TokenRefused | TokenUnavailable) -> TokenRefused | TokenUnavailable:
        match trouble:
            case TokenRefused():
                return TokenRefused(trouble.error, trouble.detail)
            case TokenUnavailable():
                return TokenUnavailable(str(trouble))
