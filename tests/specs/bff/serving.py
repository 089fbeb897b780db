"""The bff on a real port, before a register in memory."""

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import aiohttp

from bearer_tokens.signing_keys import Keys, SigningKeys, parse_keys
from bearer_tokens.token_check import TokenCheck
from bff.app import make_app
from bff.door.callers import Callers
from bff.door.rate_limit import RateLimit
from bff.graph.asking.services import Services, open_services
from bff.graph.limits.slots import SubscriptionSlots
from bff.graph.schema import Schema, make_schema
from bff.settings import BffSettings
from bff.trusted import read_trusted_documents
from service_chassis.settings import SidecarSettings
from tests.neighbours.http_server import serving
from tests.neighbours.issuer import ISSUER, Key, claims, ec_key, signed
from tests.specs.bff.smoc_in_memory import Smoc, sidecar_before

API_TOKEN = "of-the-bff-s-own-sidecar"  # noqa: S105 - of this test's sidecar


KEY = ec_key("first")


def token(*roles: str, **more: Any) -> str:
    at = datetime.now(UTC)
    return signed(KEY, claims(roles=roles or ("asset-manager",), at=at, **more))


def callers_with(*keys: Key) -> Callers:
    """Return a check of tokens that one of ``keys`` has signed."""

    async def read() -> Keys:
        document = {"keys": [key.as_dict(private=False) for key in keys]}
        return parse_keys(json.dumps(document).encode())

    check = TokenCheck(
        SigningKeys(read, pause_seconds=0.0),
        issuer=ISSUER,
        audience="smoc-service",
        leeway_seconds=2,
    )
    return Callers(check, lambda: datetime.now(UTC))


@dataclass(slots=True, kw_only=True)
class Bff:
    url: str
    session: aiohttp.ClientSession
    smoc: Smoc
    slots: SubscriptionSlots
    token: str

    async def ask(
        self, query: str | None, variables: dict[str, Any] | None = None, **body: Any
    ) -> dict[str, Any]:
        """Return the answer's JSON."""
        asked = {"variables": variables, **body} | ({} if query is None else {"query": query})
        return await self.post(asked)

    async def post(self, body: Any, **headers: str) -> dict[str, Any]:
        own = {"authorization": f"Bearer {self.token}"} if self.token else {}
        async with self.session.post(
            f"{self.url}/graphql", json=body, headers={**own, **headers}
        ) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def data(self, query: str, variables: dict[str, Any] | None = None) -> Any:
        """Return the answer's data; without errors."""
        answer = await self.ask(query, variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def error(self, query: str, variables: dict[str, Any] | None = None) -> Any:
        """Return the answer's only error."""
        answer = await self.ask(query, variables)
        [error] = answer["errors"]
        return error


@cache
def schema_of(settings: str) -> Schema:
    """Return the schema with these settings; made once per run, as that takes longer than most tests."""
    return make_schema(
        BffSettings.model_validate_json(settings), read_trusted_documents(only=False)
    )


@asynccontextmanager
async def running_bff(smoc: Smoc | None = None, **settings: Any) -> AsyncIterator[Bff]:
    """Run a bff before a register in memory."""
    smoc = smoc or Smoc()
    async with sidecar_before(smoc) as sidecar:
        own = SidecarSettings(dapr_grpc_port=sidecar, dapr_api_token=API_TOKEN)
        async with (
            open_services(own, 10.0) as services,
            bff_before(services, smoc, **settings) as bff,
        ):
            yield bff


@asynccontextmanager
async def bff_before(
    services: Services,
    smoc: Smoc,
    *,
    callers: Callers | None = None,
    requests: RateLimit | None = None,
    **settings: Any,
) -> AsyncIterator[Bff]:
    """Run a bff before any services; ``smoc`` is what it knows of one in memory."""
    if callers is None:
        callers = callers_with(KEY)
    if requests is None:
        requests = RateLimit(per_second=10_000, burst=10_000, keys_at_most=100)
    told = BffSettings(**settings)
    slots = SubscriptionSlots(
        at_most=told.most_subscriptions, per_user=told.most_subscriptions_per_user
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        app = make_app(told, schema_of(told.model_dump_json()), services, slots, callers, requests)
        async with serving(app, listener, told), aiohttp.ClientSession() as session:
            try:
                yield Bff(
                    url=f"http://127.0.0.1:{listener.getsockname()[1]}",
                    session=session,
                    smoc=smoc,
                    slots=slots,
                    token=token(),
                )
            finally:
                slots.close()
