"""A drawing shows the text that is committed beside it: the SVG names what it was drawn from, by its hash."""

from pathlib import Path

import pytest

from deploy.pictures.drawing import FOLDER, is_drawn_from, marks

SOURCES = sorted(FOLDER.glob("*.dot"))


def test_there_are_drawings() -> None:
    assert "architecture.dot" in [source.name for source in SOURCES]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_a_drawing_is_of_its_text_as_it_is_now(source: Path) -> None:
    picture = source.with_suffix(".svg")
    assert marks(picture) == [source.name]
    assert is_drawn_from(picture, source), f"{source.name} was changed: make picture"


def test_a_drawing_of_another_text_is_noticed(tmp_path: Path) -> None:
    source = tmp_path / "architecture.dot"
    source.write_text((FOLDER / "architecture.dot").read_text().replace("MongoDB", "a file"))
    assert not is_drawn_from(FOLDER / "architecture.svg", source)


@pytest.mark.parametrize("picture", sorted(FOLDER.glob("*.svg")), ids=lambda picture: picture.name)
def test_a_picture_asks_no_other_server(picture: Path) -> None:
    text = picture.read_text()
    assert not [word for word in ("@import", "@font-face", "<image", "url(http") if word in text]
