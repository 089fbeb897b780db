"""Requests that a door of the graph has to refuse for what they bring, before anything is executed.

One table for router and bff: the policy is one, in two languages. A case names what it asks in fields that every schema
has (`__typename`), so that it can be tried at any door; its variables are wrong whatever the document is.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

DOCUMENT: Final = "query Asked { __typename }"
BAD: Final = "BAD_USER_INPUT"
COSTLY: Final = "TOO_COSTLY"


@dataclass(frozen=True, slots=True)
class Request:
    """A body, the code that its refusal has, and what its message says."""

    body: bytes
    code: str
    says: str


def _asked(**more: Any) -> bytes:
    return json.dumps({"query": DOCUMENT, **more}).encode()


def _variables(**variables: Any) -> bytes:
    return _asked(variables=variables)


def _nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def _spelled(text: str) -> bytes:
    return f'{{"query": "{DOCUMENT}", {text}}}'.encode()


REFUSED: Final[Mapping[str, Request]] = {
    "unknown keys, 20,000": Request(
        _variables(filter={f"unknown{number}": number for number in range(20_000)}),
        COSTLY,
        "variables: more than 500 keys",
    ),
    "keys in many objects": Request(
        _variables(filters=[{"model": 1, "area": 2}] * 251), COSTLY, "variables: more than 500 keys"
    ),
    "wrong items, 100,000": Request(
        _variables(filter={"switch": ["ajar"] * 100_000}), COSTLY, "variables: more than 2000 items"
    ),
    "items in many lists": Request(
        _variables(lists=[[1] * 100] * 20), COSTLY, "variables: more than 2000 items"
    ),
    "levels": Request(_variables(deep=_nested(10)), COSTLY, "variables: more than 10 levels"),
    "levels, thousands": Request(
        _spelled('"variables": {"deep": ' + "[" * 900 + "]" * 900 + "}"),
        COSTLY,
        "variables: more than 10 levels",
    ),
    "keys of extensions": Request(
        _asked(extensions={f"e{number}": number for number in range(501)}),
        COSTLY,
        "extensions: more than 500 keys",
    ),
    "half a pair": Request(
        _variables(filter={"text": ["fine", "\ud800"]}), BAD, "variables.filter.text[1]: holds half"
    ),
    "half a pair in a key": Request(
        _variables(filter={"\udfff": 1}), BAD, "variables.filter: holds half"
    ),
    "half a pair in extensions": Request(
        _asked(extensions={"trace": "\ud83d"}), BAD, "extensions.trace: holds half"
    ),
    "half a pair in the document": Request(
        json.dumps({"query": "{ __typename } # \ud800"}).encode(), BAD, "query holds half"
    ),
    "half a pair in the name": Request(
        _asked(operationName="\ud800"), BAD, "operationName holds half"
    ),
    "a number without end": Request(
        _spelled('"variables": {"first": 1e400}'),
        BAD,
        "variables.first: a number that is too large",
    ),
    "a number of 400 digits": Request(
        _spelled('"variables": {"first": ' + "9" * 400 + "}"),
        BAD,
        "variables.first: a number that is too large",
    ),
    "not a number": Request(_spelled('"variables": {"first": NaN}'), BAD, "the body is not JSON"),
    "no JSON": Request(b"{", BAD, "the body is not JSON"),
    "no UTF-8": Request(
        _spelled('"variables": {"text": "?"}').replace(b"?", b"\xff"), BAD, "it is not in UTF-8"
    ),
    "UTF-16": Request(_asked().decode().encode("utf-16"), BAD, "it is not in UTF-8"),
    "brackets without end": Request(b"[" * 100_000, BAD, "the body is not JSON"),
    "a text": Request(b'"{ __typename }"', BAD, "the body must be an object"),
    "null": Request(b"null", BAD, "the body must be an object"),
    "a document that is none": Request(b'{"query": 5}', BAD, "query must be a text"),
    "variables that are none": Request(_asked(variables=[1]), BAD, "variables must be an object"),
    "extensions that are none": Request(
        _asked(extensions="x"), BAD, "extensions must be an object"
    ),
    "a name that is none": Request(_asked(operationName={}), BAD, "operationName must be a text"),
    "a name that is not there": Request(
        _asked(operationName="Other"), BAD, 'Unknown operation named "Other"'
    ),
    "a name that could be none": Request(
        _asked(operationName="Other Name"), BAD, 'Unknown operation named "Other Name"'
    ),
    "which of two": Request(
        json.dumps({"query": "query A { __typename } query B { __typename }"}).encode(),
        BAD,
        "operation",
    ),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """``codes`` and ``text`` of the errors; one in plain words is a refusal of the body."""

    status: int
    codes: frozenset[str]
    text: str


async def send(url: str, body: bytes, token: str, **headers: str) -> Answer:
    """Send one request to a door and read what it says."""
    own = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers}
    async with aiohttp.ClientSession() as http, http.post(url, data=body, headers=own) as answer:
        text = await answer.text()
        status = answer.status
    try:
        errors = json.loads(text)["errors"]
    except (ValueError, KeyError, TypeError):
        return Answer(status, frozenset({BAD} if status == 400 else {f"HTTP {status}"}), text)
    codes = frozenset(str(error.get("extensions", {}).get("code")) for error in errors)
    return Answer(status, codes, "\n".join(str(error["message"]) for error in errors))


def wrong_in(answer: Answer, case: Request) -> str:
    """Return in what ``answer`` is not the refusal that ``case`` should have; nothing when it is."""
    if answer.status not in (200, 400, 413):
        return f"status {answer.status}: {answer.text[:300]}"
    if answer.codes != {case.code}:
        return f"codes {sorted(answer.codes)}, not {case.code}: {answer.text[:300]}"
    if case.says not in answer.text:
        return f"{answer.text[:300]!r} does not say {case.says!r}"
    return "" if len(answer.text) < 4_000 else f"{len(answer.text)} letters"


async def wrong_answers(url: str, token: Callable[[], str]) -> dict[str, str]:
    """Try every case at the door; return what is wrong with the answers, by the case."""
    found = {
        name: wrong_in(await send(url, case.body, token()), case) for name, case in REFUSED.items()
    }
    return {name: wrong for name, wrong in found.items() if wrong}
