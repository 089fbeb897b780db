"""`meterpark logout`: the login's file is gone afterwards, whatever it held and whether or not Keycloak answers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from meterpark_cli.login.session_file import LoginFile
from tests.specs.cli.command import Command, bare
from tests.specs.cli.keycloak_in_memory import Provider, serving


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with serving(Provider()) as started:
        yield started


@pytest.fixture
def file(provider: Provider, tmp_path: Path) -> LoginFile:
    made = LoginFile.of(provider.issuer, {"XDG_STATE_HOME": str(tmp_path)})
    made.write(provider.session())
    return made


async def test_logging_out_forgets_a_file_that_holds_something_else(
    file: LoginFile, provider: Provider, tmp_path: Path
) -> None:
    file.path.write_text("{}")
    environment = {**bare(tmp_path), "METERPARK_ISSUER": provider.issuer}
    assert (await Command(environment=environment)("logout")).code == 0
    assert not file.path.exists()


async def test_logging_out_while_the_provider_is_away_forgets_and_says_so(
    file: LoginFile, provider: Provider, tmp_path: Path
) -> None:
    provider.away = True
    environment = {**bare(tmp_path), "METERPARK_ISSUER": provider.issuer}
    ended = await Command(environment=environment)("logout")
    assert ended.code == 3
    assert "deleted here, but Keycloak could not be reached" in ended.complaint
    assert not file.path.exists()
