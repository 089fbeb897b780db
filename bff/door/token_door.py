"""The door of /graphql: it lets no request through without a valid token, and limits how often each caller asks.

It counts users, as a valid token names them. Requests without one count by address, so an invented token gains nothing.
"""

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bff.door.callers import Callers
from bff.door.rate_limit import RateLimit
from bff.failures import Code, Failure
from service_chassis.caller import Caller

# Where the door leaves word for those behind it.
CALLER: Final = "meterpark.caller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """How the door finds callers, and how often each may ask; ``open_to_all``: the schema needs no token."""

    callers: Callers
    requests: RateLimit
    open_to_all: bool

    def wait_seconds(self, caller: Caller | Failure, address: str) -> int:
        """Count a request; return 0, or after how many seconds it may come again."""
        who = f"person {caller.subject}" if isinstance(caller, Caller) else f"address {address}"
        return self.requests.wait_seconds(who, time.monotonic())


class TokenDoor:
    """Before ``app``, for requests to ``paths``. A websocket brings its token later (`graph.transport`)."""

    def __init__(self, app: ASGIApp, *, admission: Admission, paths: frozenset[str]) -> None:
        self._app = app
        self._admission = admission
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in self._paths:
            refused = await self._refusal(scope)
            if refused is not None:
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _refusal(self, scope: Scope) -> JSONResponse | None:
        given = Headers(scope=scope).getlist("authorization")
        caller = await self._admission.callers.of(given[0] if len(given) == 1 else "")
        client = scope.get("client")
        wait = self._admission.wait_seconds(caller, client[0] if client else "")
        if wait:
            return too_often(wait)
        if isinstance(caller, Failure) and not self._admission.open_to_all:
            return _not_let_in(caller)
        scope[CALLER] = caller
        return None


def too_often_error(wait_seconds: int) -> dict[str, object]:
    """Return the error for a caller that asks too often, as a GraphQL error."""
    message = f"too many requests, try again in {wait_seconds} s"
    return {"message": message, "extensions": {"code": "TOO_MANY_REQUESTS"}}


def too_often(wait_seconds: int) -> JSONResponse:
    """Return the answer to a caller that asks too often, in the shape of GraphQL's errors."""
    headers = {"Retry-After": str(wait_seconds)}
    errors = [too_often_error(wait_seconds)]
    return JSONResponse({"errors": errors}, HTTPStatus.TOO_MANY_REQUESTS, headers)


def _not_let_in(failure: Failure) -> JSONResponse:
    away = failure.code is Code.UNAVAILABLE
    headers = {"Retry-After": "2"} if away else {"WWW-Authenticate": "Bearer"}
    return JSONResponse(
        {"data": None, "errors": [failure.formatted]},
        HTTPStatus.SERVICE_UNAVAILABLE if away else HTTPStatus.UNAUTHORIZED,
        headers,
    )
