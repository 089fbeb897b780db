"""The environment's service account, else the login, else the local stack's own account, else nobody."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from meterpark_cli.failures import WrongUsage
from meterpark_cli.login.identity import Identity, Origin, find_identity
from meterpark_cli.login.session_file import LoginFile, ServiceLogin
from meterpark_cli.stack.local_stack import find_sidecar, read_api_token
from tests.specs.cli.keycloak_in_memory import Provider, serving

ELSEWHERE = "https://keycloak.example/realms/meterpark"
NAMED = "sidecar.example:50001"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    made = Provider(secrets={"meterpark-script": "script's", "nightly": "nightly's"})
    async with serving(made) as started:
        yield started


@pytest.fixture
def environment(provider: Provider, tmp_path: Path) -> dict[str, str]:
    """A local stack with this provider, and nobody logged in."""
    folder = tmp_path / "meterpark" / "default"
    folder.mkdir(parents=True)
    (folder / "script").write_text("script's")
    (folder / "api-token").write_text("the sidecar's")
    description = {
        "stack": "default",
        "sidecars": {"meterpark-cli": {"grpc": 50010, "api_token_file": str(folder / "api-token")}},
        "keycloak": {
            "issuer": provider.issuer,
            "client_secret_files": {"meterpark-script": str(folder / "script")},
        },
    }
    (folder / "stack.json").write_text(json.dumps(description))
    return {"XDG_STATE_HOME": str(tmp_path)}


def who(environment: dict[str, str], said: str | None = None) -> Identity:
    return find_identity(find_sidecar(said, environment), environment)


def named_account(tmp_path: Path, **more: str) -> dict[str, str]:
    (tmp_path / "nightly").write_text("nightly's\n")
    return {
        "METERPARK_CLIENT_ID": "nightly",
        "METERPARK_CLIENT_SECRET_FILE": str(tmp_path / "nightly"),
        **more,
    }


async def test_without_a_login_the_local_stacks_account_for_scripts_asks(
    environment: dict[str, str],
) -> None:
    found = who(environment)
    assert found.client_id == "meterpark-script"
    assert found.origin is Origin.LOCAL_STACK
    assert found.tokens is not None
    assert await found.tokens.value()


async def test_a_login_comes_before_the_local_stacks_account(
    provider: Provider, environment: dict[str, str]
) -> None:
    LoginFile.of(provider.issuer, environment).write(provider.session())
    found = who(environment)
    assert (found.client_id, found.origin) == ("meterpark-cli", Origin.LOGIN)
    assert found.tokens is not None
    assert await found.tokens.value() == "access-1"


async def test_a_service_account_of_the_environment_comes_before_a_login(
    provider: Provider, environment: dict[str, str], tmp_path: Path
) -> None:
    LoginFile.of(provider.issuer, environment).write(provider.session())
    found = who(environment | named_account(tmp_path))
    assert (found.client_id, found.issuer) == ("nightly", provider.issuer)
    assert found.tokens is not None
    assert await found.tokens.value()


def test_a_service_account_can_log_in_too(environment: dict[str, str], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    login = ServiceLogin(issuer=ELSEWHERE, client_id="nightly", client_secret_file=secret)
    LoginFile.of(ELSEWHERE, environment).write(login)
    found = who(environment | {"METERPARK_ISSUER": ELSEWHERE})
    assert (found.client_id, found.origin) == ("nightly", Origin.LOGIN)


def test_no_other_sidecar_gets_anything_of_the_local_stack(environment: dict[str, str]) -> None:
    sidecar = find_sidecar(NAMED, environment)
    assert find_identity(sidecar, environment).tokens is None
    assert read_api_token(sidecar, environment) is None
    assert read_api_token(find_sidecar(None, environment), environment) == "the sidecar's"


def test_another_issuer_gets_nothing_of_the_local_stack(environment: dict[str, str]) -> None:
    assert who(environment | {"METERPARK_ISSUER": ELSEWHERE}).tokens is None


def test_a_sidecar_that_was_named_is_asked_as_the_only_login_that_there_is(
    provider: Provider, environment: dict[str, str]
) -> None:
    LoginFile.of(provider.issuer, environment).write(provider.session())
    assert who(environment, NAMED).client_id == "meterpark-cli"
    other = provider.session().model_copy(update={"issuer": ELSEWHERE})
    LoginFile.of(ELSEWHERE, environment).write(other)
    with pytest.raises(
        WrongUsage, match=r"there are several logins .*choose one with METERPARK_ISSUER"
    ):
        who(environment, NAMED)
    assert who(environment | {"METERPARK_ISSUER": ELSEWHERE}, NAMED).issuer == ELSEWHERE


@pytest.mark.parametrize("missing", ["METERPARK_CLIENT_ID", "METERPARK_CLIENT_SECRET_FILE"])
def test_half_a_service_account_is_wrong_usage(
    environment: dict[str, str], tmp_path: Path, missing: str
) -> None:
    said = named_account(tmp_path)
    del said[missing]
    with pytest.raises(WrongUsage, match=f"{missing} is not set"):
        who(environment | said)


def test_a_service_account_needs_an_issuer(environment: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="METERPARK_ISSUER is not set"):
        who(environment | named_account(tmp_path), NAMED)


def test_the_api_token_of_a_named_sidecar_is_in_a_named_file(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "named").write_text("named one's\n")
    said = environment | {"METERPARK_SIDECAR_TOKEN_FILE": str(tmp_path / "named")}
    assert read_api_token(find_sidecar(NAMED, said), said) == "named one's"
    assert read_api_token(find_sidecar(NAMED, said), {"DAPR_API_TOKEN": "said"}) == "said"
