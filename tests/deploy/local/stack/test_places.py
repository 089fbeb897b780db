"""Where a checkout and its data may lie, and what is said when they cannot lie there."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from deploy.local.facts.ports import WELL_KNOWN
from deploy.local.supervision.supervisor import processes_of_stack
from tests.neighbours.data_folder import data_folder
from tests.neighbours.ports import free_ports

ROOT = Path(__file__).resolve().parents[4]
PASSED_ON = ("HOME", "PATH", "XDG_CACHE_HOME", "JAVA_HOME")
# A blank, a letter beyond ASCII, what looks like an escape and what does not.
ODD = "ü b%41%"
_PATIENCE_SECONDS = 90
NOT_THE_CHECKOUT = shutil.ignore_patterns(".*", "node_modules", "__pycache__", "dist")


def verb(
    *words: str, settings: Mapping[str, str], checkout: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.local", *words],
        cwd=checkout,
        env={**settings, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        umask=0o077,
    )


def healthy(settings: dict[str, str], checkout: Path) -> subprocess.CompletedProcess[str]:
    """Ask for the status until all is well: after a first start devices wait until Keycloak gives tokens."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        asked = verb("status", settings=settings, checkout=checkout)
        if asked.returncode == 0 or time.monotonic() > deadline:
            return asked


@pytest.fixture
def odd_state_home() -> Iterator[Path]:
    # Not pytest's own: the path of a Unix socket has to be short.
    folder = data_folder() / ODD
    folder.mkdir()
    yield folder
    shutil.rmtree(folder.parent, ignore_errors=True)


@pytest.fixture
def odd_checkout(tmp_path: Path) -> Path:
    # Where programs may run: not every machine lets them run in memory.
    return tmp_path / ODD / "mp"


@pytest.mark.timeout(400)
def test_a_checkout_and_its_data_may_lie_below_any_name_and_be_their_owners_alone(
    odd_checkout: Path, odd_state_home: Path
) -> None:
    checkout, state_home = odd_checkout, odd_state_home / "state"
    shutil.copytree(ROOT, checkout, ignore=NOT_THE_CHECKOUT)
    root = state_home / "meterpark" / "default"
    root.mkdir(parents=True)
    ports = dict(zip(WELL_KNOWN, free_ports(len(WELL_KNOWN)), strict=True))
    (root / "ports.json").write_text(json.dumps(ports))
    settings = {
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        "XDG_STATE_HOME": str(state_home),
        "METERPARK_DEVICES": "5",
        "LANG": "C",
    }
    try:
        up = verb("up", settings=settings, checkout=checkout)
        assert up.returncode == 0, up.stdout + up.stderr
        plan = yaml.safe_load((root / "process-compose.yaml").read_text())
        router = plan["processes"]["router"]["command"]
        assert f"{ODD}/mp/deploy/router/main.mjs" in router, "it is the odd checkout that runs"
        asked = healthy(settings, checkout)
        assert asked.returncode == 0, asked.stdout + asked.stderr
    finally:
        down = verb("down", settings=settings, checkout=checkout)
    assert down.returncode == 0, down.stderr
    assert processes_of_stack(root) == []


@pytest.mark.parametrize(
    "home",
    [
        {},
        # As for a person who may not write there; that is no obstacle for root.
        {"XDG_STATE_HOME": "/proc/nowhere"},
        {"XDG_STATE_HOME": "/dev/null/nowhere"},
    ],
    ids=["no HOME", "a file system without files of ours", "below a file"],
)
@pytest.mark.parametrize("word", ["up", "status", "down"])
def test_a_place_that_cannot_be_used_is_one_sentence(home: dict[str, str], word: str) -> None:
    ended = verb(word, settings={"PATH": os.environ["PATH"], **home})
    said = (ended.stderr + ended.stdout).strip()
    assert "Traceback" not in said
    assert len(said.splitlines()) == 1
    if word == "up" or not home:
        assert ended.returncode == 1
        assert "XDG_STATE_HOME" in said


def test_a_cache_without_a_home_is_one_sentence() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "deploy.runtime"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == (
        "runtime: the folder for programs is not known: set HOME or XDG_CACHE_HOME\n"
    )


def test_a_set_up_without_a_home_is_one_sentence() -> None:
    ended = subprocess.run(
        [ROOT / "deploy" / "bootstrap.sh"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == "bootstrap: HOME is not set; set it, or XDG_CACHE_HOME\n"
