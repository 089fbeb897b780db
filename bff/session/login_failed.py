"""What a person reads whose login failed: in a browser, before there is any page of ours."""

import html
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from fastapi.responses import HTMLResponse

from bff.session.refusals import LOGIN_PATH

# As the page looks (bff/web/src/styles/tokens.css), in as few rules as this one sheet needs.
_STYLE: Final = """
:root { color-scheme: light dark; }
html { font: 0.8125rem/1.45 'Inter Variable', system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif;
  background: light-dark(#f6f7f8, #10151a); color: light-dark(#18212b, #e4e9ee); }
body { display: grid; place-content: center; justify-items: center; min-height: 90dvh; margin: 0; padding: 1rem; }
main { max-width: 24rem; padding: 1.5rem; border: 1px solid light-dark(#d9dee3, #2b343e); border-radius: 0.375rem;
  background: light-dark(#ffffff, #171d24); }
h1 { margin: 0; font-size: 1.375rem; font-weight: 600; }
p { margin: 1rem 0 0; }
a { color: light-dark(#0b5f6b, #5cc3d1); }
"""
_STYLE_HASH: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def login_failed(status: HTTPStatus, why: str, headers: Mapping[str, str]) -> HTMLResponse:
    """Return the page that says ``why``, and offers to log in again."""
    text = html.escape(why)
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Login · Meter park</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main><h1>The login did not work</h1><p>{text}.</p>"
        f'<p><a href="{LOGIN_PATH}">Log in again</a></p></main></body></html>',
        status_code=status,
        headers={"Content-Security-Policy": _POLICY, **headers},
    )
