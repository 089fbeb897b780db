"""Root fields: with the directives that the router enforces; those that change something answer refusals as types."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Final, get_args

import strawberry
from strawberry.federation.schema_directives import Authenticated

from bff.failures import Failure
from bff.graph.refusals import refusal_of

VIEWING: Final = [["asset-viewer"], ["asset-manager"]]
MANAGING: Final = [["asset-manager"]]
ANYBODY: Final = [["asset-viewer"], ["asset-manager"], ["auditor"], ["integration-engineer"]]
AUDITING: Final = [["auditor"]]
MENDING: Final = [["integration-engineer"]]
RUNNING: Final = [["asset-manager"], ["integration-engineer"]]


def query(resolver: Callable[..., Any], policies: Sequence[Sequence[str]] = ()) -> Any:
    return strawberry.federation.field(
        resolver=resolver, description=resolver.__doc__, authenticated=True, policy=policies
    )


def subscription(resolver: Callable[..., Any]) -> Any:
    return strawberry.subscription(
        resolver=resolver, description=resolver.__doc__, directives=[Authenticated()]
    )


def mutation(resolver: Callable[..., Any], policies: list[list[str]] = MANAGING) -> Any:
    """Make a root field of ``resolver``, which returns a success and raises a Failure.

    A failure that is one of the types in the union which ``resolver`` is annotated with is answered with that type.
    """
    union, *_ = get_args(resolver.__annotations__["return"])
    members = get_args(union)

    @wraps(resolver)
    async def refusing(*arguments: Any, **named: Any) -> Any:
        try:
            return await resolver(*arguments, **named)
        except Failure as failure:
            refusal = refusal_of(failure)
            if not isinstance(refusal, members):
                raise
            named["info"].context.refused.add(type(refusal).__name__)
            return refusal

    return strawberry.federation.mutation(
        resolver=refusing, description=resolver.__doc__, authenticated=True, policy=policies
    )
