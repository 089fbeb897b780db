"""The files of the web page, as the build made them: read once, served with the headers that they need.

Scripts and styles have their content's hash in the name; browsers keep them for a year. Every other address returns
the page itself, in the user's language; the page finds its view by the address.
"""

import mimetypes
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response

LANGUAGES: Final = ("en", "de")
LANGUAGE_COOKIE: Final = "meterpark-language"

# In the order of how small they are; the build makes each.
_ENCODINGS: Final = {"br": ".br", "gzip": ".gz"}
_ROOT_TAG: Final = "<mp-page>"
_ONE_YEAR: Final = "public, max-age=31536000, immutable"
# Addresses that are never a view: a missing file is answered with 404.
_NOT_VIEWS: Final = ("page/", "graphql", "static/")


class PageNotBuilt(Exception):
    """The folder holds no page; the error's text says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    content_type: str
    body: bytes
    # By content coding (RFC 9110, 8.4).
    encoded: dict[str, bytes]


class PageFiles:
    """All files of a page that was built; some two megabytes, in memory.

    Raises:
        PageNotBuilt: a language has no index.html, or one without the page's element.
    """

    def __init__(self, folder: Path) -> None:
        self._files = {
            f"{language}/{path.relative_to(folder / language)}": _read(path)
            for language in LANGUAGES
            for path in sorted((folder / language).rglob("*"))
            if path.is_file() and path.suffix not in _ENCODINGS.values()
        }
        self._pages = {language: self._index(language, folder) for language in LANGUAGES}

    def _index(self, language: str, folder: Path) -> str:
        index = self._files.pop(f"{language}/index.html", None)
        if index is None:
            raise PageNotBuilt(f"{folder / language}/index.html is not there: run `make runtime`")
        text = index.body.decode()
        if text.count(_ROOT_TAG) != 1:
            raise PageNotBuilt(f"{folder / language}/index.html has no {_ROOT_TAG}")
        return text

    def add_to(self, app: FastAPI) -> None:
        """Serve the page at every address of `app` that is nothing else; call it last."""
        app.add_api_route("/static/{name:path}", self.static, methods=["GET", "HEAD"])
        app.add_api_route("/{view:path}", self.view, methods=["GET", "HEAD"])

    async def static(self, request: Request, name: str) -> Response:
        """Return one file, in the smallest coding that the browser takes."""
        file = self._files.get(name)
        if file is None:
            return _not_there()
        taken = _codings(request.headers.get("accept-encoding", ""))
        coding = next((one for one in file.encoded if one in taken), None)
        headers = {"Cache-Control": _ONE_YEAR, "Vary": "Accept-Encoding"}
        if coding:
            headers["Content-Encoding"] = coding
        body = file.encoded[coding] if coding else file.body
        return Response(body, media_type=file.content_type, headers=headers)

    async def view(self, request: Request, view: str) -> Response:
        """Return the page, for every view. It is small, and browsers never keep it."""
        if view.startswith(_NOT_VIEWS):
            return _not_there()
        nonce = secrets.token_urlsafe(16)
        text = self._pages[_language(request)].replace(
            _ROOT_TAG, f'<mp-page ngCspNonce="{nonce}">', 1
        )
        return Response(
            text,
            media_type="text/html; charset=utf-8",
            headers={
                "Content-Security-Policy": _policy(nonce),
                "Cache-Control": "no-cache",
                "Vary": "Accept-Language, Cookie",
            },
        )


def _policy(nonce: str) -> str:
    # Styles of a view come with its script, as elements that carry the nonce.
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types angular angular#bundler",
        )
    )


def chosen_language(cookies: Mapping[str, str]) -> str | None:
    """Return the language that a person chose in the page; None for who never chose."""
    said = cookies.get(LANGUAGE_COOKIE)
    return said if said in LANGUAGES else None


def _language(request: Request) -> str:
    chosen = chosen_language(request.cookies)
    if chosen:
        return chosen
    # The order is that of preference in what browsers send.
    for part in request.headers.get("accept-language", "")[:200].split(","):
        language = part.strip()[:2].lower()
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]


def _codings(header: str) -> set[str]:
    """Return the content codings that a client takes (RFC 9110, 12.5.3)."""
    taken = set()
    for part in header.split(","):
        coding, _, weight = part.partition(";")
        if weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            taken.add(coding.strip().lower())
    return taken


def _read(path: Path) -> _File:
    content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if content_type.startswith("text/"):
        content_type += "; charset=utf-8"
    encoded = {
        coding: smaller.read_bytes()
        for coding, suffix in _ENCODINGS.items()
        if (smaller := path.with_name(path.name + suffix)).is_file()
    }
    return _File(content_type=content_type, body=path.read_bytes(), encoded=encoded)


def _not_there() -> Response:
    return Response("not here\n", HTTPStatus.NOT_FOUND, media_type="text/plain")
