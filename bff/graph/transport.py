"""The ways in: POST, server-sent events (POST with Accept: text/event-stream) and websockets (graphql-transport-ws).

Queries by GET are not served: no address holds a document, and no link makes one run.
"""

import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from cross_web import HTTPException
from starlette.requests import HTTPConnection
from strawberry.fastapi import GraphQLRouter
from strawberry.schema import BaseSchema
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)

from bff.graph.context import Context
from bff.graph.register import Register
from bff.graph.slots import SubscriptionSlots
from bff.graph.trusted import with_document_id

_INIT_WITHIN = timedelta(seconds=10)
# RFC 6455's registry: the server is overloaded.
_TRY_AGAIN = 1013
_MOST_OPERATIONS_PER_WEBSOCKET = 20


class _Websocket(BaseGraphQLTransportWSHandler[Context, None]):
    """Says what is wrong with a message of another shape, where strawberry's own would end in a defect."""

    async def handle(self) -> None:
        router = self.view
        if not isinstance(router, _Router):
            raise TypeError("a websocket of another router")
        if router.websockets >= router.most_websockets:
            await self.websocket.close(code=_TRY_AGAIN, reason="too many websockets, try again")
            return
        router.websockets += 1
        try:
            await super().handle()
        finally:
            router.websockets -= 1

    async def handle_message(self, message: Any) -> None:
        if not isinstance(message, dict):
            await self.handle_invalid_message("a message must be an object")
            return
        if message.get("type") == "subscribe":
            payload = message.get("payload")
            if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
                await self.handle_invalid_message("subscribe: payload.query must be a text")
                return
            if not isinstance(payload.get("variables") or {}, dict):
                await self.handle_invalid_message("subscribe: payload.variables must be an object")
                return
            if not isinstance(payload.get("operationName") or "", str):
                await self.handle_invalid_message("subscribe: payload.operationName must be a text")
                return
        if not isinstance(message.get("id", ""), str):
            await self.handle_invalid_message("id must be a text")
            return
        await super().handle_message(message)  # type: ignore[arg-type]


class _Router(GraphQLRouter[Context, None]):
    graphql_transport_ws_handler_class = _Websocket
    websockets = 0
    most_websockets = 0

    def decode_json(self, data: str | bytes) -> object:
        """Read a body; a ``documentId`` in it is said in the words of persisted queries from here on."""
        try:
            body = json.loads(data)
        except (ValueError, RecursionError):
            raise HTTPException(HTTPStatus.BAD_REQUEST, "the body is not JSON") from None
        if isinstance(body, list):
            return body
        if not isinstance(body, dict):
            raise HTTPException(HTTPStatus.BAD_REQUEST, "the body must be an object")
        if not isinstance(body.get("operationName") or "", str):
            raise HTTPException(HTTPStatus.BAD_REQUEST, "operationName must be a text")
        return with_document_id(body)


def make_graphql_router(
    schema: BaseSchema, register: Register, slots: SubscriptionSlots
) -> GraphQLRouter[Context, None]:
    def context(connection: HTTPConnection) -> Context:
        return Context(register, slots, connection.headers)

    router = _Router(
        schema,
        graphql_ide=None,
        allow_queries_via_get=False,
        context_getter=context,
        subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL],
        connection_init_wait_timeout=_INIT_WITHIN,
        max_subscriptions_per_connection=_MOST_OPERATIONS_PER_WEBSOCKET,
    )
    # One that carries no subscription is worth nothing, and costs a place all the same.
    router.most_websockets = slots.at_most
    return router
