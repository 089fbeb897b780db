"""Fields of types that are computed, described in the schema by their docstring."""

from collections.abc import Callable
from typing import TypeVar, cast

import strawberry

ResolverT = TypeVar("ResolverT", bound=Callable[..., object])


def described(resolver: ResolverT) -> ResolverT:
    field: object = strawberry.field(resolver=resolver, description=resolver.__doc__)
    return cast("ResolverT", field)
