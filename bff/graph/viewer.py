"""Who asks."""

import strawberry

from bff.graph.context import Info


@strawberry.type(
    description="Who asks, as his token says. Hints for a page: the register decides with every call."
)
class Viewer:
    username: str
    roles: list[str]
    networks: list[str] = strawberry.field(description='The networks that he sees; "*" is all.')
    can_change: bool = strawberry.field(description="May work on alarms, jobs and imports.")


def viewer(info: Info) -> Viewer:
    """Who asks."""
    claims = info.context.claims
    return Viewer(
        username=claims.name,
        roles=list(claims.roles),
        networks=list(claims.networks),
        can_change="asset-manager" in claims.roles,
    )
