"""While a person confirms the login in a browser, the command asks at the pace that the server wants (RFC 8628)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bearer_tokens.token_endpoint import Granted, TokenRefused, TokenUnavailable
from meterpark_cli.failures import Failure
from meterpark_cli.login.device_grant import DeviceCode, wait_for_approval

GRANTED = Granted(access_token="an access token", life_seconds=60)  # noqa: S106 - nobody's
PENDING = TokenRefused("authorization_pending", "The authorization request is still pending")
SLOW_DOWN = TokenRefused("slow_down", "Slow down")
CODE = DeviceCode(
    device_code="device-code",
    user_code="WDJB-MJHT",
    page="https://keycloak.example/device",
    page_with_code="",
    life_seconds=600,
    interval_seconds=5,
)


@dataclass
class Server:
    """Answers one after the other; time passes only while the command waits."""

    answers: Sequence[Granted | Exception]
    now: float = 0.0
    asked_at: list[float] = field(default_factory=list)

    async def ask(self) -> Granted:
        answer = self.answers[min(len(self.asked_at), len(self.answers) - 1)]
        self.asked_at.append(self.now)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def wait(self) -> tuple[Granted, float]:
        return await wait_for_approval(self.ask, CODE, clock=lambda: self.now, sleep=self.sleep)


async def test_it_asks_at_the_interval_of_the_server_until_the_person_has_confirmed() -> None:
    server = Server([PENDING, PENDING, GRANTED])
    assert await server.wait() == (GRANTED, 15.0)
    assert server.asked_at == [5.0, 10.0, 15.0]


async def test_told_to_slow_down_it_waits_five_seconds_longer_each_time_from_then_on() -> None:
    server = Server([PENDING, SLOW_DOWN, PENDING, SLOW_DOWN, GRANTED])
    await server.wait()
    assert server.asked_at == [5.0, 10.0, 20.0, 30.0, 45.0]


async def test_a_provider_that_is_away_for_a_moment_does_not_end_the_login() -> None:
    server = Server([TokenUnavailable("away"), PENDING, GRANTED])
    await server.wait()
    assert server.asked_at == [5.0, 15.0, 25.0]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (TokenRefused("access_denied", ""), "refused in the browser"),
        (TokenRefused("expired_token", ""), "the code was not confirmed in time"),
        (TokenRefused("unauthorized_client", "no such grant"), "no such grant"),
    ],
)
async def test_a_login_that_fails_says_why(answer: Exception, told: str) -> None:
    server = Server([PENDING, answer])
    with pytest.raises(Failure, match=told):
        await server.wait()
    assert len(server.asked_at) == 2


async def test_it_gives_up_when_the_code_is_over() -> None:
    server = Server([PENDING])
    with pytest.raises(Failure, match="the code was not confirmed in time: meterpark login"):
        await server.wait()
    assert server.asked_at[-1] < CODE.life_seconds
    assert len(server.asked_at) == 119


def test_the_code_of_the_device_is_not_shown() -> None:
    assert "device-code" not in repr(CODE)
