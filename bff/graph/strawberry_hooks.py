"""What strawberry keeps to itself and the graph needs: its private names stand here, and nowhere else.

Each is held by a test that fails when a newer strawberry does it otherwise.
"""

import strawberry
from graphql import GraphQLSchema
from strawberry.types import ExecutionContext


def core_of(schema: strawberry.Schema) -> GraphQLSchema:
    """Return the schema of graphql-core that lies below: documents are measured and validated against it."""
    core: GraphQLSchema = schema._schema  # noqa: SLF001
    return core


def chosen_operation(execution: ExecutionContext) -> str | None:
    """Return the name that the request gave; strawberry's own would be that of the first operation without one."""
    return execution._provided_operation_name  # noqa: SLF001
