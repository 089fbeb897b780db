"""Keycloak's pages in the look of the web page: the theme, put where Keycloak looks for it.

The colours and the mark are the page's own files, so that login and page stay one product.
"""

import hashlib
import shutil
from pathlib import Path
from typing import Final

THEME: Final = "meterpark"

_CHECKOUT: Final = Path(__file__).resolve().parents[3]
_SOURCE: Final = _CHECKOUT / "deploy" / "login_theme"
_PAGE: Final = _CHECKOUT / "bff" / "web" / "src"
# What the page and its login share, by its place in the theme.
_SHARED: Final = {
    "resources/css/tokens.css": _PAGE / "styles" / "tokens.css",
    "resources/img/icon.svg": _PAGE / "public" / "icon.svg",
}


def write_theme(keycloak_home: Path) -> None:
    """Replace the theme below `keycloak_home`."""
    theme = keycloak_home / "themes" / THEME / "login"
    shutil.rmtree(theme, ignore_errors=True)
    shutil.copytree(_SOURCE, theme)
    for name, source in _SHARED.items():
        (theme / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, theme / name)
    # Browsers keep styles for a month: another content is another address.
    styles = b"".join(one.read_bytes() for one in sorted(theme.rglob("*.css")))
    with (theme / "theme.properties").open("a") as properties:
        properties.write(f"content={hashlib.sha256(styles).hexdigest()[:8]}\n")
