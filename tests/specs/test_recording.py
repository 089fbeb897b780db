"""A picture of the terminal shows what a command printed, in its colours."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.pictures.recording import record, write_picture

SAYS = "import os; print('\\x1b[31m OFF \\x1b[0m 15', os.get_terminal_size().columns)"


def test_what_a_command_prints_into_its_terminal_stands_in_the_picture(tmp_path: Path) -> None:
    picture = tmp_path / "park.svg"
    write_picture(
        record([sys.executable, "-c", SAYS], columns=90), picture, title="park", columns=90
    )
    shown = picture.read_text().replace("&#160;", " ")
    assert " OFF " in shown
    assert " 15 90" in shown
    assert "fill: #f4005f" in shown  # red, in the picture's theme


def test_a_command_that_fails_makes_no_picture() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        record([sys.executable, "-c", "raise SystemExit(3)"], columns=90)
