"""The page's translations against its texts, as Angular extracts them."""

import json
from pathlib import Path

import pytest

from deploy.runtime.page import PAGE_SOURCE, angular
from tests.adapters.bff.web.programs import laid_out, node

_TRANSLATIONS = sorted((PAGE_SOURCE / "src" / "locale").glob("messages.*.json"))


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The page's English texts by their keys."""
    web = laid_out(tmp_path_factory.mktemp("page"))
    node(web, *angular(web, "extract-i18n", "--output-path", "texts"))
    return _translations(web / "texts" / "messages.json")


def test_there_are_translations() -> None:
    assert [path.name for path in _TRANSLATIONS] == ["messages.de.json"]


@pytest.mark.parametrize("path", _TRANSLATIONS, ids=lambda path: path.name)
def test_each_translation_has_a_text_that_the_page_shows(path: Path, texts: dict[str, str]) -> None:
    stale = {key: said for key, said in _translations(path).items() if key not in texts}
    assert not stale, f"{path.name}: the page has no such text any more, remove {stale}"


@pytest.mark.parametrize("path", _TRANSLATIONS, ids=lambda path: path.name)
def test_each_text_of_the_page_has_a_translation(path: Path, texts: dict[str, str]) -> None:
    translated = _translations(path)
    missing = {key: said for key, said in texts.items() if key not in translated}
    assert not missing, f"{path.name}: add the translation of {missing}"


def _translations(path: Path) -> dict[str, str]:
    translations: dict[str, str] = json.loads(path.read_text())["translations"]
    return translations
