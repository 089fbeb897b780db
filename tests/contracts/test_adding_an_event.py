"""docs/adding-an-event.md is true: its steps are taken in a copy of the code, and each error that it quotes comes.

Where a block goes, the page says: "In `file`, before the line `...`:", "after the line", or "In `file`:" (a new one).
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-an-event.md").read_text(encoding="utf-8")
COPIED = (
    *("device_hub", "contract_limits", "service_chassis", "pyproject.toml"),
    *("tests/__init__.py", "tests/examples.py"),
    *("tests/contracts/device_page", "tests/contracts/stored", "tests/specs/hub/device"),
    *("tests/contracts/test_stored_events.py", "tests/specs/hub/__init__.py"),
)
# What stores an event, and what shows it, beside the core itself.
CHECKED = ("device_hub/device", "device_hub/journal/event_codec.py", "device_hub/wire/devices.py")
STEP = re.compile(
    r"[Ii]n `(?P<file>[^`]+)`(?:, (?P<where>before|after) the line `(?P<line>[^`]+)`)?:\n\n"
    r"```\w+\n(?P<block>.*?)```",
    re.DOTALL,
)


@dataclass(frozen=True)
class Copy:
    """The code in a folder of its own, to which the page's steps are applied."""

    root: Path
    # What mypy knows already, of the libraries above all.
    known: Path

    def take(self, title: str) -> None:
        """Take the steps below this title of the page."""
        steps = list(STEP.finditer(_section(title)))
        assert steps, f"the page has no step below {title!r}"
        for step in steps:
            path, block = self.root / step["file"], step["block"]
            if not step["where"]:
                assert not path.exists(), path
                path.write_text(block, encoding="utf-8")
                continue
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            [at] = [n for n, line in enumerate(lines) if line.startswith(step["line"])]
            lines.insert(at + (step["where"] == "after"), block)
            path.write_text("".join(lines), encoding="utf-8")

    def run_commands(self, title: str) -> None:
        """Run the commands below this title."""
        fenced = re.findall(r"^```(\w*)\n(.*?)^```$", _section(title), re.DOTALL | re.MULTILINE)
        [commands] = [block for language, block in fenced if not language]
        for line in commands.splitlines():
            command = line.replace(".venv/bin/python", sys.executable)
            subprocess.run(command, cwd=self.root, shell=True, check=True)  # noqa: S602 - the page's own lines

    def types(self) -> str:
        """Return what mypy says; "" when it is content."""
        found = self._python("mypy", "--no-error-summary", "--cache-dir", self.known, *CHECKED)
        assert (found.returncode == 0) is (found.stdout == ""), found.stderr
        return found.stdout

    def tests(self, *of: str) -> str:
        """Return what pytest says of tests that fail; "" when none does."""
        found = self._python("pytest", "-q", "-p", "no:cacheprovider", "--timeout=120", *of)
        return "" if found.returncode == 0 else found.stdout + found.stderr

    def _python(self, module: str, *words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", module, *map(str, words)],
            cwd=self.root,
            env={"PYTHONPATH": f"{self.root}:{ROOT / 'proto' / 'python'}", "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy-cache")


@pytest.fixture
def copy(tmp_path: Path, known: Path) -> Copy:
    for name in COPIED:
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (tmp_path / "proto").symlink_to(ROOT / "proto")
    return Copy(tmp_path, known)


def test_an_event_is_added_in_three_places_and_each_that_is_missing_is_named(copy: Copy) -> None:
    copy.take("First, say what you want")
    copy.take("1. The event")
    assert _quoted("2. What it changes", "assert_never") in copy.types()
    copy.take("2. What it changes")
    assert copy.types() == ""
    page = "tests/contracts/device_page/test_device_page.py"
    decided = f"{page}::test_every_event_is_left_by_some_command"
    assert _quoted("3. Who decides it", "no command leaves") in copy.tests(decided)
    copy.take("3. Who decides it")
    assert copy.types() == ""
    assert copy.tests(decided, "tests/specs/hub/device/test_exchange.py") == ""
    kept = "tests/contracts/test_stored_events.py"
    assert _quoted("Last, what is kept for ever", "no golden document") in copy.tests(kept)
    copy.take("Last, what is kept for ever")
    copy.run_commands("Last, what is kept for ever")
    assert copy.tests(kept, f"{page}::test_the_page_says_what_the_code_does") == ""


def test_what_is_forgotten_of_the_class_is_named_by_mypy(copy: Copy) -> None:
    path = copy.root / "device_hub" / "device" / "events" / "stated.py"
    for number in (1, 2, 3):
        copy.take(f"{number}. ")
    whole = path.read_text(encoding="utf-8")
    assert copy.types() == ""
    forgotten = {
        "the stored name": '    STORED: ClassVar[str] = "meter-exchanged.1"\n',
        "the line for people": '    def entry(self) -> TimelineEntry:\n        summary = f"Meter',
        "the union": "    MeterExchanged |\n",
    }
    for row, lines in forgotten.items():
        assert lines in whole
        without = whole.replace(lines, lines.replace("entry", "line") if "entry" in lines else "")
        path.write_text(without, encoding="utf-8")
        [cell] = re.findall(rf"\| {row} \| mypy: (.*) \|\n", PAGE)
        said = copy.types()
        for words in re.findall(r"`([^`]+)`", cell):
            assert words.replace("\\|", "|") in said, row


def test_a_recorded_event_that_says_too_little_is_named_by_mypy(copy: Copy) -> None:
    path = copy.root / "device_hub" / "device" / "events" / "recorded.py"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace('    sets=("fault", Fault.NONE),\n', ""), encoding="utf-8")
    assert _quoted("An event that an EndDeviceEvent reports", "Missing named") in copy.types()


def _section(title: str) -> str:
    [section] = [
        one for one in re.split(r"^## ", PAGE, flags=re.MULTILINE) if one.startswith(title)
    ]
    return section


def _quoted(title: str, words: str) -> str:
    """Return the error that the page quotes below this title."""
    errors: list[str] = re.findall(r"`([^`\n]+)`", _section(title))
    [error] = [one for one in errors if words in one]
    return error
