"""How large an operation is, before it runs: how deep, how many aliases, how many values and calls at most.

Each fragment is measured once however often it is spread: a chain of fragments that spread the next one twice has an
exponential number of paths, and a limit that walks them is itself the attack (strawberry's limiters do).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
)

# Of a list without pages (counts, tags, entries of a history): no limit hangs on it alone.
USUAL_LIST: Final = 20
_LARGEST: Final = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    depth: int = 0
    aliases: int = 0
    # Fields that are already in their selection.
    repeats: int = 0
    values: int = 0
    calls: int = 0


# The type that has the field, and the field's name.
FieldOf = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCosts:
    """What the schema says about fields: content, usual page lengths, lists, and how often they call a service."""

    roots: Mapping[OperationType, str]
    types: Mapping[FieldOf, str]
    pages: Mapping[FieldOf, int]
    # How many objects a list without pages is taken to hold.
    lists: Mapping[FieldOf, int]
    calling: Mapping[FieldOf, int]
    longest_page: int


class Measure:
    """Measures the operations of one document."""

    def __init__(
        self, document: DocumentNode, costs: FieldCosts, variables: Mapping[str, Any]
    ) -> None:
        self._costs = costs
        self._variables = variables
        self._fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        self._measured: dict[str, Shape] = {}

    def of(self, operation: OperationDefinitionNode) -> Shape:
        root = self._costs.roots.get(operation.operation, "")
        return self._selections(operation.selection_set, root)

    def _selections(self, selections: SelectionSetNode | None, within: str) -> Shape:
        depth = aliases = values = calls = repeats = 0
        names: set[str] = set()
        for one in selections.selections if selections else ():
            match one:
                case FieldNode():
                    shape = self._field(one, within)
                    name = (one.alias or one.name).value
                    repeats += name in names
                    names.add(name)
                case InlineFragmentNode(type_condition=condition):
                    named = condition.name.value if condition else within
                    shape = self._selections(one.selection_set, named)
                case FragmentSpreadNode():
                    shape = self._fragment(one.name.value)
                case _:
                    continue
            depth = max(depth, shape.depth)
            aliases += shape.aliases
            repeats += shape.repeats
            values += shape.values
            calls += shape.calls
        return Shape(
            depth=depth,
            aliases=min(aliases, _LARGEST),
            repeats=min(repeats, _LARGEST),
            values=min(values, _LARGEST),
            calls=min(calls, _LARGEST),
        )

    def _field(self, field: FieldNode, within: str) -> Shape:
        this = within, field.name.value
        inside = self._selections(field.selection_set, self._costs.types.get(this, ""))
        times = self._times(field, this)
        return Shape(
            depth=inside.depth + 1,
            aliases=inside.aliases + (field.alias is not None),
            repeats=inside.repeats,
            values=1 + times * inside.values,
            calls=self._costs.calling.get(this, 0) + times * inside.calls,
        )

    def _fragment(self, name: str) -> Shape:
        if name not in self._measured:
            # One that spreads itself counts as empty here; validation refuses it.
            self._measured[name] = Shape()
            fragment = self._fragments.get(name)
            if fragment is not None:
                within = fragment.type_condition.name.value
                self._measured[name] = self._selections(fragment.selection_set, within)
        return self._measured[name]

    def _times(self, field: FieldNode, this: FieldOf) -> int:
        """How many objects the field gives at most."""
        given = {one.name.value: one.value for one in field.arguments or ()}
        if this[1] == "_entities":
            match given.get("representations"):
                case VariableNode(name=name) if isinstance(
                    shown := self._variables.get(name.value), list
                ):
                    return max(1, len(shown))
            return USUAL_LIST
        if this not in self._costs.pages:
            return self._costs.lists.get(this, 1)
        longest = self._costs.longest_page
        size: Any = self._costs.pages[this]
        match given.get("first"):
            case IntValueNode(value=text):
                size = int(text) if len(text) < len(str(_LARGEST)) else _LARGEST
            case VariableNode(name=variable_name):
                size = self._variables.get(variable_name.value, longest)
        # A page larger than the largest is refused for itself.
        return min(max(size, 0), longest) if isinstance(size, int) else longest
