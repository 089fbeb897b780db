"""Documents that the page was built with, named by their hash; at the page's door nothing else where it is told so."""

import json
from pathlib import Path
from typing import Any

import pytest

from bff.failures import Code, Failure
from bff.trusted import TrustedDocuments, sha256
from tests.specs.bff.serving import running_bff

DOCUMENTS = Path(__file__).resolve().parents[3] / "bff" / "page_documents"
VIEWER = "query Viewer {\n  viewer { username roles networks canChange }\n}\n"
KNOWN = {sha256(VIEWER): VIEWER}


def spelled_out(asked: Any, *, only: bool = False) -> Any:
    documents = TrustedDocuments(KNOWN, only=only)
    return json.loads(documents.spelled_out(json.dumps(asked).encode()))


@pytest.mark.parametrize("only", [False, True])
@pytest.mark.parametrize(
    "named",
    [
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(VIEWER)}}},
        {"documentId": sha256(VIEWER)},
        {"documentId": f"sha256:{sha256(VIEWER)}", "extensions": {}},
    ],
)
def test_a_hash_goes_on_as_the_text_that_it_stands_for(
    named: dict[str, Any],
    only: bool,  # noqa: FBT001
) -> None:
    asked = {**named, "variables": {"a": 1}}
    assert spelled_out(asked, only=only) == {
        "query": VIEWER,
        "variables": {"a": 1},
        "extensions": {},
    }


def test_where_only_the_page_s_own_documents_are_served_another_text_is_not() -> None:
    assert spelled_out({"query": VIEWER}, only=True) == {"query": VIEWER}
    other = {"query": "{ viewer { roles } }"}
    assert spelled_out(other) == other
    with pytest.raises(Failure) as raised:
        spelled_out(other, only=True)
    assert raised.value.code is Code.FORBIDDEN


@pytest.mark.parametrize("hash_of", ["", "0" * 64, VIEWER])
def test_an_unknown_hash_is_said_to_be_so_and_nothing_is_learned(hash_of: str) -> None:
    asked = {"query": "{ viewer { roles } }", "documentId": hash_of or "x"}
    with pytest.raises(Failure) as raised:
        spelled_out(asked)
    assert raised.value.message == "PersistedQueryNotFound"


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"3", b"\xff", b"{}", b'{"query": 3}'])
def test_what_is_no_request_goes_on_as_it_is(body: bytes) -> None:
    assert TrustedDocuments(KNOWN, only=False).spelled_out(body) == body


async def test_the_subgraph_knows_the_page_s_documents_by_hash_too() -> None:
    async with running_bff() as bff:
        text = (DOCUMENTS / "device.graphql").read_text()
        asked = {"id": "north/NEVER-HEARD-OF"}
        answer = await bff.ask(None, documentId=f"sha256:{sha256(text)}", variables=asked)
        assert answer == {"data": {"device": None}}
        answer = await bff.ask(None, documentId="sha256:0")
        assert answer["errors"][0]["message"] == "PersistedQueryNotFound"
        persisted = {"version": 1, "sha256Hash": sha256(text)}
        answer = await bff.ask(None, variables=asked, extensions={"persistedQuery": persisted})
        assert answer == {"data": {"device": None}}


def test_a_document_that_is_no_text_is_unknown_where_only_known_ones_are_served() -> None:
    only = TrustedDocuments({}, only=True)
    with pytest.raises(Failure) as raised:
        only.spelled_out(b'{"query": "{ a } # \\ud800"}')
    assert raised.value.reason == "DOCUMENT_UNKNOWN"
    asked = b'{"query": "{ a } # \\ud800"}'
    assert TrustedDocuments({}, only=False).spelled_out(asked) == asked
