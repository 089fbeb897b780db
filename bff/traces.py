"""The bff's spans: queries and mutations, and each change that a subscriber is told."""

from typing import Final

from service_traces.declared import Kind, SpanOf

OPERATION: Final = SpanOf(
    name="{}",
    kind=Kind.SERVER,
    meaning="A query or a mutation; its name is its type. It belongs to the trace of the request's `traceparent`.",
    attributes={
        "graphql.operation.type": "query or mutation",
        "graphql.operation.name": "as the caller named it",
        "error.type": "the code that the answer's error has",
    },
)
TELL: Final = SpanOf(
    name="tell subscriber",
    kind=Kind.PRODUCER,
    meaning="A changed device for one subscriber, until the next one is asked for.",
    fixed={"graphql.operation.type": "subscription"},
)
SPANS: Final = (OPERATION, TELL)
