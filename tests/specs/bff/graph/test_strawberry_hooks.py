"""What strawberry keeps to itself is still there: the graph measures and chooses operations by it."""

from collections.abc import Iterator

import strawberry
from graphql import GraphQLSchema
from strawberry.extensions import SchemaExtension

from bff.graph.schema import make_schema
from bff.graph.strawberry_hooks import chosen_operation, core_of
from bff.settings import BffSettings
from bff.trusted import TrustedDocuments

TWO = "query First { __typename } query Second { __typename }"


def test_the_schema_below_has_the_types_of_the_schema() -> None:
    core = core_of(make_schema(BffSettings(), TrustedDocuments({}, only=False)))
    assert isinstance(core, GraphQLSchema)
    assert {"Device", "Alarm", "Job"} <= core.type_map.keys()


async def test_the_operation_that_a_request_names_is_told_from_one_that_nobody_named() -> None:
    chosen: list[str | None] = []

    class Watching(SchemaExtension):
        def on_parse(self) -> Iterator[None]:
            chosen.append(chosen_operation(self.execution_context))
            yield

    @strawberry.type
    class Query:
        here: bool = True

    schema = strawberry.Schema(Query, extensions=[Watching])
    await schema.execute(TWO, operation_name="Second")
    await schema.execute(TWO)
    assert chosen == ["Second", None]
