"""A filter as JSON, outside of an operation: read by the same rules as the argument of a field."""

from typing import Any, cast

import strawberry
from graphql import coerce_input_value, validate_input_value
from strawberry.types.arguments import convert_argument

from bff.failures import argument_invalid
from bff.graph.devices.filter import DeviceFilterInput
from bff.graph.strawberry_hooks import core_of


@strawberry.type
class _Query:
    @strawberry.field
    def reads(self, filter: DeviceFilterInput) -> bool:  # noqa: A002 - as everywhere in the schema
        """Exist for the type of its argument alone."""
        return bool(filter)


_SCHEMA = strawberry.Schema(query=_Query)
_FILTER: Any = core_of(_SCHEMA).type_map["DeviceFilterInput"]


def filter_from_json(given: Any) -> DeviceFilterInput | None:
    """Return the filter; raise Failure when ``given`` is no DeviceFilterInput."""
    if given is None:
        return None
    wrong: list[str] = []
    validate_input_value(given, _FILTER, lambda error, _: wrong.append(error.message))
    if wrong:
        raise argument_invalid("filter", wrong[0][:200])
    value = coerce_input_value(given, _FILTER)
    converted = convert_argument(
        value, DeviceFilterInput, _SCHEMA.schema_converter.scalar_registry, _SCHEMA.config
    )
    return cast("DeviceFilterInput", converted)
