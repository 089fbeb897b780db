"""The web application: GraphQL and health."""

from typing import Any

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from bff.door.body_limit import BodyLimit
from bff.door.callers import Callers
from bff.door.rate_limit import RateLimit
from bff.door.token_door import Admission, TokenDoor
from bff.graph.asking.services import Services
from bff.graph.limits.slots import SubscriptionSlots
from bff.graph.schema import Schema
from bff.graph.transport.router import make_graphql_router
from bff.settings import BffSettings

# A part of a shipment file (1 MiB) as base64 within JSON, and something for the rest.
_BODY_LIMIT_BYTES = 2 * 1024 * 1024
_GRAPHQL = frozenset({"/graphql", "/graphql/"})


def make_app(  # noqa: PLR0917 - the whole of what it is put together from
    settings: BffSettings,
    schema: Schema,
    services: Services,
    slots: SubscriptionSlots,
    callers: Callers,
    requests: RateLimit,
) -> FastAPI:
    """Return the application that is served at BFF_HTTP_PORT."""
    app = FastAPI(title="meterpark bff", docs_url=None, redoc_url=None, openapi_url=None)
    admission = Admission(callers=callers, requests=requests, open_to_all=settings.introspection)
    app.include_router(
        make_graphql_router(schema, services, slots, admission, settings),
        prefix="/graphql",
    )
    app.add_middleware(BodyLimit, most_bytes=_BODY_LIMIT_BYTES)
    app.add_middleware(TokenDoor, admission=admission, paths=_GRAPHQL)

    async def healthz() -> Any:
        """The process serves."""
        return PlainTextResponse("ok\n")

    async def readyz() -> Any:
        """The own sidecar can be reached, too."""
        if await services.is_reachable():
            return PlainTextResponse("ok\n")
        return PlainTextResponse("the own sidecar cannot be reached\n", status_code=503)

    app.add_api_route("/healthz", healthz)
    app.add_api_route("/readyz", readyz)
    return app
