"""What a denied caller does: try rarely, say what to fix, go on when it is fixed.

A denial (by an access policy, for a missing role, for a token that is not accepted) does not pass by itself. Waiting
loses nothing, and frequent retries would only fill the callee's audit log.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import grpc
import grpc.aio
import structlog
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from bearer_tokens.token_endpoint import TokenRefused, TokenUnavailable
from service_chassis.refusals import reason_of
from service_chassis.retries import Backoff

log = structlog.get_logger()

T = TypeVar("T")
Denial = grpc.aio.AioRpcError | TokenRefused

_FIRST_PAUSE_SECONDS = 1.0
_DENIALS = frozenset({grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED})
_REMEDIES = {
    ErrorReason.ERROR_REASON_UNAUTHENTICATED: (
        "it does not accept the token: compare issuer, key set and audience on both sides"
    ),
    ErrorReason.ERROR_REASON_TOKEN_EXPIRED: (
        "it takes a fresh token for an old one: compare the clocks of both machines and the provider's"
    ),
    ErrorReason.ERROR_REASON_ROLE_MISSING: (
        "the token lacks the role: give it to the service account of this client at the provider"
    ),
    ErrorReason.ERROR_REASON_SIDECAR_BYPASSED: (
        "it does not know the token of its own sidecar: APP_API_TOKEN of both must be the same"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """A door that is closed now, as the status shows it."""

    peer: str
    method: str
    since: datetime
    # What an operator can do about it.
    remedy: str


def is_denial(error: Exception) -> bool:
    """Return whether ``error`` denies this caller any such call, whatever its arguments."""
    if isinstance(error, grpc.aio.AioRpcError):
        return error.code() in _DENIALS
    return isinstance(error, TokenRefused)


class Admission:
    """The way through one door of ``peer``; ``probe_seconds`` apart are the probes while it is closed.

    The first pauses are shorter, as a peer that has just started may deny for a moment what it soon allows.
    """

    def __init__(self, *, peer: str, method: str, probe_seconds: float) -> None:
        self._peer = peer
        self._method = method
        self._backoff = Backoff(first_seconds=_FIRST_PAUSE_SECONDS, ceiling_seconds=probe_seconds)
        self._alone = asyncio.Lock()
        self._openings = 0
        self._pauses = 0
        self._denied: Denied | None = None

    @property
    def denied(self) -> Denied | None:
        """Since when the door is closed and what to fix; None while it is open."""
        return self._denied

    async def through(
        self,
        ask: Callable[[], Awaitable[T]],
        probe: Callable[[], Awaitable[object]] | None,
    ) -> T:
        """Make the call until it is not denied. Raise any other error.

        ``probe`` is a small call to the same door, used instead of a large one. One caller at a time makes it, the
        others wait. Without a probe the call itself is small enough.
        """
        while True:
            try:
                answer = await ask()
            except (grpc.aio.AioRpcError, TokenRefused) as denial:
                if not is_denial(denial):
                    self._denied = None
                    raise
                await self._until_open(denial, probe)
            else:
                self._pauses = 0
                self._denied = None
                return answer

    async def _until_open(
        self, denial: Denial, probe: Callable[[], Awaitable[object]] | None
    ) -> None:
        openings = self._openings
        since = time.monotonic()
        still: Denial | None = denial
        async with self._alone:
            while still is not None and self._openings == openings:
                self._denied = Denied(
                    peer=self._peer,
                    method=self._method,
                    since=self._denied.since if self._denied else datetime.now(UTC),
                    remedy=remedy(still),
                )
                log.error(
                    "denied, trying again until it is fixed",
                    peer=self._peer,
                    method=self._method,
                    mend=remedy(still),
                )
                await asyncio.sleep(self._pause())
                still = await _denial_of(probe) if probe else None
            if self._openings == openings:
                self._openings += 1
                seconds = round(time.monotonic() - since, 1)
                log.info("going on", peer=self._peer, method=self._method, after_seconds=seconds)

    def _pause(self) -> float:
        self._pauses += 1
        return self._backoff.seconds(self._pauses - 1)


def remedy(denial: Denial) -> str:
    """Return the sentence for the operator who fixes it."""
    if isinstance(denial, TokenRefused):
        return f"the provider gives no token ({denial}): compare client id and secret with it"
    reason = reason_of(denial)
    if reason is not None:
        return _REMEDIES.get(reason, f"it says {denial.details()}")
    if denial.code() is grpc.StatusCode.UNAUTHENTICATED:
        return (
            f"a sidecar requires its API token ({denial.details()}): compare DAPR_API_TOKEN with it"
        )
    return f"an access policy is in the way ({denial.details()}): allow the call in the callee's configuration"


async def _denial_of(probe: Callable[[], Awaitable[object]]) -> Denial | None:
    """Open the door on any answer but a denial. Callers deal with other trouble themselves."""
    try:
        await probe()
    except TokenUnavailable:
        return None
    except (grpc.aio.AioRpcError, TokenRefused) as error:
        return error if is_denial(error) else None
    return None
