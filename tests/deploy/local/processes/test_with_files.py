"""Programs that take secrets from their environment get them from files, at each start."""

import subprocess
import sys
from pathlib import Path

from deploy.local.processes.file_variables import with_files

SHOW = (sys.executable, "-c", "import os; print(os.environ['SECRET'], end='')")


def test_a_program_is_started_with_what_its_files_hold_at_that_moment(tmp_path: Path) -> None:
    file = tmp_path / "a secret's file"
    command = with_files({"SECRET": file}, SHOW)
    for held in ("first $HOME 'quoted'", "second\nof two lines"):
        file.write_text(f"{held}\n")
        assert held not in " ".join(command)
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
        assert ended.stdout == held


def test_a_program_whose_secret_is_missing_does_not_start_and_says_which(tmp_path: Path) -> None:
    command = with_files({"SECRET": tmp_path / "missing"}, SHOW)
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert str(tmp_path / "missing") in ended.stderr
    assert ended.stdout == ""
