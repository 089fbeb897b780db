"""The theme of Keycloak's pages: the page's own colours, both languages, nobody else's host."""

import re
from pathlib import Path

import pytest

from deploy.local.processes.keycloak_realm import realm_template
from deploy.local.processes.keycloak_theme import THEME, write_theme

ROOT = Path(__file__).resolve().parents[4]
PAGE = ROOT / "bff" / "web" / "src"


@pytest.fixture
def login(tmp_path: Path) -> Path:
    write_theme(tmp_path)
    return tmp_path / "themes" / THEME / "login"


def test_the_realm_shows_it_in_the_languages_of_the_page() -> None:
    realm = realm_template()
    assert realm["loginTheme"] == THEME
    assert realm["internationalizationEnabled"]
    assert set(realm["supportedLocales"]) == {"en", "de"}


def test_login_and_page_have_the_same_colours_and_the_same_mark(login: Path) -> None:
    for ours, theirs in (
        ("resources/css/tokens.css", "styles/tokens.css"),
        ("resources/img/icon.svg", "public/icon.svg"),
    ):
        assert (login / ours).read_bytes() == (PAGE / theirs).read_bytes()
    style = (login / "resources" / "css" / "login.css").read_text()
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb\(", style), "a colour that is not in the tokens"


def test_nothing_of_it_comes_from_another_host(login: Path) -> None:
    for file in login.rglob("*"):
        if file.is_file() and file.suffix != ".svg":
            assert not re.search(r"https?://", file.read_text()), file


def test_each_language_says_everything_that_the_other_says(login: Path) -> None:
    english, german = (
        re.findall(r"^(\w+)=\S", (login / "messages" / name).read_text(), re.MULTILINE)
        for name in ("messages_en.properties", "messages_de.properties")
    )
    assert english == german


def test_another_style_gets_another_address_and_a_second_start_the_same(tmp_path: Path) -> None:
    properties = tmp_path / "themes" / THEME / "login" / "theme.properties"
    write_theme(tmp_path)
    first = properties.read_text()
    write_theme(tmp_path)
    assert properties.read_text() == first
    assert re.search(r"^content=[0-9a-f]{8}$", first, re.MULTILINE)
