"""`make backup` and `make restore` for a stack that is down, and one on a machine that had none."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.facts.ports import WELL_KNOWN
from deploy.local.facts.state_directory import StateDirectory
from deploy.local.supervision.supervisor import processes_of_stack
from tests.neighbours.data_folder import data_folder
from tests.neighbours.ports import free_ports


@pytest.fixture
def home() -> Iterator[Path]:
    folder = data_folder()
    state = StateDirectory(root=folder / "meterpark" / "default")
    state.root.mkdir(parents=True)
    ports = dict(zip(WELL_KNOWN, free_ports(len(WELL_KNOWN)), strict=True))
    state.ports.write_text(json.dumps(ports))
    yield folder
    shutil.rmtree(folder)


def _verb(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.local", *words],
        env={**os.environ, "XDG_STATE_HOME": str(home), **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_stack_that_is_down_is_backed_up_and_restored_and_nothing_stays_running(
    home: Path,
) -> None:
    made = _verb(home, "backup")
    assert made.returncode == 0, made.stderr
    [backup] = (home / "meterpark-backups" / "default").glob("20*")
    assert str(backup) in made.stdout
    listed = _verb(home, "backups")
    assert listed.stdout.startswith(backup.name)

    # Nothing was in it, so nothing is replaced.
    restored = _verb(home, "restore", "latest")
    assert restored.returncode == 0, restored.stderr
    assert f"restored {backup}" in restored.stdout

    root = home / "meterpark" / "default"
    assert processes_of_stack(root) == []
    passwords = root / "secrets" / "mongodb" / "passwords"
    assert {file.name for file in passwords.iterdir()} >= {"backup", "restore"}
    for file in passwords.iterdir():
        assert file.stat().st_mode & 0o077 == 0
        for ran in (made, restored):
            assert file.read_text() not in ran.stdout + ran.stderr


def test_a_database_of_ones_own_has_to_be_named(home: Path) -> None:
    said = _verb(home, "backup", DEVICE_HUB_MONGODB_URL="mongodb://of.mine/")
    assert said.returncode == 1
    assert "set PARK_BACKUP_MONGODB_URL as well" in said.stderr
    away = _verb(
        home,
        *("backups",),
        PARK_BACKUP_FOLDER=str(home / "elsewhere"),
    )
    assert away.returncode == 0
    assert f"no backup in {home / 'elsewhere'}" in away.stderr
