"""CONTRIBUTING.md shows the repository as it is."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
LINE = re.compile(r"^([.\w]+)/ +(\S.*)$", re.MULTILINE)


def _folders(*under: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", *under], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.splitlines()
    depth = len(under[0].split("/")) if under else 0
    return sorted({name.split("/")[depth] for name in listed if name.count("/") > depth})


def test_the_layout_has_a_line_for_every_folder_and_for_no_other() -> None:
    layout = TEXT.partition("## Layout")[2].partition("## ")[0]
    assert [folder for folder, _ in LINE.findall(layout)] == _folders()


def test_every_folder_of_tests_is_said_to_need_something() -> None:
    table = TEXT.partition("## How tests are divided")[2].partition("## ")[0]
    assert set(re.findall(r"`tests/(\w+)`", table)) == set(_folders("tests"))


def test_every_place_that_it_names_is_there() -> None:
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", TEXT)
    assert named
    assert not [path for path in named if not (ROOT / path).exists()]


def test_every_command_of_make_that_it_names_is_there() -> None:
    verbs = re.findall(
        r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    named = re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)", TEXT, re.MULTILINE)
    assert not [verb for pair in named for verb in pair if verb and verb not in verbs]
