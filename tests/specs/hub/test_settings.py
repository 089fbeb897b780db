"""A wrong or missing setting ends the start with one line that names it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

URL = "http://localhost:8080/realms/meterpark"


def start(tmp_path: Path, **changed: str | None) -> subprocess.CompletedProcess[str]:
    """Start the hub with settings that are right but for ``changed`` (None: not set)."""
    for secret in ("proof", "client", "password"):
        (tmp_path / secret).write_text("s" * 43)
    right: dict[str, str | None] = {
        "PATH": os.environ["PATH"],
        "APP_API_TOKEN": "a" * 43,
        "DEVICE_HUB_MONGODB_URL": "mongodb://127.0.0.1:27017",
        "DEVICE_HUB_MONGODB_PASSWORD_FILE": str(tmp_path / "password"),
        "DEVICE_HUB_ACTOR_PROOF_SECRET_FILE": str(tmp_path / "proof"),
        "DEVICE_HUB_TOKEN_ISSUER": URL,
        "DEVICE_HUB_TOKEN_JWKS_URL": f"{URL}/protocol/openid-connect/certs",
        "DEVICE_HUB_TOKEN_URL": f"{URL}/protocol/openid-connect/token",
        "DEVICE_HUB_CLIENT_SECRET_FILE": str(tmp_path / "client"),
    }
    environment = {name: value for name, value in (right | changed).items() if value is not None}
    return subprocess.run(
        [sys.executable, "-m", "device_hub"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DEVICE_HUB_TOKEN_URL", None, "field required"),
        ("DEVICE_HUB_TOKEN_URL", "localhost:8080", "url"),
        ("DEVICE_HUB_MONGODB_URL", "localhost:27017", "no mongodb connection string"),
        ("DEVICE_HUB_MONGODB_URL", "mongodb://hub:s@cr@t:port/", "no mongodb connection string"),
        ("DEVICE_HUB_CLIENT_ID", "", "at least 1 character"),
        ("DEVICE_HUB_CLIENT_SECRET_FILE", None, "field required"),
        ("DEVICE_HUB_CLIENT_SECRET_FILE", "/nowhere", "/nowhere cannot be read"),
        ("DEVICE_HUB_CLIENT_SECRET_FILE", os.devnull, "is empty"),
        ("DEVICE_HUB_LOG_LEVEL", "LOUD", "'debug', 'info', 'warning' or 'error'"),
    ],
)
def test_what_is_wrong_with_a_setting_is_said_in_one_line(
    tmp_path: Path, name: str, value: str | None, told: str
) -> None:
    ended = start(tmp_path, **{name: value})
    assert ended.returncode == 2
    [line] = ended.stderr.splitlines()
    assert line.startswith(f"setting {name}: ")
    assert told in line
