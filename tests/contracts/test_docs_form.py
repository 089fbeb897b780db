"""Every page fits an editor, and every link in it leads somewhere."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WIDEST = 120
LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCE = "```"


def _pages() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


PAGES = {str(page.relative_to(ROOT)): page for page in _pages()}


def _prose(page: Path) -> list[tuple[int, str]]:
    """Return the lines, with their numbers, that are neither code nor a table's row: these cannot be broken."""
    lines, in_code = [], False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        if line.lstrip().startswith(_FENCE):
            in_code = not in_code
        elif not in_code and not line.startswith("|"):
            lines.append((number, line))
    return lines


def _anchors(page: Path) -> set[str]:
    """Return the anchors of the headings, as GitHub makes them."""
    headings = [line.lstrip("# ") for _, line in _prose(page) if line.startswith("#")]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_there_are_pages() -> None:
    assert {"README.md", "docs/architecture.md", "docs/glossary.md"} <= set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_no_line_of_prose_is_wider_than_an_editor(name: str) -> None:
    wide = [number for number, line in _prose(PAGES[name]) if len(line) > WIDEST]
    assert not wide, f"{name}: break these lines at {WIDEST} characters: {wide}"


@pytest.mark.parametrize("name", PAGES)
def test_every_link_inside_the_repository_leads_somewhere(name: str) -> None:
    page = PAGES[name]
    lost = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            lost.append(link)
    assert not lost, f"{name}: these links lead nowhere: {lost}"


def _rooms() -> set[str]:
    """Return the folders of the repository; what tools make beside them (dist, build) is none of it."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    first = {line.partition("/")[0] for line in listed.splitlines() if "/" in line}
    return {name for name in first if name.isidentifier()}


_ROOMS = "|".join(sorted(_rooms()))
PATH = re.compile(rf"(?<![\w/.-])(?:{_ROOMS})/[\w./-]*\w")
# A file that the reader of a page makes, with what it says to be put there.
MADE = re.compile(r"^In `([^`]+)`:$", re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_every_place_in_the_repository_that_is_named_is_there(name: str) -> None:
    text = PAGES[name].read_text(encoding="utf-8")
    lost = {path for path in PATH.findall(text) if not _is_there(path, PAGES[name])}
    lost -= {*MADE.findall(text)}
    assert not lost, f"{name}: these are not there: {sorted(lost)}"


def _is_there(path: str, page: Path) -> bool:
    return any((folder / path).exists() for folder in (ROOT, page.parent))
