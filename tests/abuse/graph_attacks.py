"""Attacks on the graph: variables, operations, texts, tokens. A client's mistake is told as one, whatever it is."""

import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp

from tests.abuse.attack import Case
from tests.abuse.target import Target, told
from tests.attacks.requests import REFUSED, wrong_answers
from tests.system.graph import Door

DOORS: tuple[Door, ...] = ("router", "bff")
_FILTERED = "query Q($filter: DeviceFilterInput) { devices(filter: $filter) { totalCount } }"
_ONE = "query Q($id: ID!) { device(id: $id) { deviceId } }"
_AT = 'query Q($time: DateTime!) { device(id: "north/1") { at(time: $time) { incomplete } } }'
_PAGE = "query Q($after: String) { devices(first: 1, after: $after) { totalCount } }"
_BLAMED_ON_US = frozenset({"INTERNAL", "INTERNAL_SERVER_ERROR", "UNAVAILABLE", "PEER_UNAVAILABLE"})
_MOST_ANSWER_BYTES = 64 * 1024
_MOST_PLAIN_BYTES = 200


def variables(target: Target) -> Iterator[tuple[str, str, Any]]:
    """Name, document and variables, each wrong in one way."""
    items = target.size.items
    yield "unknown keys", _FILTERED, {"filter": {f"k{number}": 1 for number in range(items)}}
    yield "wrong values", _FILTERED, {"filter": {"powers": ["DARK"] * (5 * items)}}
    yield "unknown variables", _FILTERED, {f"v{number}": 1 for number in range(items)}
    yield "a long text", _FILTERED, {"filter": {"textBeginning": "x" * (10 * items)}}
    yield "51 wrong enums", _FILTERED, {"filter": {"powers": ["DARK"] * 51}}
    deep: Any = "x"
    for _ in range(min(items, 900)):
        deep = [deep]
    yield "a deep list", _FILTERED, {"filter": {"powers": deep}}
    yield "a number for an object", _FILTERED, {"filter": 7}
    yield "no object of variables", _FILTERED, ["x"]
    yield "a lone surrogate", _ONE, {"id": "north/\ud800"}
    yield "a NUL", _ONE, {"id": "north/\u0000"}
    yield "an object for an id", _ONE, {"id": {"a": 1}}
    for time in (
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "now",
        "2026-13-01T00:00:00Z",
        "",
    ):
        yield f"the time {time!r}", _AT, {"time": time}
        # This one is read whatever devices there are.
        since = {"filter": {"lastContact": {"start": time}}}
        yield f"contact since {time!r}", _FILTERED, since
    for token in (
        "x",
        "AAAA",
        "eyJhIjoxfQ",
        "\ud800",
        "1" * 4000,
        urlsafe_b64encode(b'["a",{}]').decode(),
    ):
        yield f"the cursor {token[:20]!r}", _PAGE, {"after": token}


async def odd_variables(target: Target) -> AsyncIterator[Case]:
    """Variables of every wrong kind and size, at both doors."""
    async with target.attacker(target.viewer) as http:
        for door in DOORS:
            for name, query, given in variables(target):
                body = json.dumps({"query": query, "variables": given})
                yield await _mistake(http, target.graph_url(door), f"{door}: {name}", body.encode())


async def odd_requests(target: Target) -> AsyncIterator[Case]:
    """The table of requests that router and bff refuse alike."""
    for door in DOORS:
        wrong = await wrong_answers(target.graph_url(door), lambda: target.viewer)
        for name in REFUSED:
            yield Case(f"{door}: {name}", wrong.get(name, ""))


async def odd_tokens(target: Target) -> AsyncIterator[Case]:
    """Tokens that were never signed, or are no tokens: told so, in the same way, at both doors."""
    for door in DOORS:
        for name, token in _tokens():
            async with target.attacker() as http:
                headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
                for question in ("{ parkSummary { deviceCount } }", "{ viewer { __typename } }"):
                    body = _json(query=question)
                    case = await _refusal(http, target.graph_url(door), headers, body)
                    yield Case(f"{door}: {name}: {question}", case)


def _tokens() -> Iterator[tuple[str, str]]:
    def unsigned(payload: bytes | dict[str, Any]) -> str:
        said = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        head = _base64(json.dumps({"alg": "RS256", "typ": "JWT", "kid": "k"}).encode())
        return f"{head}.{_base64(said)}.{_base64(b'signed')}"

    whole = {"sub": "x", "exp": 4102444800, "aud": ["smoc-service"], "realm_access": {"roles": []}}
    yield "no token", "garbage"
    yield "an exp beyond the calendar", unsigned({**whole, "exp": 253402300800})
    yield "an exp of text", unsigned({**whole, "exp": "tomorrow"})
    yield "an exp that is infinite", unsigned(b'{"sub": "x", "exp": 1e999}')
    yield "5,000 brackets", unsigned(b"[" * 5_000)
    yield "no sub", unsigned({"exp": 4102444800})
    yield "no object", unsigned(b"7")
    yield "no JSON", unsigned(b"\xff\xfe")
    yield "no algorithm", f"{_base64(json.dumps({'alg': 'none'}).encode())}.{_base64(b'{}')}."
    yield "64 KiB", "x" * 6_000


async def _mistake(http: aiohttp.ClientSession, url: str, name: str, body: bytes) -> Case:
    """Ask; a client's mistake must be told as one, in few words, with nothing of ours in it."""
    headers = {"Content-Type": "application/json"}
    try:
        async with http.post(url, data=body, headers=headers) as answer:
            text = await answer.read()
            return Case(name, _wrong_answer(answer.status, text))
    except (aiohttp.ClientError, TimeoutError) as error:
        return Case(name, f"no answer: {type(error).__name__}: {error}")


async def _refusal(
    http: aiohttp.ClientSession, url: str, headers: dict[str, str], body: bytes
) -> str:
    try:
        async with http.post(url, data=body, headers=headers) as answer:
            text = await answer.read()
            if answer.status not in (200, 400, 401, 403, 431):
                return f"status {answer.status}: {told(text)}"
            if answer.status == 431:
                return ""
            if b'"deviceCount"' in text or b'"__typename"' in text:
                return f"answered: {told(text)}"
            return "" if b"UNAUTHENTICATED" in text else f"not told why: {told(text)}"
    except (aiohttp.ClientError, TimeoutError) as error:
        return f"no answer: {type(error).__name__}: {error}"


def _wrong_answer(status: int, text: bytes) -> str:
    if len(text) > _MOST_ANSWER_BYTES:
        return f"an answer of {len(text)} bytes"
    try:
        document = json.loads(text)
    except ValueError:
        # A body that is no request at all may be told so in plain words.
        plain = 400 <= status < 500 and 0 < len(text) < _MOST_PLAIN_BYTES
        return "" if plain else f"status {status}, no JSON: {told(text)}"
    if status >= 500:
        return f"status {status}: {told(document)}"
    errors = document.get("errors") or []
    for error in errors:
        code = error.get("extensions", {}).get("code")
        if code in _BLAMED_ON_US or code is None:
            return f"told as {code}: {told(error)}"
        if "Did you mean" in error.get("message", ""):
            return f"suggests names: {told(error)}"
        if "Traceback" in str(error) or "Error(" in str(error):
            return f"raw text: {told(error)}"
    return ""


def _json(**said: Any) -> bytes:
    return json.dumps(said).encode()


def _base64(said: bytes) -> str:
    return urlsafe_b64encode(said).decode().rstrip("=")
