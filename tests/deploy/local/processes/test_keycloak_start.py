"""Keycloak's process: its files and secrets, its first start, and every later one."""

import os
import shutil
import subprocess
from pathlib import Path

import aiohttp
import pytest

from deploy.local.facts.addresses import issuer, keycloak_url, token_url
from deploy.local.facts.keycloak_files import KeycloakFiles
from deploy.local.processes.keycloak import keycloak_command, prepare_keycloak
from deploy.local.processes.keycloak_realm import confidential_clients, people, realm_template
from deploy.runtime.java import java
from deploy.runtime.keycloak import KEYCLOAK
from deploy.runtime.paths import installed_runtime
from tests.neighbours.keycloak import Keycloak, claims
from tests.neighbours.ports import free_ports
from tests.neighbours.process import start
from tests.neighbours.stack import RunningStack


async def test_secrets_are_their_owner_s_alone_and_not_in_the_description(
    stack: RunningStack, keycloak: Keycloak
) -> None:
    described = keycloak.described
    assert set(described["client_secret_files"]) == set(confidential_clients())
    assert set(described["user_password_files"]) == {one.name for one in people()}
    files = [
        Path(described["admin_password_file"]),
        *map(Path, described["client_secret_files"].values()),
        *map(Path, described["user_password_files"].values()),
        stack.stack.state.keycloak.home / "conf" / "keycloak.conf",
    ]
    told = stack.stack.state.description.read_text()
    for file in files:
        assert file.stat().st_mode & 0o077 == 0, file
        assert file.read_text() not in told
    assert stack.stack.state.keycloak.folder.stat().st_mode & 0o077 == 0
    assert not stack.stack.state.keycloak.realm_to_import.exists()


def test_a_stack_writes_nothing_into_the_install(stack: RunningStack) -> None:
    install = installed_runtime(os.environ).keycloak
    assert install.name.startswith(f"{KEYCLOAK.name}-{KEYCLOAK.version}")
    begun = stack.stack.state.ports.stat().st_mtime
    newer = [file for file in install.rglob("*") if file.stat().st_mtime > begun]
    assert newer == []


def test_the_realm_in_the_repository_holds_no_secret() -> None:
    realm = realm_template()
    for client in realm["clients"]:
        assert "secret" not in client
    for user in realm["users"]:
        assert "credentials" not in user


@pytest.fixture
def prepared(tmp_path: Path) -> KeycloakFiles:
    files = KeycloakFiles(folder=tmp_path / "keycloak")
    ports = {"keycloak": 20180, "keycloak-management": 20181}
    prepare_keycloak(files, install=tmp_path / "install", ports=ports)
    return files


def test_a_first_start_that_was_interrupted_begins_anew_with_the_same_secrets(
    prepared: KeycloakFiles, tmp_path: Path
) -> None:
    prepared.database.mkdir(parents=True)
    half = prepared.database / "keycloakdb.mv.db"
    half.write_text("half a schema")
    before = prepared.realm_to_import.read_text()
    assert prepared.is_new
    ports = {"keycloak": 20190, "keycloak-management": 20191}
    prepare_keycloak(prepared, install=tmp_path / "install", ports=ports)
    _start_without_java(prepared)
    assert not half.exists()
    assert prepared.realm_to_import.read_text() == before


def test_what_a_first_start_made_is_kept(prepared: KeycloakFiles, tmp_path: Path) -> None:
    prepared.database.mkdir(parents=True)
    whole = prepared.database / "keycloakdb.mv.db"
    whole.write_text("everybody")
    prepared.realm_to_import.unlink()
    assert not prepared.is_new
    ports = {"keycloak": 20190, "keycloak-management": 20191}
    prepare_keycloak(prepared, install=tmp_path / "install", ports=ports)
    _start_without_java(prepared)
    assert whole.read_text() == "everybody"
    assert not prepared.realm_to_import.exists()


def _start_without_java(files: KeycloakFiles) -> None:
    java = Path(shutil.which("true") or "")
    command = keycloak_command(java=java, install=files.folder / "install", files=files)
    subprocess.run(command, check=True)


async def test_on_another_port_it_knows_everybody_and_issues_under_its_new_address(
    tmp_path: Path,
) -> None:
    own = KeycloakFiles(folder=tmp_path / "keycloak")
    runtime = installed_runtime(os.environ)
    subjects = []
    for _ in range(2):
        port, management = free_ports(2)
        ports = {"keycloak": port, "keycloak-management": management}
        prepare_keycloak(own, install=runtime.keycloak, ports=ports)
        command = keycloak_command(java=java(os.environ), install=runtime.keycloak, files=own)
        process = start("keycloak", command, folder=own.folder)
        try:
            process.wait_for_page(management, "/health/ready")
            async with aiohttp.ClientSession() as http:
                form = {
                    "grant_type": "client_credentials",
                    "client_id": "device-hub",
                    "client_secret": own.secrets.client("device-hub").read_text(),
                }
                async with http.post(token_url(ports), data=form) as answer:
                    read = claims((await answer.json())["access_token"])
            assert read["iss"] == issuer(ports)
            assert read["iss"].startswith(keycloak_url(ports))
            subjects.append(read["sub"])
        finally:
            process.stop()
        assert process.popen.returncode == 143, "it ended by itself, as asked"
        # What the stack's step `keycloak-realm` does when the realm is there.
        own.realm_to_import.unlink(missing_ok=True)
    assert subjects[0] == subjects[1]
