"""The ways in: POST, server-sent events (POST with Accept: text/event-stream) and websockets (graphql-transport-ws).

Queries by GET are not served: no link makes one run. Subscriptions by GET are, as server-sent events: so does the
router subscribe.
"""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from cross_web import HTTPException
from starlette.requests import HTTPConnection
from strawberry.fastapi import GraphQLRouter
from strawberry.http.types import QueryParams
from strawberry.schema import BaseSchema
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL

from bff.door.token_door import Admission
from bff.graph.asking.context import Context
from bff.graph.asking.services import Services
from bff.graph.limits.places import Places
from bff.graph.limits.slots import SubscriptionSlots
from bff.graph.transport.messages import RequestWrong, check_request, read_json
from bff.graph.transport.websockets import MOST_OPERATIONS, Socket, Websocket, WebsocketLimits
from bff.settings import BffSettings
from bff.trusted import with_document_id


class _Router(GraphQLRouter[Context, None]):
    websocket_adapter_class = Socket

    def decode_json(self, data: str | bytes) -> object:
        """Read a body; a ``documentId`` in it is said in the words of persisted queries from here on."""
        try:
            body = read_json(data)
            if isinstance(body, list):
                # Several operations in one request, which strawberry refuses.
                return body
            check_request(body)
        except RequestWrong as wrong:
            raise HTTPException(HTTPStatus.BAD_REQUEST, str(wrong)) from None
        return with_document_id(body)

    def parse_query_params(self, params: QueryParams) -> dict[str, Any]:
        """Read an address: the router subscribes by GET."""
        asked: dict[str, Any] = dict(params)
        try:
            for name in ("variables", "extensions"):
                asked[name] = read_json(asked[name]) if asked.get(name) else None
            check_request(asked)
        except RequestWrong as wrong:
            raise HTTPException(HTTPStatus.BAD_REQUEST, str(wrong)) from None
        return with_document_id(asked)


def make_graphql_router(
    schema: BaseSchema,
    services: Services,
    slots: SubscriptionSlots,
    admission: Admission,
    settings: BffSettings,
) -> GraphQLRouter[Context, None]:
    def context(connection: HTTPConnection) -> Context:
        return Context(services, slots, admission.callers, connection)

    class Limited(Websocket):
        # One that carries no subscription is worth nothing, and costs a place all the same.
        limits = WebsocketLimits(
            admission=admission,
            by_address=Places(at_most=slots.at_most, each=settings.most_websockets_per_address),
            by_person=Places(at_most=slots.at_most, each=settings.most_subscriptions_per_user),
            idle_seconds=settings.websocket_idle_seconds,
        )

    router = _Router(
        schema,
        graphql_ide=None,
        allow_queries_via_get=False,
        context_getter=context,
        subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL],
        connection_init_wait_timeout=timedelta(seconds=settings.websocket_init_seconds),
        max_subscriptions_per_connection=MOST_OPERATIONS,
    )
    router.graphql_transport_ws_handler_class = Limited
    return router
