"""The committed schema is what the code says: the supergraph and clients are made from it."""

import json
from pathlib import Path

import pytest
from graphql import (
    GraphQLUnionType,
    ObjectTypeDefinitionNode,
    OperationDefinitionNode,
    is_union_type,
    parse,
)
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from bff.failures import Code, Failure
from bff.graph.limits.documents import Documents
from bff.graph.refusals import refusal_of
from bff.graph.schema import costs_of, make_schema
from bff.graph.schema_file import (
    PAGE_DOCUMENTS,
    SCHEMA_FILE,
    TRUSTED_FILE,
    schema_text,
    trusted_text,
)
from bff.graph.strawberry_hooks import core_of
from bff.settings import BffSettings
from bff.trusted import TrustedDocuments, sha256

SCHEMA = make_schema(BffSettings(), TrustedDocuments({}, only=False))
CORE = core_of(SCHEMA)
DOCUMENTS = Documents(CORE, costs_of(CORE), BffSettings())
PAGE = sorted(PAGE_DOCUMENTS.glob("*.graphql"))

# Reasons that are errors wherever they come up, and those of services and methods that the bff does not ask.
NO_REFUSALS = {
    "UNSPECIFIED",
    "UNAUTHENTICATED",
    "TOKEN_EXPIRED",
    "SIDECAR_BYPASSED",
    "PAGE_TOKEN_INVALID",
    "POSITION_TOO_OLD",
    "READING_UNKNOWN",
    "QUARANTINED_MESSAGE_BUSY",
    "REPORT_EMPTY",
    "TIME_INVALID",
    "PROOF_INVALID",
    # Of methods of the hub that the graph does not call.
    "IDENTITY_CONFLICT_UNKNOWN",
    "IDENTITY_CONFLICT_DECIDED",
    "JOIN_REFUSED",
    "DEVICE_JOINED",
    "HUB_DEFECT",
}


def test_the_committed_schema_is_what_the_code_says() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "make schema"


def test_every_reason_of_the_contract_has_a_type_or_is_an_error() -> None:
    told = set()
    for name in ErrorReason.keys():  # noqa: SIM118 - the wrapper is no dict
        word = name.removeprefix("ERROR_REASON_")
        refusal = refusal_of(Failure(Code.BAD_USER_INPUT, "no", reason=word))
        if refusal is not None:
            told.add(word)
            assert type(refusal).__name__ in CORE.type_map
    assert told.isdisjoint(NO_REFUSALS)
    assert told | NO_REFUSALS == {
        name.removeprefix("ERROR_REASON_")
        for name in ErrorReason.keys()  # noqa: SIM118
    }


def test_every_change_answers_with_a_union_of_success_and_refusals() -> None:
    mutation = CORE.mutation_type
    assert mutation is not None
    refusal = CORE.type_map["Refusal"]
    for name, field in mutation.fields.items():
        union = field.type.of_type
        assert is_union_type(union), name
        assert isinstance(union, GraphQLUnionType)
        first, *others = union.types
        assert refusal not in first.interfaces
        assert all(refusal in other.interfaces for other in others)
        assert {"NotAllowed", "ArgumentInvalid"} <= {other.name for other in others}


def test_every_root_field_asks_for_a_token_and_every_change_for_a_role() -> None:
    document = parse(SCHEMA_FILE.read_text(encoding="utf-8"))
    roots = {
        one.name.value: one.fields
        for one in document.definitions
        if isinstance(one, ObjectTypeDefinitionNode)
    }
    for root, needed in (
        ("Query", {"authenticated"}),
        ("Mutation", {"authenticated", "policy"}),
        ("Subscription", {"authenticated"}),
    ):
        for field in roots[root] or ():
            if not field.name.value.startswith("_"):
                said = {directive.name.value for directive in field.directives or ()}
                assert needed <= said, field.name.value


@pytest.mark.parametrize("path", PAGE, ids=lambda path: path.stem)
def test_a_document_of_the_page_is_valid_and_within_the_limits(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    prepared = DOCUMENTS.prepared(text)
    assert not prepared.errors
    assert prepared.document is not None
    [operation] = [
        one for one in parse(text).definitions if isinstance(one, OperationDefinitionNode)
    ]
    assert operation.name is not None
    largest = {"first": 100}
    assert DOCUMENTS.too_costly(prepared.document, operation.name.value, largest) is None


def test_the_trusted_documents_are_those_of_the_page_by_their_hash() -> None:
    kept = TRUSTED_FILE.read_text(encoding="utf-8")
    assert kept == trusted_text(), "make schema"
    assert all(sha256(text) == name for name, text in json.loads(kept).items())
    assert len(json.loads(kept)) == len(PAGE)
