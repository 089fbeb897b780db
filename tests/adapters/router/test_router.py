"""The router by itself: who gets through it to the bff, with what, and what anybody is told who does not.

Behind it is nobody: who is let through is told that the bff does not answer.
"""

import asyncio
import hashlib
import hmac
import json
import shutil
import signal
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from deploy.runtime.node import ROUTER_SOURCE
from tests.attacks.half_requests import HALF_A_BODY, HALF_A_HEADER, NOTHING, half_requests
from tests.attacks.requests import wrong_answers
from tests.neighbours.issuer import Issuer, claims, ec_key, hang, running_issuer, signed
from tests.neighbours.ports import free_ports
from tests.neighbours.router import Router, launch, router_settings, running_router

_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@authenticated", "@policy", "@requiresScopes"])'
)
SCHEMA = f"""
{_LINK}
type Query {{
  meters(filter: Filter): [Meter] @authenticated
  meter(serial: String): Meter @authenticated
  audited: String @authenticated @requiresScopes(scopes: [["audit"]])
}}
input Filter {{ serial: String model: String }}
type Meter {{ serial: String! beside: Meter secret: String @policy(policies: [["auditor"]]) }}
type Subscription {{ ticked: Int! @authenticated }}
type Mutation {{ remove(serial: String!): Meter @authenticated @policy(policies: [["asset-manager"]]) }}
"""
DOCUMENT = "query Named { __typename }"
HASH = hashlib.sha256(DOCUMENT.encode()).hexdigest()
# Whoever gets as far as this was let through.
LET_THROUGH = "PEER_UNAVAILABLE"
PATIENCE_SECONDS = 20


@pytest.fixture(scope="module")
async def issuer() -> AsyncIterator[Issuer]:
    async with running_issuer() as running:
        yield running


@pytest.fixture(scope="module")
async def router(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Router]:
    folder = tmp_path_factory.mktemp("router")
    documents = folder / "documents.json"
    documents.write_text(json.dumps({HASH: DOCUMENT}))
    with running_router(folder, issuer, SCHEMA, TRUSTED_DOCUMENTS=str(documents)) as running:
        await asyncio.to_thread(running.process.wait_for_page, running.port, "/readyz")
        yield running


async def ask(
    router: Router, query: str | None, token: str | None = None, **more: Any
) -> tuple[int, dict[str, Any]]:
    """Return the status and the answer to a query."""
    body = {**({"query": query} if query is not None else {}), **more}
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(router.url, json=body) as answer,
    ):
        return answer.status, await answer.json()


def reason(answer: dict[str, Any]) -> str:
    [error] = answer["errors"]
    return str(error["extensions"].get("reason") or error["extensions"]["code"])


async def reason_for(router: Router, query: str, token: str | None, **more: Any) -> str:
    return reason((await ask(router, query, token, **more))[1])


# --- who -----------------------------------------------------------------------------------------------------------


def signed_with_the_public_key(issuer: Issuer, body: str) -> str:
    """Return a token for a check that takes the algorithm from the token, and a public key for a secret."""
    header = json.dumps({"alg": "HS256", "kid": issuer.key.kid}).encode()
    said = f"{urlsafe_b64encode(header).decode().rstrip('=')}.{body}"
    public = issuer.key.as_pem(private=False)
    by_hmac = hmac.digest(public, said.encode(), "sha256")
    return f"{said}.{urlsafe_b64encode(by_hmac).decode().rstrip('=')}"


async def test_only_a_valid_token_gets_through(router: Router, issuer: Issuer) -> None:
    good = issuer.token()
    assert await reason_for(router, "{ meter { serial } }", good) == LET_THROUGH
    past = datetime.now(UTC) - timedelta(hours=1)
    head, body, _ = good.split(".")
    wrong = {
        "none": None,
        "empty": "",
        "no token": "anna",
        "two": f"{good} {good}",
        "unsigned": f"{head}.{body}.",
        "signed by somebody else": signed(ec_key(str(issuer.key.kid)), claims()),
        "of an unknown key": signed(ec_key("unknown"), claims()),
        "symmetric": signed_with_the_public_key(issuer, body),
        "of another issuer": issuer.token(iss="http://elsewhere.test/realms/meterpark"),
        "for another service": issuer.token(aud=["device-hub"]),
        "not yet": issuer.token(nbf=int((datetime.now(UTC) + timedelta(hours=1)).timestamp())),
        "without an end": issuer.token(exp=None),
        "an end that no calendar has": issuer.token(exp=253402300800),
        "an end without end": issuer.token(exp=1e300),
        "without a person": issuer.token(sub=None),
        "of a nameless person": issuer.token(sub=""),
        "of a person that is none": issuer.token(sub=5),
        "brackets without end": f"{head}.{urlsafe_b64encode(b'[' * 5001).decode()}.c2ln",
        "longer than services take": issuer.token(filler="x" * 9000),
    }
    for why, token in wrong.items():
        status, answer = await ask(router, "{ meter { serial } }", token)
        assert (status, reason(answer)) == (401, "UNAUTHENTICATED"), why
    status, answer = await ask(router, "{ meter { serial } }", issuer.token(at=past))
    assert (status, reason(answer)) == (401, "TOKEN_EXPIRED")


