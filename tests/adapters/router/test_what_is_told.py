"""What the router says of what went wrong: enough to mend it, and nothing that is nobody's business."""

import asyncio
import json
from typing import Any

import aiohttp

from tests.adapters.router.asking import LET_THROUGH, PATIENCE_SECONDS, ask, reason
from tests.neighbours.issuer import Issuer
from tests.neighbours.router import Router


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
