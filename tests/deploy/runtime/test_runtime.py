"""What is fetched or built: whole or not at all, once, with one clear line when it fails."""

import errno
import io
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.runtime.__main__ import in_words
from deploy.runtime.cache import Component, cache_root, install_once
from deploy.runtime.go_builds import DAPR_PROGRAMS, dapr_of_this_person
from deploy.runtime.paths import RuntimeMissing, installed_runtime
from deploy.runtime.progress import InstallFailed, Progress

ROOT = Path(__file__).resolve().parents[3]
PROBE = Component(name="probe", version="1.0", recipe=b"first")


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def progress(tmp_path: Path, said: io.StringIO) -> Progress:
    return Progress(logs=tmp_path / "logs", out=said)


def test_an_interrupted_install_leaves_nothing_that_looks_finished(
    tmp_path: Path, progress: Progress
) -> None:
    def interrupted(folder: Path) -> None:
        (folder / "half").write_text("done")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install_once(PROBE, tmp_path, progress, interrupted)
    assert not PROBE.folder(tmp_path).exists()
    assert not list(tmp_path.glob(".probe.partial-*"))

    folder = install_once(PROBE, tmp_path, progress, lambda at: (at / "whole").touch())
    assert [file.name for file in folder.iterdir()] == ["whole"]


def test_what_a_killed_run_left_is_swept_away(tmp_path: Path, progress: Progress) -> None:
    (tmp_path / ".probe.partial-killed").mkdir()
    install_once(PROBE, tmp_path, progress, lambda at: (at / "whole").touch())
    assert not list(tmp_path.glob(".probe.partial-*"))


def test_what_failed_for_good_says_what_a_person_can_do(tmp_path: Path, progress: Progress) -> None:
    with pytest.raises(InstallFailed) as failed:
        progress.run("npm", ["false"], environment={}, cwd=tmp_path, hint="is the registry there")
    log = tmp_path / "logs" / "npm.log"
    assert str(failed.value) == f"npm failed; is the registry there; see the log: {log}"


def test_a_full_disk_is_told_with_its_place_and_the_way_out(tmp_path: Path) -> None:
    told = in_words(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), tmp_path)
    assert told.startswith(f"{tmp_path}: No space left on device; ")
    assert "XDG_CACHE_HOME" in told


def test_two_runs_at_once_install_once_and_the_second_says_that_it_waits(
    tmp_path: Path, progress: Progress, said: io.StringIO
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    installs: list[Path] = []

    def slow(folder: Path) -> None:
        installs.append(folder)
        begun.set()
        assert go_on.wait(30)

    runs = [
        threading.Thread(target=install_once, args=(PROBE, tmp_path, progress, slow))
        for _ in range(2)
    ]
    runs[0].start()
    assert begun.wait(30)
    runs[1].start()
    while "waiting" not in said.getvalue():
        assert runs[1].is_alive()
    go_on.set()
    for run in runs:
        run.join(30)
    assert len(installs) == 1


def test_another_recipe_of_the_same_version_gets_a_folder_of_its_own(tmp_path: Path) -> None:
    other = Component(name="probe", version="1.0", recipe=b"second")
    assert other.folder(tmp_path) != PROBE.folder(tmp_path)


def test_a_failing_step_is_repeated_then_named_with_its_log(
    tmp_path: Path, progress: Progress, said: io.StringIO
) -> None:
    with pytest.raises(InstallFailed, match=r"fetch failed; see the log: .*fetch\.log"):
        progress.run(
            "fetch",
            ["sh", "-c", "echo no route to the moon; exit 3"],
            environment=os.environ,
            cwd=tmp_path,
            tries=2,
        )
    assert (tmp_path / "logs" / "fetch.log").read_text().count("\nno route") == 2
    assert "failed (exit 3), trying again in" in said.getvalue()
    assert "| no route to the moon" in said.getvalue()


def test_a_runtime_that_is_not_there_is_named_with_what_to_type(tmp_path: Path) -> None:
    nowhere = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    with pytest.raises(RuntimeMissing, match="make runtime"):
        installed_runtime(nowhere)
    assert cache_root(nowhere) == tmp_path / "meterpark"


@pytest.mark.parametrize(("version", "fits"), [("1.18.2", True), ("1.18.1", False)])
def test_dapr_of_the_person_is_used_when_it_is_exactly_our_version(
    tmp_path: Path, version: str, *, fits: bool
) -> None:
    folder = tmp_path / ".dapr" / "bin"
    folder.mkdir(parents=True)
    for program in DAPR_PROGRAMS:
        (folder / program).write_text(f"#!/bin/sh\necho {version}\n")
        (folder / program).chmod(0o755)
    found = dapr_of_this_person({"HOME": str(tmp_path)})
    assert found == (folder if fits else None)


@pytest.fixture
def bare_machine() -> Iterator[Path]:
    """A checkout's bootstrap on a machine that has only what every Debian has."""
    folder = Path(tempfile.mkdtemp(prefix="mp-"))
    folder.chmod(0o755)
    (folder / "deploy").mkdir()
    (folder / "bin").mkdir()
    for name in ("uv.lock", "pyproject.toml", "deploy/bootstrap.sh"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("sh", "cat", "cksum", "dirname", "grep", "head", "id", "sed", "apt-get"):
        program = shutil.which(name, path="/usr/bin:/bin")
        if program:
            (folder / "bin" / name).symlink_to(program)
    yield folder
    shutil.rmtree(folder)


def test_without_rights_all_missing_packages_are_named_at_once_with_the_line(
    bare_machine: Path,
) -> None:
    nobody = [
        shutil.which("setpriv") or "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
    ]
    answer = subprocess.run(
        [*(nobody if os.geteuid() == 0 else []), "/bin/sh", bare_machine / "deploy/bootstrap.sh"],
        env={"PATH": str(bare_machine / "bin"), "HOME": str(bare_machine)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    [line] = [line for line in answer.stderr.splitlines() if "apt-get install" in line]
    for package in ("python3-venv", "gcc", "maven", "git", "pkg-config", "jre-headless"):
        assert package in line
