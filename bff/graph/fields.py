"""Small things that many fields share: arguments, enumerations, texts, times."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, TypeVar, cast

import strawberry
from google.protobuf.timestamp_pb2 import Timestamp

from bff.failures import argument_invalid

EnumT = TypeVar("EnumT", bound=Enum)
ResolverT = TypeVar("ResolverT", bound=Callable[..., object])

Named = Annotated[strawberry.ID, strawberry.argument(name="id")]
RequestId = Annotated[
    strawberry.ID,
    strawberry.argument(
        description="A UUID of the caller's choice: the same one again changes nothing more."
    ),
]


@strawberry.type(description="A text under a name.")
class NamedText:
    name: str
    value: str


def described(resolver: ResolverT) -> ResolverT:
    """Make a field that is computed; the schema describes it by its docstring."""
    field: object = strawberry.field(resolver=resolver, description=resolver.__doc__)
    return cast("ResolverT", field)


def named_texts(told: Mapping[str, str]) -> list[NamedText]:
    return [NamedText(name=name, value=told[name]) for name in sorted(told)]


def enum_of(kind: type[EnumT], value: int) -> EnumT | None:
    """Return the word for ``value``; None for one that a newer register has and this schema has not."""
    try:
        return kind(value)
    except ValueError:
        return None


def time_of(message: object, field: str) -> datetime | None:
    """Return the time in ``field`` of a message, None when there is none."""
    stamp = getattr(message, field)
    return stamp.ToDatetime(UTC) if stamp.seconds or stamp.nanos else None


def stamp_of(given: datetime | None, field: str) -> Timestamp | None:
    """Return ``given`` for the contract; raise Failure when it has no time zone, as guessing it would be wrong."""
    if given is None:
        return None
    if given.tzinfo is None:
        raise argument_invalid(field, "a time needs a zone: 2026-11-21T08:00:00Z")
    stamp = Timestamp()
    try:
        stamp.FromDatetime(given.astimezone(UTC))
    except (OverflowError, ValueError):
        # The first and the last day have zones in which they are not in the calendar.
        raise argument_invalid(field, "a time of the years 1 to 9999, also in UTC") from None
    return stamp