async def test_the_schema_is_told_to_nobody_without_a_token(router: Router, issuer: Issuer) -> None:
    question = "{ __schema { queryType { name } } }"
    assert await reason_for(router, question, None) == "UNAUTHENTICATED"
    assert (await ask(router, question, issuer.token()))[1]["data"]


async def test_roles_are_policies_and_scopes_are_scopes_whatever_the_query_looks_like(
    router: Router, issuer: Issuer
) -> None:
    viewer = issuer.token(roles=["asset-viewer"], scope="profile")
    manager = issuer.token(roles=["asset-manager"], scope="audit profile")
    for query in (
        'mutation { remove(serial: "1") { serial } }',
        'mutation { a: remove(serial: "1") { serial } }',
        'mutation { ...F } fragment F on Mutation { remove(serial: "1") { serial } }',
        'mutation($no: Boolean = false) { remove(serial: "1") @skip(if: $no) { serial } }',
    ):
        status, answer = await ask(router, query, viewer)
        assert (status, reason(answer)) == (403, "ROLE_MISSING"), query
        assert await reason_for(router, query, manager) == LET_THROUGH, query
    assert await reason_for(router, "{ audited }", viewer) == "ROLE_MISSING"
    assert await reason_for(router, "{ audited }", manager) == LET_THROUGH
    deep = "{ meter { beside { secret } } }"
    assert await reason_for(router, deep, manager) == "ROLE_MISSING"
    assert await reason_for(router, deep, issuer.token(roles=["auditor"])) == LET_THROUGH
    # What another operation of the document would need is not asked for.
    both = 'query Q { meter { serial } } mutation M { remove(serial: "1") { serial } }'
    assert await reason_for(router, both, viewer, operationName="M") == "ROLE_MISSING"


async def test_valid_tokens_go_on_while_the_issuer_is_away_and_a_new_key_is_found_when_it_is_back(
    router: Router, issuer: Issuer
) -> None:
    known = issuer.token()
    issuer.answer = hang
    try:
        assert await reason_for(router, "{ meter { serial } }", known) == LET_THROUGH
    finally:
        issuer.answer = None
    issuer.rotate()
    fresh = issuer.token()

    async with asyncio.timeout(PATIENCE_SECONDS):
        # Looked up at most once a second; until then it is a key that nobody knows.
        while await reason_for(router, "{ meter { serial } }", fresh) != LET_THROUGH:
            pass
    assert await reason_for(router, "{ meter { serial } }", known) == LET_THROUGH


# --- with what -----------------------------------------------------------------------------------------------------


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


async def test_a_stream_goes_on_while_somebody_sends_what_no_request_may_bring(
    issuer: Issuer, tmp_path: Path
) -> None:
    ticks: asyncio.Queue[int] = asyncio.Queue()

    async def tick(request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        while True:
            data = json.dumps({"data": {"ticked": await ticks.get()}})
            await stream.write(f"event: next\ndata: {data}\n\n".encode())

    behind = web.Application()
    # The gateway subscribes by GET.
    behind.router.add_get("/graphql", tick)
    runner = web.AppRunner(behind, shutdown_timeout=0.01)
    await runner.setup()
    with running_router(tmp_path, issuer, SCHEMA) as router:
        await web.TCPSite(runner, "127.0.0.1", router.bff_port).start()
        await asyncio.to_thread(router.process.wait_for_page, router.port, "/readyz")
        headers = {
            "Authorization": f"Bearer {issuer.token()}",
            "Accept": "text/event-stream",
        }
        body = {"query": "subscription { ticked }"}
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.post(router.url, json=body) as stream,
            asyncio.timeout(60),
        ):
            assert stream.content_type == "text/event-stream", await stream.text()
            for number in range(3):
                attack = asyncio.create_task(wrong_answers(router.url, issuer.token))
                ticks.put_nowait(number)
                while (
                    f'"ticked":{number}' not in (line := await stream.content.readline()).decode()
                ):
                    assert line, "the stream ended"
                assert await attack == {}
    await runner.cleanup()


