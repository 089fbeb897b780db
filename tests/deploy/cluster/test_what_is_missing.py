"""A cluster whose programs are not there says so in one line that names what to type."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("words", [("deploy.cluster", "status"), ("tests.cluster",)])
def test_missing_programs_are_told_in_one_line(words: tuple[str, ...], tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    [line] = answer.stderr.splitlines()
    assert "is not installed" in line
    assert "`make test-cluster`" in line
