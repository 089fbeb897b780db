"""A service's token is renewed in time, by one request, and a provider that is away is left alone."""

import asyncio
from dataclasses import dataclass, field

import pytest

from bearer_tokens.service_token import PROVIDER_BACKOFF, ServiceToken
from bearer_tokens.token_endpoint import Granted, TokenRefused, TokenUnavailable

FIVE_SECONDS, AN_HOUR = 5.0, 3600.0


@dataclass
class Provider:
    """Gives `token-1`, `token-2`, ...; a clock stands beside it that only the test moves."""

    life_seconds: float = FIVE_SECONDS
    now: float = 1000.0
    asked: int = 0
    trouble: Exception | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def fetch(self) -> Granted:
        self.asked += 1
        number = self.asked
        await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble
        return Granted(access_token=f"token-{number}", life_seconds=self.life_seconds)

    def clock(self) -> float:
        return self.now

    def tokens(self) -> ServiceToken:
        return ServiceToken(self.fetch, clock=self.clock, pause=lambda failures: 2.0 * failures)

    async def settled(self) -> None:
        """Return when everything that was started has come as far as it can."""
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture(params=[FIVE_SECONDS, 300.0, AN_HOUR])
def life(request: pytest.FixtureRequest) -> float:
    return float(request.param)


async def test_a_token_serves_two_thirds_of_its_life_and_is_renewed_in_the_last(
    provider: Provider, life: float
) -> None:
    provider.life_seconds = life
    tokens = provider.tokens()
    assert await tokens.value() == "token-1"
    provider.now += life * 0.6
    assert await tokens.value() == "token-1"
    await provider.settled()
    assert provider.asked == 1
    provider.now += life * 0.1
    # The old one goes on serving while the new one is on its way.
    assert await tokens.value() == "token-1"
    await provider.settled()
    assert await tokens.value() == "token-2"
    assert provider.asked == 2


async def test_a_token_that_is_over_is_never_given(provider: Provider) -> None:
    tokens = provider.tokens()
    await tokens.value()
    provider.now += FIVE_SECONDS
    assert await tokens.value() == "token-2"


async def test_however_many_wait_there_is_one_request(provider: Provider) -> None:
    provider.gate.clear()
    tokens = provider.tokens()
    waiting = [asyncio.create_task(tokens.value()) for _ in range(50)]
    await provider.settled()
    provider.gate.set()
    assert set(await asyncio.gather(*waiting)) == {"token-1"}
    assert provider.asked == 1


async def test_who_stops_waiting_leaves_the_request_to_the_others(provider: Provider) -> None:
    provider.gate.clear()
    tokens = provider.tokens()
    impatient, patient = (asyncio.create_task(tokens.value()) for _ in range(2))
    await provider.settled()
    impatient.cancel()
    await provider.settled()
    provider.gate.set()
    assert await patient == "token-1"
    assert provider.asked == 1


async def test_the_life_counts_from_the_question_not_from_the_answer(provider: Provider) -> None:
    provider.gate.clear()
    tokens = provider.tokens()
    waiting = asyncio.create_task(tokens.value())
    await provider.settled()
    provider.now += 4.0
    provider.gate.set()
    assert await waiting == "token-1"
    provider.now += 1.0
    assert await tokens.value() == "token-2"


async def test_while_the_provider_is_away_the_old_token_serves_to_its_end_and_questions_are_few(
    provider: Provider,
) -> None:
    tokens = provider.tokens()
    await tokens.value()
    provider.trouble = TokenUnavailable("http://provider does not answer")
    provider.now += 4.0
    for _ in range(100):
        assert await tokens.value() == "token-1"
        await provider.settled()
    assert provider.asked == 2
    provider.now += 1.0
    with pytest.raises(TokenUnavailable, match="does not answer"):
        await tokens.value()
    assert provider.asked == 2  # the pause of 2 s is not over
    provider.now += 1.0
    provider.trouble = None
    assert await tokens.value() == "token-3"


async def test_the_pauses_grow_with_each_failure(provider: Provider) -> None:
    tokens = provider.tokens()
    provider.trouble = TokenUnavailable("away")
    for expected in (1, 2, 3):
        with pytest.raises(TokenUnavailable):
            await tokens.value()
        assert provider.asked == expected
        provider.now += 2.0 * expected - 0.1
        with pytest.raises(TokenUnavailable):
            await tokens.value()
        assert provider.asked == expected
        provider.now += 0.1


def test_a_pause_is_never_longer_than_two_seconds_and_never_nothing() -> None:
    assert all(0.1 <= PROVIDER_BACKOFF.seconds(failures) <= 2.0 for failures in range(1, 200))


async def test_a_provider_that_refuses_is_told_apart_from_one_that_is_away(
    provider: Provider,
) -> None:
    provider.trouble = TokenRefused("invalid_client", "Invalid client secret")
    with pytest.raises(TokenRefused, match="invalid_client: Invalid client secret"):
        await provider.tokens().value()


async def test_callers_that_were_refused_the_same_token_get_the_same_new_one(
    provider: Provider,
) -> None:
    tokens = provider.tokens()
    refused = await tokens.value()
    new = await asyncio.gather(*(tokens.renewed(refused) for _ in range(20)))
    assert set(new) == {"token-2"}
    # Who comes late with the old one gets what the others have.
    assert await tokens.renewed(refused) == "token-2"
    assert provider.asked == 2


async def test_a_refused_token_is_not_given_again_as_another_one(provider: Provider) -> None:
    tokens = provider.tokens()
    refused = await tokens.value()
    provider.trouble = TokenUnavailable("away")
    with pytest.raises(TokenUnavailable):
        await tokens.renewed(refused)


async def test_tokens_that_are_over_when_they_arrive_are_a_clear_error(provider: Provider) -> None:
    provider.life_seconds = 0.0
    with pytest.raises(TokenUnavailable, match="over when they arrive"):
        await provider.tokens().value()


async def test_no_token_stands_in_what_is_printed_of_the_objects(provider: Provider) -> None:
    tokens = provider.tokens()
    await tokens.value()
    granted = await provider.fetch()
    assert "token-" not in f"{tokens!r} {tokens._held!r} {granted!r}"
