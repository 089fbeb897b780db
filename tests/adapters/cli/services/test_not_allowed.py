"""Who may not is told in one line what is missing, and is not asked for by the command again and again."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from service_chassis.refusals import CallRefused
from tests.specs.cli.command import Command
from tests.specs.cli.examples import device
from tests.specs.cli.keycloak_in_memory import Provider, serving
from tests.specs.cli.services_in_memory import Services, sidecar_before

PERMISSION_DENIED = grpc.StatusCode.PERMISSION_DENIED
UNAUTHENTICATED = grpc.StatusCode.UNAUTHENTICATED
ROLE_MISSING = CallRefused(PERMISSION_DENIED, ErrorReason.ERROR_REASON_ROLE_MISSING, "not allowed")
NETWORK_DENIED = CallRefused(
    PERMISSION_DENIED, ErrorReason.ERROR_REASON_NETWORK_DENIED, "not allowed"
)
NOT_AUTHENTICATED = CallRefused(
    UNAUTHENTICATED, ErrorReason.ERROR_REASON_UNAUTHENTICATED, "not authenticated"
)


@pytest.fixture
def services() -> Services:
    made = Services()
    made.add_device(device("9024001"))
    return made


@pytest.fixture
async def nobody(services: Services, tmp_path: Path) -> AsyncIterator[Command]:
    """The command without any login."""
    async with sidecar_before(services) as port:
        yield Command.asking(port, tmp_path)


@pytest.fixture
async def nightly(services: Services, tmp_path: Path) -> AsyncIterator[Command]:
    """The command as a script runs it: with a service account, by its environment."""
    (tmp_path / "secret").write_text("nightly's")
    async with (
        serving(Provider(secrets={"nightly": "nightly's"})) as provider,
        sidecar_before(services) as port,
    ):
        yield Command.asking(
            port,
            tmp_path,
            METERPARK_ISSUER=provider.issuer,
            METERPARK_CLIENT_ID="nightly",
            METERPARK_CLIENT_SECRET_FILE=str(tmp_path / "secret"),
        )


async def test_every_call_carries_the_token(nightly: Command, services: Services) -> None:
    assert (await nightly("devices", "list")).code == 0
    assert all(token.startswith("Bearer e30.") for token in services.tokens)
    assert services.tokens


async def test_who_is_not_logged_in_is_told_what_to_type(
    nobody: Command, services: Services
) -> None:
    services.refusals["GetParkSummary"] = NOT_AUTHENTICATED
    ended = await nobody("park")
    assert ended.code == 1
    assert ended.complaint.startswith("meterpark: not logged in. Use meterpark login")
    assert services.tokens == [""]


async def test_a_token_that_is_not_accepted_is_renewed_once(
    nightly: Command, services: Services
) -> None:
    services.refusals["GetParkSummary"] = NOT_AUTHENTICATED
    ended = await nightly("park")
    assert ended.code == 1
    assert "smoc-service does not accept the token (from the environment" in ended.complaint
    assert len(services.tokens) == 2


@pytest.mark.parametrize(
    ("words", "method", "role"),
    [
        (("park",), "GetParkSummary", "asset-viewer or asset-manager"),
        (("devices", "history", "north/9024001", "--journal"), "GetDeviceHistory", "auditor"),
        (("quarantine", "list"), "ListQuarantinedMessages", "integration-engineer"),
    ],
)
async def test_a_role_that_is_missing_is_named(
    nightly: Command, services: Services, words: tuple[str, ...], method: str, role: str
) -> None:
    services.refusals[method] = ROLE_MISSING
    ended = await nightly(*words)
    assert ended.code == 1
    assert f"refuses {method}: it needs the role {role};" in ended.complaint
    assert len(services.calls) == 1


async def test_a_network_that_is_not_his_is_said(nightly: Command, services: Services) -> None:
    services.refusals["GetDevice"] = NETWORK_DENIED
    ended = await nightly("devices", "show", "north/9024001")
    assert ended.code == 1
    assert "you may not see this network" in ended.complaint


async def test_the_doctor_does_not_call_the_chain_ill_because_of_a_missing_role(
    nightly: Command, services: Services
) -> None:
    services.devices["north/9024001"].last_contact_time.GetCurrentTime()
    services.refusals["ListQuarantinedMessages"] = ROLE_MISSING
    ended = await nightly("doctor", "--json")
    checks = {check["name"]: check for check in ended.document["checks"]}
    assert checks["hub"]["state"] == "not checked"
    assert "integration-engineer" in checks["hub"]["finding"]
    assert checks["register"]["state"] == "fine"


async def test_watching_ends_when_the_answer_is_no(nightly: Command, services: Services) -> None:
    services.refusals["GetParkSummary"] = ROLE_MISSING
    ended = await nightly("park", "--watch", "--interval", "0.2")
    assert ended.code == 1
    assert "it needs the role asset-viewer or asset-manager" in ended.complaint
    assert services.calls == ["smoc-service GetParkSummary"]


async def test_a_sidecar_that_wants_its_own_token_is_told_apart(
    nobody: Command, services: Services
) -> None:
    services.api_token = "the sidecar's"  # noqa: S105 - nobody's
    ended = await nobody("park")
    assert ended.code == 1
    assert "METERPARK_SIDECAR_TOKEN_FILE names the file" in ended.complaint


async def test_a_secret_that_is_wrong_is_told_without_the_secret(
    nightly: Command, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("guessed")
    ended = await nightly("park")
    assert ended.code == 1
    assert "no token: Keycloak refuses: unauthorized_client" in ended.complaint
    assert "guessed" not in ended.err


async def test_whoami_without_a_login_says_no(nobody: Command) -> None:
    ended = await nobody("whoami", "--json")
    assert (ended.code, ended.document) == (1, {"name": None, "origin": "nobody"})


async def test_there_is_no_token_of_nobody(nobody: Command) -> None:
    ended = await nobody("token")
    assert (ended.code, ended.text) == (1, "")
    assert "not logged in" in ended.complaint


async def test_whoami_says_who_a_service_account_is(nightly: Command) -> None:
    ended = await nightly("whoami", "--json")
    assert ended.code == 0
    assert ended.document["name"] == "nightly"
    assert ended.document["origin"] == "environment"
    assert ended.document["roles"] == []


async def test_logging_in_needs_to_know_where(nobody: Command) -> None:
    ended = await nobody("login")
    assert ended.code == 2
    assert (
        "no Keycloak is known. Start the local stack (make up), or give --issuer https://HOST/realms/NAME"
        in ended.complaint
    )
