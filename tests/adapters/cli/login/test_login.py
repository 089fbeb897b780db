"""The command with the stack's real Keycloak: logging in, staying logged in, logging out."""

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from meterpark_cli.doctor.web_doors import trouble_at
from meterpark_cli.login.session_file import LoginFile, PersonSession
from tests.neighbours.keycloak import Keycloak, KeycloakRefused, claims
from tests.neighbours.stack import RunningStack
from tests.specs.cli.command import Command, Ended, bare

CLIENT = "meterpark-cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody at a terminal with a home of his own, beside the stack."""

    command: Command
    keycloak: Keycloak

    @property
    def file(self) -> LoginFile:
        return LoginFile.of(self.keycloak.issuer(), self.command.environment)

    def session(self) -> PersonSession:
        kept = self.file.read()
        assert isinstance(kept, PersonSession)
        return kept

    async def log_in(self, user: str) -> Ended:
        """`meterpark login`, and confirm it in a browser as ``user``."""
        running = await self.command.start("login")
        address = await running.complaint_with("?user_code=")
        await self.keycloak.confirm_device(address.split()[-1], user)
        return await running.end()

    def forget_access_token(self) -> None:
        """Leave the next command no choice but to refresh."""
        over = {"access_renew_at": 0.0, "access_ends_at": 0.0}
        self.file.write(self.session().model_copy(update=over))


@pytest.fixture(scope="module", autouse=True)
async def quick_client(keycloak: Keycloak) -> AsyncIterator[None]:
    """Let the command's tokens live for 5 seconds, and let it ask every second whether the login was confirmed."""
    path = f"/clients/{await keycloak.client_id_of(CLIENT)}"
    as_it_was = await keycloak.admin("GET", path)
    quick = {"access.token.lifespan": "5", "oauth2.device.polling.interval": "1"}
    changed = {**as_it_was, "attributes": {**as_it_was["attributes"], **quick}}
    await keycloak.admin("PUT", path, changed)
    yield
    await keycloak.admin("PUT", path, as_it_was)


@pytest.fixture
def person(stack: RunningStack, keycloak: Keycloak, tmp_path: Path) -> Person:
    """Nobody yet; the stack is this person's own."""
    (tmp_path / "meterpark").mkdir()
    (tmp_path / "meterpark" / "default").symlink_to(stack.stack.state.root)
    return Person(command=Command(environment=bare(tmp_path)), keycloak=keycloak)


async def test_a_person_logs_in_with_a_browser_and_asks_as_himself(person: Person) -> None:
    ended = await person.log_in("victor")
    assert (ended.code, ended.text) == (0, "logged in as victor\n")
    who = (await person.command("whoami", "--json")).document
    assert (who["name"], who["origin"], who["client_id"]) == ("victor", "login", CLIENT)
    assert (who["roles"], who["networks"]) == (["asset-viewer"], ["north"])
    assert who["session_until"] > who["token_until"]
    assert (await person.command("park", "--json")).code == 0
    shown = await person.command("whoami")
    assert "victor" in shown.text
    session = person.session()
    for secret in (session.access_token, session.refresh_token):
        assert secret not in f"{ended.text} {ended.err} {shown.text} {shown.err}"


async def test_the_token_of_who_asks_is_handed_to_another_program(person: Person) -> None:
    assert (await person.log_in("victor")).code == 0
    handed = (await person.command("token")).text.strip()
    assert claims(handed)["preferred_username"] == "victor"


async def test_commands_at_once_refresh_once_and_the_session_lives_on(person: Person) -> None:
    await person.log_in("audrey")
    for _ in range(2):
        before = person.session().refresh_token
        person.forget_access_token()
        answers = await asyncio.gather(*(person.command("park", "--json") for _ in range(3)))
        assert [answer.code for answer in answers] == [0, 0, 0], answers
        assert person.session().refresh_token != before


