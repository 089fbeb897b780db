"""Documents as they come: parsed, measured and validated once, then kept for the next time."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Protocol

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    get_operation_ast,
    get_variable_values,
    parse,
    specified_rules,
    validate,
)

from bff.failures import Code, Failure
from bff.graph.limits.inputs import input_wrong
from bff.graph.limits.shape import FieldCosts, Measure, Shape

_KEPT = 512
_MOST_LETTERS = 32 * 1024
# Validation compares each pair of fields of one name, and of fragments: its time is the square of these.
_MOST_REPEATS = 20
_MOST_FRAGMENTS = 40
# Each error is found by its own walk, and describes everything around it.
_MOST_ERRORS = 10
_LONGEST_MESSAGE = 300
_OPEN_TO_ALL: Final = ("__schema", "__type", "__typename", "_service")


class Limits(Protocol):
    """Settings of this name."""

    introspection: bool
    most_tokens: int
    most_depth: int
    most_aliases: int
    most_values: int
    most_calls: int
    most_variable_keys: int
    most_variable_items: int
    most_variable_depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A document that may be run, or why it may not."""

    document: DocumentNode | None = None
    errors: tuple[GraphQLError, ...] = ()


class Documents:
    """The door for documents of one schema."""

    def __init__(self, schema: GraphQLSchema, costs: FieldCosts, limits: Limits) -> None:
        self._schema = schema
        self._costs = costs
        self._limits = limits
        own: tuple[type[ASTValidationRule], ...] = (
            () if limits.introspection else (NoSchemaIntrospectionCustomRule,)
        )
        # strawberry's own rules are for Maybe types and @oneOf inputs: this schema has neither.
        self._rules = (*specified_rules, *own)
        self.prepared = lru_cache(maxsize=_KEPT)(self._prepare)

    @property
    def open_to_all(self) -> bool:
        """Whether the schema may be asked for, without a token."""
        return self._limits.introspection

    def input_wrong(self, name: str, given: Mapping[str, Any] | None) -> Failure | None:
        """Return what is wrong with ``given`` (variables or extensions), independent of the document."""
        return input_wrong(name, given or {}, self._limits)

    def variables_wrong(
        self, document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any]
    ) -> list[GraphQLError]:
        """Say which variables do not fit the operation: of the first few, and without what else the schema has."""
        operation = get_operation_ast(document, operation_name)
        if operation is None:
            return []
        found = get_variable_values(
            self._schema,
            operation.variable_definitions or (),
            dict(variables),
            max_errors=_MOST_ERRORS,
            hide_suggestions=True,
        )
        return [_shortened(error) for error in found] if isinstance(found, list) else []

    def too_costly(
        self, document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any]
    ) -> Failure | None:
        """Return why this operation with these variables asks for too much; None when it does not."""
        operation = get_operation_ast(document, operation_name)
        if operation is None:
            return None
        shape = Measure(document, self._costs, variables).of(operation)
        if shape.calls > self._limits.most_calls:
            return _too_much(
                f"{shape.calls:,} calls to the operations centre", self._limits.most_calls
            )
        if shape.values > self._limits.most_values:
            return _too_much(f"up to {shape.values:,} values", self._limits.most_values)
        return None

    def is_open(self, document: DocumentNode) -> bool:
        """Return whether a document asks only for the schema. Where the schema is served, that needs no token."""
        return self._limits.introspection and all(
            getattr(getattr(field, "name", None), "value", "") in _OPEN_TO_ALL
            for definition in document.definitions
            if isinstance(definition, OperationDefinitionNode)
            for field in definition.selection_set.selections
        )

    def _prepare(self, text: str) -> Prepared:
        if len(text) > _MOST_LETTERS:
            return Prepared(errors=(_too_much(f"{len(text):,} letters", _MOST_LETTERS),))
        try:
            document = parse(text, max_tokens=self._limits.most_tokens)
            # Before validation, which costs more the larger a document is.
            refused = self._too_large(document)
            if refused is not None:
                return Prepared(errors=(refused,))
            errors = validate(
                self._schema,
                document,
                self._rules,
                max_errors=_MOST_ERRORS,
                # "Did you mean ..." would show parts of a schema that clients may not read.
                hide_suggestions=not self._limits.introspection,
            )
        except RecursionError:
            return Prepared(errors=(Failure(Code.TOO_COSTLY, "nested too deeply"),))
        except GraphQLError as error:
            return Prepared(errors=(error,))
        return Prepared(document=document, errors=tuple(errors))

    def _too_large(self, document: DocumentNode) -> Failure | None:
        measure = Measure(document, self._costs, {})
        shapes = [
            measure.of(one)
            for one in document.definitions
            if isinstance(one, OperationDefinitionNode)
        ] or [Shape()]
        depth = max(one.depth for one in shapes)
        aliases = sum(one.aliases for one in shapes)
        repeats = sum(one.repeats for one in shapes)
        fragments = len(document.definitions) - len(shapes)
        if depth > self._limits.most_depth and not self.is_open(document):
            return _too_much(f"a depth of {depth}", self._limits.most_depth)
        if aliases > self._limits.most_aliases:
            return _too_much(f"{aliases:,} aliases", self._limits.most_aliases)
        if repeats > _MOST_REPEATS:
            return _too_much(f"{repeats:,} fields more than once", _MOST_REPEATS)
        if fragments > _MOST_FRAGMENTS:
            return _too_much(f"{fragments:,} fragments", _MOST_FRAGMENTS)
        return None


def operations_in(document: DocumentNode) -> int:
    return sum(isinstance(one, OperationDefinitionNode) for one in document.definitions)


def _shortened(error: GraphQLError) -> GraphQLError:
    # The message holds the wrong value, however long it is.
    if len(error.message) <= _LONGEST_MESSAGE:
        return error
    return GraphQLError(f"{error.message[:_LONGEST_MESSAGE]} ...", nodes=error.nodes)


def _too_much(what: str, at_most: int) -> Failure:
    return Failure(Code.TOO_COSTLY, f"this operation has {what}, at most {at_most:,} are served")
