"""What a request to the router may be: its form, its size, and its documents."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.adapters.router.asking import (
    DOCUMENT,
    HASH,
    LET_THROUGH,
    SCHEMA,
    ask,
    reason,
    reason_for,
)
from tests.attacks.requests import wrong_answers
from tests.neighbours.issuer import Issuer
from tests.neighbours.router import Router, running_router


def doubling(fragments: int) -> str:
    """A chain of fragments each of which uses the next one twice."""
    links = [
        f"fragment F{at} on Meter {{ serial ...F{at + 1} ...F{at + 1} }}" for at in range(fragments)
    ]
    return " ".join(["{ meter { ...F0 } }", *links, f"fragment F{fragments} on Meter {{ serial }}"])


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("{ meter " + "{ beside " * 12 + "{ serial }" + "}" * 13, "12 levels"),
        ("{" + " ".join(f"m{at}: meter {{ serial }}" for at in range(31)) + "}", "30 aliases"),
        ("{ meter {" + " serial" * 2000 + "} }", "2000 tokens"),
        ("{ meter {" + " serial" * 1001 + "} }", "1000 fields"),
        (doubling(100), "1000 fields"),
    ],
    ids=["deep", "aliases", "tokens", "fields", "fragments"],
)
async def test_a_query_that_is_too_large_is_refused_before_it_runs(
    router: Router, issuer: Issuer, query: str, what: str
) -> None:
    _, answer = await ask(router, query, issuer.token())
    assert reason(answer) == "QUERY_TOO_LARGE"
    assert f"more than {what}" in answer["errors"][0]["message"]


async def test_a_request_is_a_post_of_known_and_bounded_length(
    router: Router, issuer: Issuer
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"query": "{ meter { serial } }"}'

    headers = {"Authorization": f"Bearer {issuer.token()}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as http:
        for request, expected in (
            (http.post(router.url, data=b" " * (2 * 1024 * 1024 + 1)), (413, "REQUEST_TOO_LARGE")),
            (http.post(router.url, data=pieces()), (411, "LENGTH_REQUIRED")),
            (http.get(router.url, params={"query": DOCUMENT}), (405, "METHOD_NOT_ALLOWED")),
            (http.post(router.url, data=b"no json"), (400, "REQUEST_WRONG")),
            (http.post(router.url, data=f'[{{"query": "{DOCUMENT}"}}]'), (400, "BAD_REQUEST")),
            (http.post(router.url, data=b"{}"), (400, "DOCUMENT_MISSING")),
        ):
            async with request as answer:
                assert (answer.status, reason(await answer.json())) == expected


async def test_a_request_is_sent_as_json(router: Router, issuer: Issuer) -> None:
    query = {"query": DOCUMENT}
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {issuer.token()}"}) as http:
        for request in (
            http.post(router.url, data=DOCUMENT, headers={"Content-Type": "application/graphql"}),
            http.post(router.url, data=query),
            http.post(router.url, data=json.dumps(query), headers={"Content-Type": "text/plain"}),
        ):
            async with request as answer:
                assert (answer.status, reason(await answer.json())) == (415, "NO_JSON")


async def test_what_no_request_may_bring_is_refused_before_it_runs(
    router: Router, issuer: Issuer
) -> None:
    assert await wrong_answers(router.url, issuer.token) == {}


async def test_what_is_wrong_with_one_request_is_not_held_against_the_next_with_its_document(
    router: Router, issuer: Issuer
) -> None:
    token = issuer.token()
    asked = "query Again($serial: String!) { meter(serial: $serial) { serial } }"
    for serial, said in ((4, "VARIABLE_INVALID"), ("4711", LET_THROUGH), (4, "VARIABLE_INVALID")):
        assert await reason_for(router, asked, token, variables={"serial": serial}) == said
    assert await reason_for(router, asked, token, operationName="Other") == "OPERATION_UNKNOWN"
    good = {"serial": "4711"}
    assert (
        await reason_for(router, asked, token, operationName="Again", variables=good) == LET_THROUGH
    )


async def test_a_document_of_the_page_is_known_by_its_hash_and_another_is_not(
    router: Router, issuer: Issuer
) -> None:
    token = issuer.token()
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": HASH}}
    for named in ({"extensions": persisted}, {"documentId": f"sha256:{HASH}"}):
        assert (await ask(router, None, token, **named))[1] == {"data": {"__typename": "Query"}}
    unknown = await ask(router, None, token, documentId="sha256:nowhere")
    assert reason(unknown[1]) == "DOCUMENT_UNKNOWN"


async def test_a_router_for_the_page_alone_serves_nothing_else(
    issuer: Issuer, tmp_path: Path
) -> None:
    documents = tmp_path / "documents.json"
    documents.write_text(json.dumps({HASH: DOCUMENT}))
    only = {"TRUSTED_DOCUMENTS": str(documents), "TRUSTED_DOCUMENTS_ONLY": "on"}
    with running_router(tmp_path, issuer, SCHEMA, **only) as router:
        await asyncio.to_thread(router.process.wait_for_page, router.port, "/readyz")
        token = issuer.token()
        assert (await ask(router, None, token, documentId=HASH))[1]["data"]
        assert await reason_for(router, DOCUMENT, token) == "DOCUMENTS_ONLY"
