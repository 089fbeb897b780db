"""The supergraphs: as committed they are what composition makes, and every field asks for the roles of its method."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from graphql import (
    DirectiveNode,
    FieldDefinitionNode,
    ObjectTypeDefinitionNode,
    parse,
    value_from_ast_untyped,
)

from deploy.supergraph import COMMITTED, SCHEMA, SUPERGRAPHS, NotComposed, compose
from device_hub.access import TABLE as HUB_TABLE
from smoc_service.access import TABLE

OF_FEDERATION = {"_entities", "_service"}
BOTH_TABLES = {**HUB_TABLE, **TABLE}
# Of the questions that ask for a role: the method that each stands for.
METHODS_OF_QUERIES = {
    "jobPreview": "previewJob",
    "alarmJobPreview": "previewJob",
    "quarantinedMessage": "getQuarantinedMessage",
    "quarantinedMessages": "listQuarantinedMessages",
    "quarantineReasons": "countQuarantinedMessages",
    "quarantineReplay": "getReplay",
    "feeds": "listFeeds",
    "deeds": "listDeeds",
    "messageReading": "getReading",
    "deviceHistory": "getDeviceHistory",
    "rawReport": "getDeviceHistory",
}
# What Apollo Router 2.17 refuses to start with (apollo-router, src/uplink/license_enforcement.rs).
LICENSED = {
    *("apq", "authentication", "authorization", "batching", "coprocessor", "demand_control"),
    *("persisted_queries", "preview_entity_cache", "response_cache", "subscription"),
}
LICENSED_LIMITS = {"max_depth", "max_height", "max_root_fields", "max_aliases"}
AUTHORIZATION = ("@authenticated", "@policy", "@requiresScopes")


def root_fields(text: str) -> dict[str, dict[str, FieldDefinitionNode]]:
    """Return the fields of Query, Mutation and Subscription by name."""
    return {
        one.name.value: {
            field.name.value: field
            for field in one.fields or ()
            if field.name.value not in OF_FEDERATION
        }
        for one in parse(text).definitions
        if isinstance(one, ObjectTypeDefinitionNode)
        and one.name.value in {"Query", "Mutation", "Subscription"}
    }


def directive(field: FieldDefinitionNode, name: str) -> DirectiveNode | None:
    return next((one for one in field.directives or () if one.name.value == name), None)


def roles_asked_for(field: FieldDefinitionNode) -> set[frozenset[str]]:
    """Return the roles of @policy: any of these sets, whole."""
    policy = directive(field, "policy")
    if policy is None:
        return set()
    given: dict[str, Any] = {
        one.name.value: value_from_ast_untyped(one.value) for one in policy.arguments or ()
    }
    return {frozenset(every) for every in given["policies"]}


def roles_of_method(field: str) -> set[frozenset[str]]:
    """Return the roles that the service asks for, for the method that a field of this name stands for."""
    method = f"{field[0].upper()}{field[1:]}".replace("ShipmentImport", "Import")
    method = method.replace("MessageReading", "Reading").replace("AlarmJob", "Job")
    # Where both services have a method of this name, the field asks both; then both want the same roles.
    [rule] = {rule for path, rule in BOTH_TABLES.items() if path.endswith(f"/{method}")}
    return {frozenset({role}) for role in rule.any_of}  # type: ignore[union-attr]


def test_the_committed_supergraphs_are_what_the_schema_composes_to(tmp_path: Path) -> None:
    compose(SCHEMA, tmp_path)
    for name in SUPERGRAPHS:
        made, committed = (tmp_path / name).read_text(), (COMMITTED / name).read_text()
        assert made == committed, f"{name} is stale: make supergraph"


def test_the_supergraph_has_every_field_of_the_schema_with_its_locks() -> None:
    schema = root_fields(SCHEMA.read_text())
    supergraph = root_fields((COMMITTED / "supergraph.graphql").read_text())
    assert {name: set(fields) for name, fields in supergraph.items()} == {
        name: set(fields) for name, fields in schema.items()
    }
    for fields in supergraph.values():
        for name, field in fields.items():
            assert directive(field, "authenticated"), name
    for name, field in supergraph.get("Mutation", {}).items():
        assert roles_asked_for(field) == roles_of_method(name), name
    for name, field in supergraph["Query"].items():
        if roles := roles_asked_for(field):
            assert roles == roles_of_method(METHODS_OF_QUERIES[name]), name


def test_the_plain_supergraph_differs_by_the_authorization_directives_alone() -> None:
    whole, plain = ((COMMITTED / name).read_text() for name in SUPERGRAPHS)
    assert all(word not in plain for word in AUTHORIZATION)
    assert {name: set(fields) for name, fields in root_fields(whole).items()} == {
        name: set(fields) for name, fields in root_fields(plain).items()
    }


def test_no_supergraph_says_where_the_bff_is() -> None:
    for name in SUPERGRAPHS:
        assert 'url: "http://bff.invalid/graphql"' in (COMMITTED / name).read_text()


def test_apollo_router_is_asked_for_nothing_that_needs_a_licence_and_passes_on_who_asks() -> None:
    told: dict[str, Any] = yaml.safe_load((COMMITTED / "apollo" / "router.yaml").read_text())
    assert not LICENSED & told.keys()
    assert not LICENSED_LIMITS & told["limits"]["router"].keys()
    assert told["override_subgraph_url"].keys() == {"bff"}
    operations = told["headers"]["all"]["request"]["operations"]
    passed_on = {operation["propagate"]["named"] for operation in operations}
    assert passed_on == {"authorization", "traceparent"}


def test_a_schema_that_does_not_compose_is_refused_with_the_reason_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    wrong = tmp_path / "wrong.graphql"
    wrong.write_text(f'{SCHEMA.read_text()}\ntype Lost @key(fields: "nowhere") {{ here: ID }}\n')
    with pytest.raises(NotComposed, match="nowhere"):
        compose(wrong, tmp_path)
    assert list(tmp_path.glob("supergraph*")) == []
