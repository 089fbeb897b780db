"""Asking a router, and what it stands in front of: a small schema, and nobody who would answer."""

import hashlib
from typing import Any

import aiohttp

from tests.neighbours.router import Router

_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@authenticated", "@policy", "@requiresScopes"])'
)
SCHEMA = f"""
{_LINK}
type Query {{
  meters(filter: Filter): [Meter] @authenticated
  meter(serial: String): Meter @authenticated
  audited: String @authenticated @requiresScopes(scopes: [["audit"]])
}}
input Filter {{ serial: String model: String }}
type Meter {{ serial: String! beside: Meter secret: String @policy(policies: [["auditor"]]) }}
type Subscription {{ ticked: Int! @authenticated }}
type Mutation {{ remove(serial: String!): Meter @authenticated @policy(policies: [["asset-manager"]]) }}
"""
DOCUMENT = "query Named { __typename }"
HASH = hashlib.sha256(DOCUMENT.encode()).hexdigest()
# Whoever gets as far as this was let through.
LET_THROUGH = "PEER_UNAVAILABLE"
PATIENCE_SECONDS = 60


async def ask(
    router: Router, query: str | None, token: str | None = None, **more: Any
) -> tuple[int, dict[str, Any]]:
    """Return the status and the answer to a query."""
    body = {**({"query": query} if query is not None else {}), **more}
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(router.url, json=body) as answer,
    ):
        return answer.status, await answer.json()


def reason(answer: dict[str, Any]) -> str:
    [error] = answer["errors"]
    return str(error["extensions"].get("reason") or error["extensions"]["code"])


async def reason_for(router: Router, query: str, token: str | None, **more: Any) -> str:
    return reason((await ask(router, query, token, **more))[1])
