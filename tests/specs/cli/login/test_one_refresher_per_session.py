"""A refresh token serves once: however many ask, in one command or in several, it is used by one of them."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bearer_tokens.token_endpoint import TokenUnavailable
from meterpark_cli.failures import WrongUsage
from meterpark_cli.login.session import SessionOver, SessionTokens
from meterpark_cli.login.session_file import LoginFile, PersonSession
from tests.specs.cli.keycloak_in_memory import Provider, serving


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with serving(Provider()) as started:
        yield started


@pytest.fixture
def file(provider: Provider, tmp_path: Path) -> LoginFile:
    made = LoginFile.of(provider.issuer, {"XDG_STATE_HOME": str(tmp_path)})
    made.write(provider.session())
    return made


def command(file: LoginFile, clock: Clock) -> SessionTokens:
    """The session as a command of its own sees it: it has read the file, and that is all they share."""
    session = file.read()
    assert isinstance(session, PersonSession)
    return SessionTokens(file, session, clock=clock)


async def test_many_calls_of_many_commands_at_once_refresh_once(
    provider: Provider, file: LoginFile, clock: Clock
) -> None:
    commands = [command(file, clock) for _ in range(8)]
    tokens = await asyncio.gather(*(one.value() for one in commands for _ in range(5)))
    assert set(tokens) == {"access-1"}
    assert provider.refreshes == 1
    assert not provider.session_is_over


async def test_a_session_lives_on_from_one_token_to_the_next(
    provider: Provider, file: LoginFile, clock: Clock
) -> None:
    one, other = command(file, clock), command(file, clock)
    for number in range(1, 6):
        assert await (one if number % 2 else other).value() == f"access-{number}"
        clock.now += provider.life_seconds
    assert provider.refreshes == 5


async def test_a_token_that_was_refused_is_renewed_once_for_all(
    provider: Provider, file: LoginFile, clock: Clock
) -> None:
    commands = [command(file, clock) for _ in range(4)]
    refused = {await one.value() for one in commands}
    assert refused == {"access-1"}
    again = await asyncio.gather(*(one.renewed("access-1") for one in commands))
    assert set(again) == {"access-2"}
    assert provider.refreshes == 2


async def test_who_is_interrupted_while_refreshing_keeps_what_came_back(
    provider: Provider, file: LoginFile, clock: Clock
) -> None:
    asking = asyncio.create_task(command(file, clock).value())
    while provider.refreshes == 0:  # noqa: ASYNC110 - the request has arrived, its answer not
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    kept = file.read()
    assert isinstance(kept, PersonSession)
    assert kept.refresh_token == provider.refresh_token
    assert provider.refreshes == 1


async def test_a_session_that_is_over_is_said_to_be_over(
    provider: Provider, file: LoginFile, clock: Clock
) -> None:
    provider.session_is_over = True
    with pytest.raises(SessionOver, match=r"the login has ended .*: meterpark login"):
        await command(file, clock).value()


async def test_who_logged_out_meanwhile_is_told(file: LoginFile, clock: Clock) -> None:
    asking = command(file, clock)
    file.remove()
    with pytest.raises(SessionOver, match="logged out meanwhile"):
        await asking.value()


async def test_while_the_provider_is_away_the_old_token_serves_to_its_end(
    provider: Provider, file: LoginFile, clock: Clock
) -> None:
    asking = command(file, clock)
    assert await asking.value() == "access-1"
    provider.away = True
    clock.now += provider.life_seconds - 1
    assert await asking.value() == "access-1"
    clock.now += 1
    with pytest.raises(TokenUnavailable, match="503"):
        await asking.value()
    provider.away = False
    assert await asking.value() == "access-2"


def test_the_file_is_its_owners_alone(file: LoginFile) -> None:
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700


def test_a_file_that_holds_something_else_is_named_without_its_content(file: LoginFile) -> None:
    file.path.write_text(json.dumps({"kind": "person", "refresh_token": ["s3cret"]}))
    with pytest.raises(WrongUsage) as refused:
        file.read()
    assert str(file.path) in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_logins_of_other_stacks_and_issuers_are_other_files(tmp_path: Path) -> None:
    home = {"XDG_STATE_HOME": str(tmp_path)}
    paths = {
        LoginFile.of(issuer, {**home, "METERPARK_STACK": stack}).path
        for issuer in ("https://one.example/realms/a", "https://two.example/realms/a")
        for stack in ("default", "other")
    }
    assert len(paths) == 4
