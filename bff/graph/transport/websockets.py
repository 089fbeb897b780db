"""Websockets (graphql-transport-ws): who may hold one, how long it may be idle, and which messages close it.

The codes are the protocol's (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md): 4400 closes for a wrong
message, 4403 for an invalid token, 4408 when the first message did not come in time. A websocket takes a place of its
address at once, and a place of its user when the token is known.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any, Final

import structlog
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)

from bff.door.token_door import Admission, too_often_error
from bff.failures import Code, Failure
from bff.graph.asking.context import Context
from bff.graph.limits.places import NoPlace, Places
from bff.graph.transport.messages import RequestWrong, check_request, read_json

log = structlog.get_logger()

MOST_OPERATIONS: Final = 20
# RFC 6455's registry: the server is overloaded; the work is done.
_TRY_AGAIN: Final = 1013
_DONE: Final = 1000
_BAD_MESSAGE: Final = 4400
_FORBIDDEN: Final = 4403
# RFC 6455, section 5.5: the body of a control frame; two bytes of it are the code.
_LONGEST_REASON_BYTES: Final = 123


@dataclass(frozen=True, slots=True, kw_only=True)
class WebsocketLimits:
    admission: Admission
    by_address: Places
    by_person: Places
    idle_seconds: float


class Socket(ASGIWebSocketAdapter):
    """Reads messages strictly, and says in the log why it closes."""

    async def iter_json(
        self, *, ignore_parsing_errors: bool = False
    ) -> AsyncGenerator[object, None]:
        del ignore_parsing_errors
        while self.ws.application_state is not WebSocketState.DISCONNECTED:
            try:
                message = read_json(await self.ws.receive_text())
            except RequestWrong as wrong:
                raise NonJsonMessageReceived from wrong
            except KeyError as wrong:
                raise NonTextMessageReceived from wrong
            except WebSocketDisconnect:
                return
            yield message

    async def send_json(self, message: Mapping[str, object]) -> None:
        # After the socket is closed, further results of an operation have no receiver.
        if self._is_open:
            await super().send_json(message)

    async def close(self, code: int, reason: str) -> None:
        if not self._is_open:
            return
        told = reason.encode(errors="replace")[:_LONGEST_REASON_BYTES].decode(errors="ignore")
        log.info("websocket closed", code=code, why=told, address=address_of(self))
        with suppress(WebSocketDisconnect):
            await super().close(code=code, reason=told)

    @property
    def _is_open(self) -> bool:
        return WebSocketState.DISCONNECTED not in (self.ws.application_state, self.ws.client_state)


def address_of(socket: Socket) -> str:
    return socket.ws.client.host if socket.ws.client else ""


class Websocket(BaseGraphQLTransportWSHandler[Context, None]):
    """Says what is wrong with a malformed message; strawberry's own handler would end in a defect."""

    limits: WebsocketLimits
    websocket: Socket

    async def handle(self) -> None:
        self._used_at = _now()
        with ExitStack() as self._held:
            try:
                self._held.enter_context(self.limits.by_address.one(address_of(self.websocket)))
            except NoPlace as full:
                await self.websocket.close(_TRY_AGAIN, f"too many websockets{full}, try again")
                return
            watch = asyncio.create_task(self._close_when_idle(), name="idle websocket")
            try:
                await super().handle()
            finally:
                watch.cancel()

    async def handle_message(self, message: Any) -> None:
        try:
            _check_message(message)
        except RequestWrong as wrong:
            await self.handle_invalid_message(str(wrong))
            return
        await super().handle_message(message)

    async def handle_invalid_message(self, error_message: str) -> None:
        await self.websocket.close(_BAD_MESSAGE, error_message)

    async def handle_connection_init(self, message: Any) -> None:
        payload = message.get("payload", {})
        if isinstance(payload, dict) and not self.connection_init_received:
            self.context.connection_params = payload
            caller = await self.context.caller()
            if isinstance(caller, Failure):
                away = caller.code is Code.UNAVAILABLE
                await self.websocket.close(_TRY_AGAIN if away else _FORBIDDEN, caller.message)
                return
            try:
                self._held.enter_context(self.limits.by_person.one(caller.subject))
            except NoPlace as full:
                await self.websocket.close(_TRY_AGAIN, f"too many websockets{full}, try again")
                return
        self._used_at = _now()
        await super().handle_connection_init(message)

    async def handle_subscribe(self, message: Any) -> None:
        if self.connection_acknowledged:
            caller = await self.context.caller()
            wait = self.limits.admission.wait_seconds(caller, address_of(self.websocket))
            if wait:
                refused = {"id": message["id"], "type": "error", "payload": [too_often_error(wait)]}
                await self.websocket.send_json(refused)
                return
        await super().handle_subscribe(message)

    def forget_id(self, id: str) -> None:  # noqa: A002 - strawberry's name
        self._used_at = _now()
        super().forget_id(id)

    async def cleanup_operation(self, operation_id: str) -> None:
        self._used_at = _now()
        await super().cleanup_operation(operation_id)

    async def _close_when_idle(self) -> None:
        while True:
            left = self._used_at + self.limits.idle_seconds - _now()
            if left <= 0 and not self.operations:
                await self.websocket.close(
                    _DONE, f"no operation for {self.limits.idle_seconds:g} s"
                )
                return
            await asyncio.sleep(left if left > 0 else self.limits.idle_seconds)


def _check_message(message: Any) -> None:
    if not isinstance(message, dict):
        raise RequestWrong("a message must be an object")
    if not isinstance(message.get("type"), str):
        raise RequestWrong("type must be a text")
    if not isinstance(message.get("id", ""), str):
        raise RequestWrong("id must be a text")
    if message["type"] == "subscribe":
        if "id" not in message:
            raise RequestWrong("subscribe: id is missing")
        payload = message.get("payload")
        if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
            raise RequestWrong("subscribe: payload.query must be a text")
        check_request(payload, "subscribe: payload.{}".format)


def _now() -> float:
    return asyncio.get_running_loop().time()