async def test_errors_end_after_a_few_are_short_and_suggest_nothing(
    router: Router, issuer: Issuer
) -> None:
    token = issuer.token()
    asked = "query($filter: Filter) { meters(filter: $filter) { serial } }"
    wrong = {f"seria{number}": "x" * 2_000 for number in range(100)}
    status, answer = await ask(router, asked, token, variables={"filter": wrong})
    [error] = answer["errors"]
    assert (status, error["extensions"]["code"]) == (400, "BAD_USER_INPUT")
    assert len(error["message"]) < 320
    assert "Did you mean" not in error["message"]
    _, answer = await ask(router, "{ meter { seria } }", token)
    assert answer["errors"][0]["message"] == 'Cannot query field "seria" on type "Meter".'
    _, answer = await ask(
        router, "{ meter {" + " ".join(f"s{n}" for n in range(100)) + "} }", token
    )
    assert len(answer["errors"]) == 11


async def test_a_router_in_a_folder_whose_name_has_blanks_finds_its_files(
    issuer: Issuer, tmp_path: Path
) -> None:
    # A checkout is a person's: its path is what that person called it.
    checkout = tmp_path / "a meter park"
    for name in ("deploy/router", "bff"):
        shutil.copytree(ROUTER_SOURCE.parents[1] / name, checkout / name, ignore=_no_page)
    port, bff_port = free_ports(2)
    settings = router_settings(tmp_path, issuer, port, bff_port)
    del settings["ROUTER_SUPERGRAPH"]
    process = launch(tmp_path, settings, source=checkout / "deploy" / "router")
    try:
        await asyncio.to_thread(process.wait_for_page, port, "/readyz")
    finally:
        process.stop()


def _no_page(_: str, names: list[str]) -> set[str]:
    return {"web", "__pycache__", "node_modules"} & set(names)


