"""The guide has a section for every view of the page, and its pictures are those that `make guide` takes."""

import re
from pathlib import Path

import pytest

from tests.browser.guide import MOST_BYTES, VIEWS, picture_of, section_of

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guide.md").read_text()
ROUTES = (ROOT / "bff" / "web" / "src" / "app" / "routes.ts").read_text()
# Where a person comes without wanting to.
NO_VIEWS = {"Not found"}


def test_every_view_has_a_section_in_the_guide() -> None:
    views = set(re.findall(r"title: \$localize`([^`]+)`", ROUTES)) - NO_VIEWS
    assert len(views) >= len({section_of(name) for name in VIEWS})
    assert views <= set(_sections())


def test_no_view_has_two_sections() -> None:
    names = re.findall(r"^## (.+)$", GUIDE, flags=re.MULTILINE)
    assert [name for name in names if names.count(name) > 1] == []


@pytest.mark.parametrize("name", VIEWS)
def test_a_section_shows_its_view(name: str) -> None:
    picture = picture_of(name)
    assert f"](pictures/{picture.name})" in _sections()[section_of(name)]
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG\r\n")
    assert len(content) <= MOST_BYTES, f"{picture.name}: make guide"


def test_no_picture_of_the_guide_is_left_over() -> None:
    shown = set(re.findall(r"\]\(pictures/(guide-[^)]+)\)", GUIDE))
    kept = {picture.name for picture in (ROOT / "docs" / "pictures").glob("guide-*.png")}
    assert shown == kept == {picture_of(name).name for name in VIEWS}


def test_every_view_is_shown() -> None:
    views = set(re.findall(r"title: \$localize`([^`]+)`", ROUTES)) - NO_VIEWS
    assert views == {section_of(name) for name in VIEWS}


def _sections() -> dict[str, str]:
    [_, *parts] = re.split(r"^## ", GUIDE, flags=re.MULTILINE)
    return {part.partition("\n")[0]: part for part in parts}
