"""The schema, put together."""

from typing import Any, Final

import strawberry
from graphql import GraphQLError, GraphQLList, GraphQLObjectType, GraphQLSchema, is_object_type
from strawberry.types import ExecutionContext

from bff.graph.device_queries import device, devices
from bff.graph.documents import Documents, Limits
from bff.graph.fields import query
from bff.graph.operation import Operation
from bff.graph.pages import LONGEST_PAGE
from bff.graph.shape import FieldCosts
from bff.graph.trusted import TrustedDocuments
from bff.graph.viewer import viewer

# The composer of the router's supergraph knows no later one.
FEDERATION: Final = "2.9"


@strawberry.type
class Query:
    viewer = query(viewer)
    device = query(device)
    devices = query(devices)


class Schema(strawberry.federation.Schema):
    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Leave it to `operation`: it knows which errors are for the log."""


def make_schema(limits: Limits, trusted: TrustedDocuments) -> Schema:
    schema = Schema(
        query=Query,
        federation_version=FEDERATION,
        extensions=[lambda: Operation(documents, trusted)],
    )
    core: GraphQLSchema = schema._schema  # noqa: SLF001 - strawberry shows it to nobody else
    documents = Documents(core, costs_of(core), limits)
    return schema


def costs_of(schema: GraphQLSchema) -> FieldCosts:
    """Read from the schema what its fields may cost."""
    pages: dict[str, int] = {}
    lists: set[str] = set()
    for named in schema.type_map.values():
        if not isinstance(named, GraphQLObjectType) or named.name.startswith("__"):
            continue
        for name, field in named.fields.items():
            if "first" in field.args:
                pages[name] = field.args["first"].default_value
            elif _is_list_of_objects(field.type):
                lists.add(name)
    # Edges are as many as the page, which counts already.
    lists -= {"edges"}
    return FieldCosts(
        pages=pages,
        lists=frozenset(lists),
        calling=frozenset({*pages}),
        longest_page=LONGEST_PAGE,
    )


def _is_list_of_objects(kind: Any) -> bool:
    kind = getattr(kind, "of_type", kind) if not isinstance(kind, GraphQLList) else kind
    if not isinstance(kind, GraphQLList):
        return False
    inner = kind.of_type
    return is_object_type(getattr(inner, "of_type", inner))
