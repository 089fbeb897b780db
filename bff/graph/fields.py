"""Root fields with the directives that the router enforces."""

from collections.abc import Callable
from typing import Any, Final

import strawberry

VIEWING: Final = [["asset-viewer"], ["asset-manager"]]
MANAGING: Final = [["asset-manager"]]


def query(resolver: Callable[..., Any]) -> Any:
    return strawberry.federation.field(
        resolver=resolver, description=resolver.__doc__, authenticated=True
    )


def mutation(resolver: Callable[..., Any], policies: list[list[str]] = MANAGING) -> Any:
    return strawberry.federation.mutation(
        resolver=resolver,
        description=resolver.__doc__,
        authenticated=True,
        policy=policies,
    )
