"""The tokens of a user who is logged in: one refresher for all commands that run at once."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from bearer_tokens.service_token import PROVIDER_BACKOFF, HeldToken
from bearer_tokens.token_endpoint import Granted, TokenRefused, TokenUnavailable, ask_for_token
from meterpark_cli.failures import Failure
from meterpark_cli.login.provider import HTTP_SECONDS
from meterpark_cli.login.session_file import LoginFile, PersonSession

T = TypeVar("T")


class SessionOver(Failure):
    """The user has to log in again."""


def session_of(
    granted: Granted,
    asked_at: float,
    *,
    issuer: str,
    token_url: str,
    revocation_url: str,
    client_id: str,
) -> PersonSession:
    """Return the stored form of tokens that were requested at ``asked_at``."""
    access = HeldToken.of(granted, asked_at)
    return PersonSession(
        issuer=issuer,
        token_url=token_url,
        revocation_url=revocation_url,
        client_id=client_id,
        refresh_token=granted.refresh_token,
        refresh_ends_at=asked_at + granted.refresh_life_seconds,
        access_token=access.value,
        access_renew_at=access.renew_at,
        access_ends_at=access.ends_at,
    )


class SessionTokens:
    """Tokens of the login in ``file``; ``clock`` gives seconds since 1970, as other commands have to understand it."""

    def __init__(
        self, file: LoginFile, session: PersonSession, *, clock: Callable[[], float]
    ) -> None:
        self._file = file
        self._session = session
        self._clock = clock
        self._here_alone = asyncio.Lock()
        self._failures = 0
        self._quiet_until = float("-inf")

    @property
    def session_ends_at(self) -> float:
        return self._session.refresh_ends_at

    async def value(self) -> str:
        """Return a token that is good now; raise SessionOver or TokenUnavailable when there is none."""
        if self._clock() < self._session.access_renew_at:
            return self._session.access_token
        good = self._clock() < self._session.access_ends_at
        if good and self._clock() < self._quiet_until:
            return self._session.access_token
        try:
            await self._renew(unlike="")
        except TokenUnavailable:
            self._failures += 1
            self._quiet_until = self._clock() + PROVIDER_BACKOFF.seconds(self._failures)
            if self._clock() >= self._session.access_ends_at:
                raise
        else:
            self._failures = 0
        return self._session.access_token

    async def renewed(self, refused: str) -> str:
        """Return another token than ``refused``; raise SessionOver or TokenUnavailable when there is none."""
        await self._renew(unlike=refused)
        return self._session.access_token

    async def _renew(self, *, unlike: str) -> None:
        async with self._here_alone, self._file.held():
            # Another command may have renewed it, or logged out, since this one looked.
            session = self._file.read()
            if not isinstance(session, PersonSession):
                raise SessionOver("you were logged out meanwhile: meterpark login")
            self._session = session
            if session.access_token != unlike and self._clock() < session.access_renew_at:
                return
            self._session = await _to_its_end(self._refresh(session))

    async def _refresh(self, session: PersonSession) -> PersonSession:
        form = {
            "grant_type": "refresh_token",
            "client_id": session.client_id,
            "refresh_token": session.refresh_token,
        }
        asked_at = self._clock()
        try:
            granted = await ask_for_token(session.token_url, form, timeout_seconds=HTTP_SECONDS)
        except TokenRefused as refused:
            raise SessionOver(f"the login has ended ({refused}): meterpark login") from refused
        renewed = session_of(
            granted,
            asked_at,
            issuer=session.issuer,
            token_url=session.token_url,
            revocation_url=session.revocation_url,
            client_id=session.client_id,
        )
        self._file.write(renewed)
        return renewed


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Do ``work`` even if the user presses Ctrl-C meanwhile: a refresh token that was sent is used up."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
