"""A wrong or missing setting ends the start with one line that names it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

URL = "http://localhost:8080/realms/meterpark"
CASES = [
    ("DEVICE_HUB_TOKEN_URL", None, "field required"),
    ("DEVICE_HUB_TOKEN_URL", "localhost:8080", "url"),
    ("DEVICE_HUB_MONGODB_URL", "localhost:27017", "no mongodb connection string"),
    ("DEVICE_HUB_MONGODB_URL", "mongodb://hub:s@cr@t:port/", "no mongodb connection string"),
    ("DEVICE_HUB_CLIENT_ID", "", "at least 1 character"),
    ("DEVICE_HUB_CLIENT_SECRET_FILE", None, "field required"),
    ("DEVICE_HUB_CLIENT_SECRET_FILE", "/nowhere", "/nowhere cannot be read"),
    ("DEVICE_HUB_CLIENT_SECRET_FILE", os.devnull, "is empty"),
    ("DEVICE_HUB_EVIDENCE_KEY_FILE", "/nowhere/key.pem", "/nowhere/key.pem: FileNotFoundError"),
    ("DEVICE_HUB_EVIDENCE_KEY_FILE", os.devnull, "/dev/null: ValueError"),
    ("DEVICE_HUB_LOG_LEVEL", "LOUD", "'debug', 'info', 'warning' or 'error'"),
]
# A process for each start would import the whole hub each time, which is all that takes time here.
_STARTS = """
import contextlib, io, json, os, sys
from device_hub.__main__ import main

ended = []
for environment in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(environment)
    with contextlib.redirect_stderr(io.StringIO()) as told:
        try:
            code = main()
        except SystemExit as end:
            code = end.code
    ended.append((code, told.getvalue()))
json.dump(ended, sys.stdout)
"""

Ended = tuple[int, str]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str | None], Ended]:
    """Start the hub with settings that are right but for one; return exit code and what it told."""
    folder = tmp_path_factory.mktemp("settings")
    starts = [_environment(folder, {name: value}) for name, value, _ in CASES]
    done = subprocess.run(
        [sys.executable, "-c", _STARTS],
        input=json.dumps(starts),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = json.loads(done.stdout)
    return {(name, value): one for (name, value, _), one in zip(CASES, found, strict=True)}


def _environment(folder: Path, changed: dict[str, str | None]) -> dict[str, str]:
    for secret in ("proof", "client", "password"):
        (folder / secret).write_text("s" * 43)
    right: dict[str, str | None] = {
        "PATH": os.environ["PATH"],
        "APP_API_TOKEN": "a" * 43,
        "DEVICE_HUB_MONGODB_URL": "mongodb://127.0.0.1:27017",
        "DEVICE_HUB_MONGODB_PASSWORD_FILE": str(folder / "password"),
        "DEVICE_HUB_ACTOR_PROOF_SECRET_FILE": str(folder / "proof"),
        "DEVICE_HUB_TOKEN_ISSUER": URL,
        "DEVICE_HUB_TOKEN_JWKS_URL": f"{URL}/protocol/openid-connect/certs",
        "DEVICE_HUB_TOKEN_URL": f"{URL}/protocol/openid-connect/token",
        "DEVICE_HUB_CLIENT_SECRET_FILE": str(folder / "client"),
    }
    return {name: value for name, value in (right | changed).items() if value is not None}


@pytest.mark.parametrize(("name", "value", "told"), CASES)
def test_what_is_wrong_with_a_setting_is_said_in_one_line(
    ended: dict[tuple[str, str | None], Ended], name: str, value: str | None, told: str
) -> None:
    code, complaint = ended[name, value]
    assert code == 2
    [line] = complaint.splitlines()
    assert line.startswith(f"setting {name}: ")
    assert told in line
