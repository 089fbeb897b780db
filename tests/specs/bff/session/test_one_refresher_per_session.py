"""A refresh token serves once: however many requests find the access token over, one of them refreshes."""

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bearer_tokens.token_endpoint import Granted, TokenRefused, TokenUnavailable
from bff.session.session_tokens import SessionOver, SessionTokens

LIFE = 300.0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass(kw_only=True)
class Provider:
    """Takes each refresh token once, as Keycloak does; a second use kills the session."""

    good: str = "refresh-0"
    refreshes: int = 0
    at_once: int = 0
    most_at_once: int = 0
    killed: bool = False
    # How the next questions are answered; granted when there is nothing.
    answers: list[str] = field(default_factory=list)

    def first(self) -> Granted:
        return self._granted("access-0")

    async def refresh(self, refresh_token: str) -> Granted:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            for _ in range(3):
                await asyncio.sleep(0)
            return self._answer(refresh_token)
        finally:
            self.at_once -= 1

    def _answer(self, refresh_token: str) -> Granted:
        match self.answers.pop(0) if self.answers else "granted":
            case "away":
                raise TokenUnavailable("the provider answers with status 503")
            case "wrong secret":
                raise TokenRefused("unauthorized_client", "Invalid client or credentials")
            case "over":
                self.killed = True
        if refresh_token != self.good or self.killed:
            self.killed = True
            raise TokenRefused("invalid_grant", "Session not active")
        self.refreshes += 1
        self.good = f"refresh-{self.refreshes}"
        return self._granted(f"access-{self.refreshes}")

    def _granted(self, access_token: str) -> Granted:
        return Granted(access_token=access_token, life_seconds=LIFE, refresh_token=self.good)


def session(provider: Provider, clock: Clock) -> SessionTokens:
    return SessionTokens(
        provider.first(), clock(), refresh=provider.refresh, clock=clock, pause=lambda _: 10.0
    )


async def test_many_requests_at_once_refresh_once_and_all_get_the_new_token() -> None:
    provider, clock = Provider(), Clock()
    tokens = session(provider, clock)
    assert await tokens.access_token() == "access-0"
    clock.now += LIFE
    given = await asyncio.gather(*(tokens.access_token() for _ in range(100)))
    assert set(given) == {"access-1"}
    assert provider.refreshes == 1


async def test_a_token_is_renewed_before_it_ends() -> None:
    provider, clock = Provider(), Clock()
    tokens = session(provider, clock)
    clock.now += LIFE * 2 / 3 - 1
    assert await tokens.access_token() == "access-0"
    clock.now += 1
    assert await tokens.access_token() == "access-1"


async def test_who_gives_up_waiting_leaves_the_refresh_to_the_others() -> None:
    provider, clock = Provider(), Clock()
    tokens = session(provider, clock)
    clock.now += LIFE
    first, second = (asyncio.create_task(tokens.access_token()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "access-1"
    assert provider.refreshes == 1


async def test_a_session_that_the_provider_ended_is_over_for_everybody_and_is_not_asked_again() -> (
    None
):
    provider, clock = Provider(answers=["over"]), Clock()
    tokens = session(provider, clock)
    clock.now += LIFE
    outcomes = await asyncio.gather(
        *(tokens.access_token() for _ in range(10)), return_exceptions=True
    )
    assert all(isinstance(one, SessionOver) for one in outcomes)
    with pytest.raises(SessionOver, match="Session not active"):
        await tokens.access_token()
    assert provider.most_at_once == 1


@pytest.mark.parametrize("trouble", ["away", "wrong secret"])
async def test_trouble_that_passes_ends_no_session(trouble: str) -> None:
    provider, clock = Provider(answers=[trouble, trouble]), Clock()
    tokens = session(provider, clock)
    clock.now += LIFE - 1
    assert await tokens.access_token() == "access-0", "it serves to its end"
    clock.now += 1
    with pytest.raises(TokenUnavailable):
        await tokens.access_token()
    assert len(provider.answers) == 1, "the provider is left alone for a while"
    clock.now += 10
    with pytest.raises(TokenUnavailable):
        await tokens.access_token()
    clock.now += 10
    assert await tokens.access_token() == "access-1"


async def test_who_logs_out_during_a_refresh_gets_the_token_that_ends_the_session() -> None:
    provider, clock = Provider(), Clock()
    tokens = session(provider, clock)
    clock.now += LIFE
    asking = asyncio.create_task(tokens.access_token())
    await asyncio.sleep(0)
    assert await tokens.last_refresh_token() == "refresh-1" == provider.good
    with pytest.raises(SessionOver):
        await tokens.access_token()
    await asyncio.gather(asking, return_exceptions=True)
    assert provider.refreshes == 1


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("ask"), st.integers(1, 5)),
            st.tuples(st.just("give up"), st.integers(1, 5)),
            st.tuples(st.just("pass"), st.integers(1, 250)),
            st.tuples(st.just("turn"), st.integers(1, 4)),
        ),
        max_size=40,
    ),
    st.lists(st.sampled_from(["granted", "granted", "away", "wrong secret"]), max_size=6),
)
def test_no_refresh_token_is_ever_used_twice(
    deeds: list[tuple[str, int]], answers: list[str]
) -> None:
    """Whoever asks, gives up or waits, in whatever order, and whatever trouble the provider has."""

    async def live() -> None:
        provider, clock = Provider(answers=answers), Clock()
        tokens = session(provider, clock)
        asking: list[asyncio.Task[str]] = []
        for deed, number in deeds:
            match deed:
                case "ask":
                    asking += [asyncio.create_task(tokens.access_token()) for _ in range(number)]
                case "give up":
                    for task in asking[-number:]:
                        task.cancel()
                case "pass":
                    clock.now += number
                case _:
                    for _ in range(number):
                        await asyncio.sleep(0)
        outcomes = await asyncio.gather(*asking, return_exceptions=True)
        assert not any(isinstance(one, SessionOver) for one in outcomes)
        assert not provider.killed
        assert provider.most_at_once <= 1

    asyncio.run(live())
