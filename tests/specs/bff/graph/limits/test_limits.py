"""What would cost too much is refused before it runs, and says why; what is wrong says what is wrong."""

import pytest
from meterpark.smoc.v1.device_service_pb2 import ListDeviceEventsResponse

from tests.specs.bff.serving import running_bff
from tests.specs.bff.smoc_in_memory import Smoc, device

TOO_COSTLY = {"code": "TOO_COSTLY"}


def doubling(levels: int) -> str:
    """Return fragments that each spread the next one twice: short to write, 2**levels paths."""
    chain = " ".join(
        f"fragment f{level} on Device {{ ...f{level + 1} ...f{level + 1} }}"
        for level in range(levels)
    )
    return f"{{ devices {{ edges {{ node {{ ...f0 }} }} }} }} {chain} fragment f{levels} on Device {{ model }}"


DEEP = """{ jobs(first: 1) { edges { node { items(first: 1) { edges { node { device { alarms(first: 1) {
    edges { node { device { exchangeMark { reason } } } } } } } } } } } } }"""


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "{ devices(first: 50) { edges { node { timeline(first: 1) { edges { node { kind } } } } } } }",
            "this operation has 51 calls to the operations centre, at most 20 are served",
        ),
        (
            " ".join(["{", *(f"a{number}: devices {{ totalCount }}" for number in range(31)), "}"]),
            "this operation has 31 aliases, at most 30 are served",
        ),
        (
            DEEP,
            "this operation has a depth of 13, at most 12 are served",
        ),
        ("{ viewer { username } " + " ".join(["viewer { username }"] * 600) + " }", "Syntax Error"),
        ("{a" * 400 + "}" * 400, "Syntax Error: Document is nested too deeply"),
        ("# " + "x" * 40_000 + "\n{ viewer { username } }", "this operation has 40,026 letters"),
        (doubling(25), "this operation has up to"),
        ("{" + " viewer { username }" * 400 + "}", "this operation has 399 fields more than once"),
        (doubling(60), "this operation has 61 fragments, at most 40 are served"),
    ],
    ids=[
        "calls",
        "aliases",
        "depth",
        "tokens",
        "nesting",
        "letters",
        "doubling fragments",
        "repeats",
        "fragments",
    ],
)
async def test_an_operation_that_asks_for_too_much_is_refused(query: str, said: str) -> None:
    async with running_bff(Smoc()) as bff:
        error = await bff.error(query)
        assert error["message"].startswith(said)
        assert error["extensions"]["code"] in ("TOO_COSTLY", "BAD_USER_INPUT")
        assert not bff.smoc.asked


async def test_the_size_of_a_page_in_a_variable_counts() -> None:
    query = """query Q($first: Int!) { devices(first: $first) { edges { node {
        timeline(first: 1) { edges { node { kind } } } } } } }"""
    smoc = Smoc()
    smoc.answers["ListDeviceEvents"] = lambda _: ListDeviceEventsResponse()
    smoc.add(device(1), device(2))
    async with running_bff(smoc) as bff:
        assert (await bff.error(query, {"first": 40}))["extensions"] == TOO_COSTLY
        page = await bff.data(query, {"first": 2})
        assert page["devices"]["edges"] == [{"node": {"timeline": {"edges": []}}}] * 2


@pytest.mark.parametrize(
    ("arguments", "message", "field"),
    [
        ("first: 0", "first: from 1 to 100", "first"),
        ("first: 101", "first: from 1 to 100", "first"),
        ('after: "nonsense"', "after: not a cursor that this list gave", "after"),
        ('after: "dzk5OTo="', "after: not a cursor that this list gave", "after"),
        (
            "orderBy: [{by: MODEL}, {by: AREA}, {by: POWER}, {by: TAMPER}, {by: SWITCH}]",
            "orderBy: at most 4 keys",
            "orderBy",
        ),
        (
            'filter: {facetAges: [{facet: POWER, since: {end: "2026-11-21T00:00:00"}}]}',
            "filter.facetAges[0].since.end: a time needs a zone: 2026-11-21T08:00:00Z",
            "filter.facetAges[0].since.end",
        ),
    ],
)
async def test_a_wrong_argument_is_named(arguments: str, message: str, field: str) -> None:
    async with running_bff(Smoc()) as bff:
        error = await bff.error(f"{{ devices({arguments}) {{ totalCount }} }}")
        assert error["message"] == message
        assert error["extensions"] == {
            "code": "BAD_USER_INPUT",
            "reason": "ARGUMENT_INVALID",
            "field": field,
        }
        assert not bff.smoc.asked


async def test_an_unknown_field_is_named_and_a_text_that_is_none_refused() -> None:
    async with running_bff(Smoc()) as bff:
        error = await bff.error("{ devices { edge } }")
        assert error["message"] == "Cannot query field 'edge' on type 'DeviceConnection'."
        assert error["extensions"] == {"code": "BAD_USER_INPUT"}
        error = await bff.error('{ device(id: "\\ud800") { model } }')
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_backward_paging_is_not_offered() -> None:
    async with running_bff(Smoc()) as bff:
        error = await bff.error("{ devices(last: 5) { totalCount } }")
        assert error["extensions"] == {"code": "BAD_USER_INPUT"}


@pytest.mark.slow
async def test_a_body_that_is_too_large_or_no_operation_is_refused_in_words() -> None:
    async with running_bff(Smoc()) as bff:

        async def post(data: bytes | str, kind: str = "application/json") -> tuple[int, str]:
            headers = {"content-type": kind, "authorization": f"Bearer {bff.token}"}
            url = f"{bff.url}/graphql"
            async with bff.session.post(url, data=data, headers=headers) as response:
                return response.status, await response.text()

        assert await post("x" * 3_000_000) == (413, "the request is larger than 2,097,152 bytes\n")
        for body in ("not json", "[" * 100_000):
            assert await post(body) == (400, "the body is not JSON")
        no_text = (400, "the body is not JSON: it is not in UTF-8")
        assert await post(b'{"query": "\xff"}') == no_text
        assert await post("{}") == (400, "No GraphQL query found in the request")
        assert await post('{"query": "{a}"}', "text/plain") == (400, "Unsupported content type")
        for body in ("3", '"x"', "null"):
            assert await post(body) == (400, "the body must be an object")
        assert await post("[]") == (400, "Batching is not enabled")
        asked = '{"query": "{a}", "operationName": 5}'
        assert await post(asked) == (400, "operationName must be a text")
        asked = '{"query": "query A { viewer { username } }", "operationName": "B"}'
        assert await post(asked) == (400, 'Unknown operation named "B".')
        headers = {"authorization": f"Bearer {bff.token}"}
        for asked in (
            "query={viewer{username}}",
            "query={a}&variables=[1]",
            "query={a}&extensions=x",
        ):
            url = f"{bff.url}/graphql?{asked}"
            async with bff.session.get(url, headers=headers) as response:
                assert response.status == 400
            async with bff.session.get(url) as response:
                assert response.status == 401


@pytest.mark.parametrize("introspection", [True, False])
async def test_the_schema_can_be_asked_for_where_that_is_served(introspection: bool) -> None:  # noqa: FBT001
    async with running_bff(Smoc(), introspection=introspection) as bff:
        for bearer in ("", bff.token):
            bff.token = bearer
            answer = await bff.ask("{ __schema { queryType { name } } }")
            if introspection:
                assert answer["data"] == {"__schema": {"queryType": {"name": "Query"}}}
            else:
                assert answer["data"] is None