async def test_half_a_request_takes_nobodys_place(issuer: Issuer, tmp_path: Path) -> None:
    with running_router(tmp_path, issuer, SCHEMA, MAX_CONNECTIONS="50") as router:
        await asyncio.to_thread(router.process.wait_for_page, router.port, "/readyz")
        for begin in (HALF_A_HEADER, HALF_A_BODY, NOTHING):
            async with half_requests(router.url, begin, 200):
                for _ in range(5):
                    assert (
                        await reason_for(router, "{ meter { serial } }", issuer.token())
                        == LET_THROUGH
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


# --- what is told ---------------------------------------------------------------------------------------------------


async def test_nobody_is_told_where_the_bff_is_or_what_went_wrong(
    router: Router, issuer: Issuer
) -> None:
    status, answer = await ask(router, "{ meter { serial } }", issuer.token())
    assert status == 503
    assert answer["errors"] == [
        {
            "message": "not available at the moment; try again",
            "path": ["meter"],
            "extensions": {"code": "UNAVAILABLE", "reason": "PEER_UNAVAILABLE"},
        }
    ]


async def test_what_is_wrong_with_a_query_is_told_with_its_place(
    router: Router, issuer: Issuer
) -> None:
    token = issuer.token()
    _, answer = await ask(router, "{ meter { nothing } }", token)
    [error] = answer["errors"]
    assert error["locations"] == [{"line": 1, "column": 11}]
    assert "nothing" in error["message"]
    asked = "query($serial: String!) { meter(serial: $serial) { serial } }"
    status, answer = await ask(router, asked, token, variables={"serial": 4})
    assert (status, reason(answer)) == (400, "VARIABLE_INVALID")
    assert "$serial" in answer["errors"][0]["message"]


async def test_an_operation_is_one_line_of_log_without_token_or_variables(
    router: Router, issuer: Issuer
) -> None:
    token = issuer.token(preferred_username="logged", sub="somebody")
    asked = "query Told($serial: String) { meter(serial: $serial) { serial } }"
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {
        "Authorization": f"Bearer {token}",
        "traceparent": f"00-{trace}-b7ad6b7169203331-01",
    }
    body = {"query": asked, "variables": {"serial": "4711-0815"}}
    async with aiohttp.ClientSession(headers=headers) as http, http.post(router.url, json=body):
        pass

    def told() -> list[dict[str, Any]]:
        written = router.process.log.read_text().splitlines()
        lines = [json.loads(line) for line in written if line.endswith("}")]
        return [line for line in lines if line.get("operation") == "Told"]

    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (found := told()):  # noqa: ASYNC110 - it is a file
            await asyncio.sleep(0.02)
    [line] = found
    assert (line["user"], line["subject"], line["kind"]) == ("logged", "somebody", "query")
    assert (line["outcome"], line["trace_id"]) == (LET_THROUGH, trace)
    written = router.process.log.read_text()
    assert "4711-0815" not in written
    assert token.rpartition(".")[2] not in written


# --- how it lives -----------------------------------------------------------------------------------------------------


async def test_another_supergraph_is_read_without_losing_a_request(
    router: Router, issuer: Issuer
) -> None:
    token = issuer.token()
    question = '{ __type(name: "Meter") { fields { name } } }'

    async def names() -> set[str]:
        _, answer = await ask(router, question, token)
        return {field["name"] for field in answer["data"]["__type"]["fields"]}

    router.compose(SCHEMA.replace("beside: Meter", "beside: Meter newer: String"))
    router.process.popen.send_signal(signal.SIGHUP)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while "newer" not in await names():
            pass
    # One that is none changes nothing.
    (router.folder / "supergraph.graphql").write_text("type Query {")
    router.process.popen.send_signal(signal.SIGHUP)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while "supergraph not read" not in router.process.log.read_text():
            assert "newer" in await names()
    assert "newer" in await names()


async def test_a_request_under_way_is_answered_although_the_router_is_told_to_end(
    issuer: Issuer, tmp_path: Path
) -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def late(_: web.Request) -> web.Response:
        asked.set()
        await may_answer.wait()
        return web.json_response({"data": {"meter": {"serial": "4711"}}})

    behind = web.Application()
    behind.router.add_post("/graphql", late)
    runner = web.AppRunner(behind)
    await runner.setup()
    with running_router(tmp_path, issuer, SCHEMA) as router:
        await web.TCPSite(runner, "127.0.0.1", router.bff_port).start()
        await asyncio.to_thread(router.process.wait_for_page, router.port, "/readyz")
        asking = asyncio.create_task(ask(router, "{ meter { serial } }", issuer.token()))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asked.wait()
            router.process.popen.terminate()
            while "router ends" not in router.process.log.read_text():  # noqa: ASYNC110 - it is a file
                await asyncio.sleep(0.02)
            may_answer.set()
            assert await asking == (200, {"data": {"meter": {"serial": "4711"}}})
        assert await asyncio.to_thread(router.process.popen.wait, PATIENCE_SECONDS) == 0
    await runner.cleanup()


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("ROUTER_BFF_URL", "", "ROUTER_BFF_URL is not set"),
        ("ROUTER_BFF_URL", "ftp://bff", "ROUTER_BFF_URL: a URL that begins with http://"),
        ("ROUTER_MAX_DEPTH", "deep", "ROUTER_MAX_DEPTH: a whole number from 1 to 100, not deep"),
        ("ROUTER_SUPERGRAPH", "/nowhere", "ROUTER_SUPERGRAPH: /nowhere"),
        ("ROUTER_TRUSTED_DOCUMENTS", "/nowhere", "ROUTER_TRUSTED_DOCUMENTS: /nowhere"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "OTEL_EXPORTER_OTLP_ENDPOINT: a URL"),
    ],
)
async def test_a_wrong_setting_ends_the_start_with_one_line(
    issuer: Issuer, tmp_path: Path, setting: str, value: str, said: str
) -> None:
    (tmp_path / "supergraph.graphql").write_text("type Query { here: Boolean }")
    port, bff_port = free_ports(2)
    settings = {**router_settings(tmp_path, issuer, port, bff_port), setting: value}
    process = launch(tmp_path, settings)
    assert await asyncio.to_thread(process.popen.wait, PATIENCE_SECONDS) == 2
    [line] = process.log.read_text().splitlines()
    assert line.startswith(f"router: {said}")
