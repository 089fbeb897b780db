"""A decision is one page of one form, and the index lists each once."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "decisions"
PAGES = sorted(FOLDER.glob("0*.md"))
HEAD = re.compile(
    r"# (?P<number>\d+)\. (?P<title>[^\n]+)\n\n"
    r"Date: (?P<date>\d{4}-\d\d-\d\d)\. Status: (?P<status>accepted|replaced|withdrawn)\b"
)
ROW = re.compile(
    r"^\| \[(?P<number>\d+)\]\((?P<file>[^)]+)\) \| (?P<title>.+) \| (?P<date>\S+) \| (?P<status>\w+) \|$",
    re.MULTILINE,
)
MOST_LINES = 90
# Why these numbers are not there stands in the index.
NEVER_USED = {33}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_has_date_status_context_decision_and_consequences(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    head = HEAD.match(text)
    assert head, f"{page.name} begins with '# NUMBER. TITLE', then 'Date: DAY. Status: accepted.'"
    assert int(head["number"]) == int(page.name[:4])
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    wanted = ["## Context", "## Decision", "## Consequences"]
    assert [heading for heading in headings if heading in wanted] == wanted


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_fits_one_page(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_the_index_lists_each_decision_as_its_page_says() -> None:
    listed = [row.groupdict() for row in ROW.finditer((FOLDER / "README.md").read_text("utf-8"))]
    told = []
    for page in PAGES:
        head = HEAD.match(page.read_text(encoding="utf-8"))
        assert head
        told.append({**head.groupdict(), "file": page.name})
    assert listed == told


def test_no_number_is_left_out_unless_the_index_says_so() -> None:
    numbers = [int(page.name[:4]) for page in PAGES]
    assert sorted({*numbers, *NEVER_USED}) == list(range(1, max(numbers) + 1))
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"no decision {number}" in index for number in NEVER_USED)