async def test_a_watch_outlives_its_tokens(person: Person) -> None:
    await person.log_in("audrey")
    watching = await person.command.start("park", "--watch", "--json", "--interval", "0.5")
    seen = {person.session().refresh_token}
    async with asyncio.timeout(60):
        while len(seen) < 4:
            assert json.loads(await watching.line_with("device_count"))
            seen.add(person.session().refresh_token)
    ended = await watching.end(signal.SIGINT)
    assert (ended.code, ended.err) == (0, "")


async def test_logging_out_ends_the_session_at_keycloak(person: Person) -> None:
    await person.log_in("anna")
    session = person.session()
    ended = await person.command("logout")
    assert (ended.code, ended.text) == (0, "logged out\n")
    assert not person.file.path.exists()
    form = {
        "grant_type": "refresh_token",
        "client_id": CLIENT,
        "refresh_token": session.refresh_token,
    }
    with pytest.raises(KeycloakRefused, match="invalid_grant"):
        await person.keycloak.tokens(form)
    # Whoever still holds the file as it was is told what to type.
    person.file.write(session.model_copy(update={"access_renew_at": 0.0, "access_ends_at": 0.0}))
    late = await person.command("park")
    assert late.code == 1
    assert "the login has ended" in late.complaint
    assert "meterpark login" in late.complaint


async def test_a_new_login_ends_the_one_before(person: Person) -> None:
    await person.log_in("anna")
    first = person.session().refresh_token
    await person.log_in("audrey")
    form = {"grant_type": "refresh_token", "client_id": CLIENT, "refresh_token": first}
    with pytest.raises(KeycloakRefused, match="invalid_grant"):
        await person.keycloak.tokens(form)
    assert (await person.command("whoami", "--json")).document["name"] == "audrey"


async def test_who_gives_up_a_login_leaves_nothing_behind(person: Person) -> None:
    running = await person.command.start("login")
    await running.complaint_with("?user_code=")
    ended = await running.end(signal.SIGINT)
    assert ended.code == 130
    assert not person.file.path.exists()


async def test_without_a_login_the_stacks_own_account_asks_and_whoami_says_so(
    person: Person,
) -> None:
    assert (await person.command("park", "--json")).code == 0
    shown = await person.command("whoami")
    assert "not logged in: the local stack's own account for scripts" in shown.text
    who = (await person.command("whoami", "--json")).document
    assert who["name"] == "service-account-meterpark-script"
    assert who["origin"] == "local stack"
    assert who["networks"] == ["*"]


async def test_a_service_account_logs_in_for_scripts(person: Person, stack: RunningStack) -> None:
    secret_file = stack.description["keycloak"]["client_secret_files"]["meterpark-script"]
    account = ("--client-id", "meterpark-script", "--client-secret-file", secret_file)
    ended = await person.command("login", *account, "--json")
    assert ended.document["name"] == "service-account-meterpark-script"
    assert (await person.command("whoami", "--json")).document["origin"] == "login"
    assert (await person.command("park", "--json")).code == 0
    assert (await person.command("logout")).code == 0


async def test_the_doctor_says_whether_keycloak_answers_and_who_asks(
    person: Person, stack: RunningStack
) -> None:
    router_ready = f"http://127.0.0.1:{stack.description['ports']['router']}/readyz"
    async with asyncio.timeout(60):
        # It is ready when it has read Keycloak's keys, which may have come up after it.
        while await trouble_at(router_ready, 10):
            pass
    ended = await person.command("doctor", "--json")
    checks = {check["name"]: check for check in ended.document["checks"]}
    assert checks["keycloak"]["state"] == "fine"
    assert checks["bff"]["state"] == "fine"
    assert checks["router"]["state"] == "fine"
    assert checks["login"]["state"] == "fine"
    assert "asset-viewer" in checks["login"]["finding"]


async def test_an_issuer_that_nobody_is_behind_is_named(person: Person) -> None:
    with contextlib.closing(await asyncio.start_server(lambda _, __: None, "127.0.0.1")) as unused:
        port = unused.sockets[0].getsockname()[1]
    ended = await person.command("login", "--issuer", f"http://127.0.0.1:{port}/realms/meterpark")
    assert ended.code == 3
    assert "Keycloak cannot be reached" in ended.complaint
