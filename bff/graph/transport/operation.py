"""What happens around every operation, over any transport: admission, limits, the texts of its errors, one log line."""

import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import structlog
from graphql import DocumentNode, GraphQLError, parse
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionResult
from strawberry.types.execution import StreamExecutionResult
from strawberry.types.graphql import OperationType

from bff.failures import Code, Failure, argument_invalid, not_authenticated
from bff.graph.asking.context import Context, OperationContext
from bff.graph.asking.loaders import Shown
from bff.graph.limits.documents import Documents, Prepared, operations_in
from bff.graph.strawberry_hooks import chosen_operation
from bff.traces import OPERATION
from bff.trusted import TrustedDocuments
from service_traces.traces import NO_SPAN, OFF, Span, Traces

if TYPE_CHECKING:
    from service_chassis.caller import Caller

log = structlog.get_logger()

_LONGEST_NAME = 80
_SUBSCRIPTION: Final = "subscription"
_UNKNOWN: Final = "unknown"
_NAME: Final = re.compile("[_A-Za-z][_0-9A-Za-z]{0,99}")


# Is told of a query or mutation: its type (unknown, when it was refused before it was read), outcome and seconds.
Heard = Callable[[str, str, float], None]


def unheard(_kind: str, _outcome: str, _seconds: float) -> None:
    """Nobody counts operations."""


class Operation(SchemaExtension):
    """One for each operation."""

    def __init__(
        self,
        documents: Documents,
        trusted: TrustedDocuments,
        shown: Shown,
        heard: Heard,
        traces: Traces = OFF,
    ) -> None:
        """``shown`` makes the schema's device of the contract's; ``heard`` is told of each operation that ended."""
        super().__init__()
        self._heard = heard
        self._traces = traces
        self._kind = _UNKNOWN
        self._shown = shown
        self._documents = documents
        self._trusted = trusted
        self._prepared = Prepared()
        self._told: set[str] = set()
        self._streamed = False
        self._caller: Caller | Failure = not_authenticated("the token was not checked")

    async def on_operation(self) -> AsyncIterator[None]:
        started = time.monotonic()
        execution = self.execution_context
        self._caller = await self._connection.caller()
        refused = self._refused_unread()
        text = refused or self._trusted.text_of(execution.query, execution.operation_extensions)
        if isinstance(text, Failure):
            self._prepared = Prepared(errors=(text,))
        elif text is not None:
            self._prepared = self._documents.prepared(text)
        # Without any text strawberry itself answers that there is none.
        execution.query = None if text is None else "{ __typename }"
        ended = "left"
        try:
            yield
            ended = "fine"
            if execution.result is not None and not self._streamed:
                self._mask(execution.result)
        finally:
            # Also of a subscription whose client just went away.
            self._log(time.monotonic() - started, ended)

    def on_parse(self) -> Iterator[None]:
        execution = self.execution_context
        document = self._prepared.document
        if document is None or self._prepared.errors:
            document = _nothing(execution.operation_name)
        execution.graphql_document = document
        yield

    def on_validate(self) -> Iterator[None]:
        execution = self.execution_context
        errors: list[GraphQLError] = list(self._prepared.errors)
        if not errors:
            errors = self._refusals()
        # Not None: strawberry does not validate once more.
        execution.pre_execution_errors = errors
        yield

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        self._streamed = True
        self._mask(result)
        yield

    @property
    def _connection(self) -> Context:
        context = self.execution_context.context
        if not isinstance(context, Context):
            raise TypeError("an operation without a connection")
        return context

    def _refused_unread(self) -> Failure | None:
        """Why this operation is not even parsed, or None: it has no caller, or too much input beside the document."""
        if isinstance(self._caller, Failure) and not self._documents.open_to_all:
            return self._caller
        execution = self.execution_context
        return self._documents.input_wrong(
            "variables", execution.variables
        ) or self._documents.input_wrong("extensions", execution.operation_extensions)

    def _refusals(self) -> list[GraphQLError]:
        execution = self.execution_context
        document = execution.graphql_document
        if document is None:
            raise TypeError("an operation without document")
        subscribes = execution.operation_type is OperationType.SUBSCRIPTION
        self._kind = execution.operation_type.value
        own = self._connection.for_operation(
            self._caller,
            self._shown,
            subscribes=subscribes,
            traces=self._traces,
            # A subscription lives for hours; each change that it tells has a span.
            begin=_no_span if subscribes else self._span,
        )
        execution.context = own
        if own.refusal is not None and not self._documents.is_open(document):
            return [own.refusal]
        name, variables = execution.operation_name, execution.variables or {}
        if chosen_operation(execution) is None and operations_in(document) > 1:
            return [argument_invalid("operationName", "says which of the operations is to run")]
        costly = self._documents.too_costly(document, name, variables)
        if costly is not None:
            return [costly]
        return self._documents.variables_wrong(document, name, variables)

    def _span(self, traceparent: str) -> Span:
        return self._traces.begin(
            OPERATION,
            traceparent,
            self._kind,
            graphql__operation__type=self._kind,
            graphql__operation__name=self._name,
        )

    @property
    def _name(self) -> str:
        return str(self.execution_context.operation_name or "anonymous")[:_LONGEST_NAME]

    def _mask(self, result: Any) -> None:
        if isinstance(result, ExecutionResult) or hasattr(result, "errors"):
            result.errors = [self._tell(error) for error in result.errors or ()] or None

    def _tell(self, error: GraphQLError) -> GraphQLError:
        """Return ``error`` as a client may see it."""
        cause = error.original_error
        if isinstance(error, Failure) or isinstance(cause, Failure):
            told = error
        elif cause is None or isinstance(cause, GraphQLError):
            # graphql-core's own: the document or its variables are wrong.
            told = _with_code(
                error, error.message, (error.extensions or {}).get("code") or Code.BAD_USER_INPUT
            )
        else:
            log.error("an operation ended in a defect", trace_id=self._trace_id, exc_info=cause)
            message = f"internal error, see the log for trace {self._trace_id}"
            told = _with_code(error, message, Code.INTERNAL)
        self._told.add(str((told.extensions or {}).get("code")))
        return told

    @property
    def _own(self) -> OperationContext | None:
        context = self.execution_context.context
        return context if isinstance(context, OperationContext) else None

    @property
    def _trace_id(self) -> str:
        return self._own.trace_id if self._own else ""

    def _log(self, seconds: float, ended: str) -> None:
        own = self._own
        outcomes = sorted(self._told | (own.refused if own else set())) or [ended]
        if self._kind != _SUBSCRIPTION:
            self._heard(self._kind, outcomes[0], seconds)
        if own is not None:
            if outcomes[0] != "fine":
                own.span.failed(outcomes[0])
            own.span.end()
        # Never variables: what a client puts there is private.
        log.info(
            "operation",
            operation=self._name,
            seconds=round(seconds, 4),
            outcome=", ".join(outcomes),
            user="" if isinstance(self._caller, Failure) else self._caller.username[:_LONGEST_NAME],
            calls=own.calls if own else 0,
            trace_id=self._trace_id,
        )


def _no_span(_traceparent: str) -> Span:
    return NO_SPAN


def _nothing(name: str | None) -> DocumentNode:
    """Placeholder for an operation that is refused; it does not run."""
    given = name if name and _NAME.fullmatch(name) else ""
    return parse(f"query {given} {{ __typename }}")


def _with_code(error: GraphQLError, message: str, code: str) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": str(code)},
    )
