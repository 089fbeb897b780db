"""The page's files: what is served under which address, with which headers."""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from bff.door.page_files import PageFiles, PageNotBuilt
from bff.door.response_headers import ResponseHeaders

SCRIPT = "console.log('the page')" * 40
INDEX = '<!doctype html><html lang="{}"><body><mp-page></mp-page></body></html>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for language in ("en", "de"):
        home = tmp_path / language
        home.mkdir()
        (home / "index.html").write_text(INDEX.format(language))
        (home / "main-A1B2.js").write_text(SCRIPT)
        (home / "main-A1B2.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (tmp_path / "3rdpartylicenses.txt").write_text("")
    return tmp_path


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Server:
    """The page's files behind what every answer of the bff passes through."""

    def __init__(self, folder: Path) -> None:
        app = FastAPI(openapi_url=None)
        PageFiles(folder).add_to(app)
        app.add_middleware(ResponseHeaders, over_https=True)
        self._app = app

    async def get(self, address: str, **headers: str) -> Answer:
        path, _, query = address.partition("?")
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": query.encode(),
            "headers": [
                (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
            ],
        }
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request"}

        async def send(message: Any) -> None:
            said.append(message)

        await self._app(scope, receive, send)
        return Answer(
            said[0]["status"],
            {name.decode(): value.decode() for name, value in said[0]["headers"]},
            b"".join(one.get("body", b"") for one in said[1:]),
        )


@pytest.fixture
def server(folder: Path) -> Server:
    return Server(folder)


@pytest.mark.parametrize("path", ["/", "/devices?power=OFF", "/devices/north/1ISK1", "/no/such"])
async def test_every_address_of_a_view_is_the_page(server: Server, path: str) -> None:
    answer = await server.get(path)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "<mp-page ngCspNonce=" in answer.text


async def test_the_policy_allows_no_inline_script_and_no_other_host(
    server: Server,
) -> None:
    first, second = [await server.get("/") for _ in range(2)]
    policy = dict(
        part.strip().split(" ", 1) for part in first.headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in first.headers["content-security-policy"]
    assert not re.search(r"https?:", first.headers["content-security-policy"])
    # Each answer has a nonce of its own, and its page carries it.
    nonces = [re.findall(r'ngCspNonce="([^"]+)"', answer.text)[0] for answer in (first, second)]
    assert nonces[0] != nonces[1]
    assert f"'nonce-{nonces[0]}'" in policy["style-src"]
    assert first.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/devices", "/static/en/main-A1B2.js", "/static/gone.js"])
async def test_every_answer_says_what_a_browser_must_not_do(server: Server, path: str) -> None:
    headers = (await server.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "geolocation=()" in headers["permissions-policy"]
    assert headers["strict-transport-security"].startswith("max-age=")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/page/nothing", "/graphql/x", "/static/en/gone.js", "/static/"])
async def test_what_is_no_view_and_no_file_is_not_there(server: Server, path: str) -> None:
    assert (await server.get(path)).status == 404


async def test_nothing_beside_the_languages_is_served(server: Server) -> None:
    for name in ("3rdpartylicenses.txt", "en/index.html", "en/main-A1B2.js.gz", "en/../de/x"):
        assert (await server.get(f"/static/{name}")).status == 404


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, br", "gzip"), ("gzip;q=0, br", None), ("", None), ("identity", None)],
)
async def test_a_script_comes_in_the_smallest_coding_that_is_taken_and_is_kept_for_a_year(
    server: Server, accepted: str, coding: str | None
) -> None:
    answer = await server.get("/static/en/main-A1B2.js", accept_encoding=accepted)
    assert answer.headers.get("content-encoding") == coding
    assert (gzip.decompress(answer.body) if coding else answer.body).decode() == SCRIPT
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ({"accept_language": "de-CH,de;q=0.9,en;q=0.8"}, "de"),
        ({"accept_language": "fr,en;q=0.5"}, "en"),
        ({"accept_language": "fr"}, "en"),
        ({"accept_language": "en", "cookie": "meterpark-language=de"}, "de"),
        ({"cookie": "meterpark-language=../../etc"}, "en"),
    ],
)
async def test_the_page_speaks_the_language_that_was_chosen_or_is_preferred(
    server: Server, said: dict[str, str], language: str
) -> None:
    assert f'<html lang="{language}">' in (await server.get("/", **said)).text


def test_a_folder_without_a_page_is_named(folder: Path) -> None:
    (folder / "de" / "index.html").unlink()
    with pytest.raises(PageNotBuilt, match=r"de/index\.html is not there: run `make runtime`"):
        PageFiles(folder)
    (folder / "de" / "index.html").write_text("<html></html>")
    with pytest.raises(PageNotBuilt, match="has no <mp-page>"):
        PageFiles(folder)
