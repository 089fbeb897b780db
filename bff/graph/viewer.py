"""The caller, and what the caller's roles allow."""

from typing import Final

import strawberry

from bff.graph.asking.context import Info

_CHANGES: Final = "asset-manager"


@strawberry.type(
    description="The caller, as the token describes it. Hints for a page: the register decides with every call."
)
class Viewer:
    username: str
    roles: list[str]
    networks: list[str] = strawberry.field(
        description='The networks that the caller may see; "*" is all.'
    )
    can_change: bool = strawberry.field(description="May work on alarms, jobs and imports.")


def may_change(info: Info) -> bool:
    """Say whether the caller's roles allow changes: a hint, as the token is not checked here."""
    return _CHANGES in info.context.claims.roles


def viewer(info: Info) -> Viewer:
    """The caller."""
    claims = info.context.claims
    return Viewer(
        username=claims.name,
        roles=list(claims.roles),
        networks=list(claims.networks),
        can_change=may_change(info),
    )
