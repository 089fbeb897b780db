"""What belongs to one operation: its caller, its calls to register and hub, what it has loaded already."""

import re
import secrets
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any, Final, TypeVar

import strawberry
from starlette.requests import HTTPConnection
from strawberry.fastapi import BaseContext

from bearer_tokens.claims import Claims, claims_of
from bff.door.callers import Callers, bearer_token
from bff.door.token_door import CALLER
from bff.failures import Code, Failure
from bff.graph.asking.asking import HubAsking, RegisterAsking
from bff.graph.asking.loaders import Loaders, Shown
from bff.graph.asking.services import Services
from bff.graph.limits.slots import SubscriptionSlots
from service_chassis.caller import Caller
from service_traces.traces import NO_SPAN, OFF, Span, Traces

_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


AnswerT = TypeVar("AnswerT")


class Context(BaseContext):
    """Of an HTTP request, or of a websocket; ``for_operation`` gives each operation its own."""

    def __init__(
        self,
        services: Services,
        slots: SubscriptionSlots,
        callers: Callers,
        connection: HTTPConnection,
    ) -> None:
        super().__init__()
        self.services = services
        self.slots = slots
        self._callers = callers
        self._headers = connection.headers
        self._at_the_door: Caller | Failure | None = connection.scope.get(CALLER)

    async def caller(self) -> Caller | Failure:
        """Return the caller, or why there is none. A websocket's token is checked each time: it may expire."""
        return self._at_the_door or await self._callers.of(self._authorization())

    def for_operation(
        self,
        caller: Caller | Failure,
        shown: Shown,
        *,
        subscribes: bool,
        traces: Traces = OFF,
        begin: Callable[[str], Span] = lambda _: NO_SPAN,
    ) -> "OperationContext":
        """``begin`` begins the operation's span, within the context that the request says (empty: none)."""
        given = self._traceparent()
        span = begin(given)
        return OperationContext(
            self,
            caller,
            self._authorization(),
            span.traceparent or _passed_on(given, recorded=not traces.is_on),
            shown,
            subscribes=subscribes,
            traces=traces,
            span=span,
        )

    def _authorization(self) -> str:
        """The payload of a websocket's connection_init goes before its header: browsers cannot send headers there."""
        said: Any = self.connection_params
        if isinstance(said, dict):
            for name, value in said.items():
                if str(name).lower() == "authorization":
                    return str(value)
        return self._headers.get("authorization", "")

    def _traceparent(self) -> str:
        given = self._headers.get("traceparent", "")
        return given if _TRACEPARENT.fullmatch(given) else ""


def _passed_on(given: str, *, recorded: bool) -> str:
    """Return the context for calls of an operation that has no span: that of its caller, else a new one.

    A new one is not recorded: its id is for the log. That of the caller stays as it is unless we decided otherwise.
    """
    if not given:
        return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
    return given if recorded else f"{given[:-2]}00"


class OperationContext:
    """What resolvers get as ``info.context``."""

    def __init__(
        self,
        connection: Context,
        caller: Caller | Failure,
        authorization: str,
        traceparent: str,
        shown: Shown,
        *,
        subscribes: bool,
        traces: Traces = OFF,
        span: Span = NO_SPAN,
    ) -> None:
        self.slots = connection.slots
        self.traces = traces
        self.span = span
        self.traceparent = traceparent
        # Types of refusals that changes of this operation were answered with, for the log.
        self.refused: set[str] = set()
        self._caller = caller
        self._token = bearer_token(authorization)
        services, bearer = connection.services, f"Bearer {self._token}"
        self.asking = RegisterAsking(
            register=services.register, authorization=bearer, traceparent=traceparent
        )
        self.asking_hub = HubAsking(hub=services.hub, authorization=bearer, traceparent=traceparent)
        # A subscription lives long: it loads for every change, and remembers nothing.
        self.load = Loaders(self.asking, shown, remember=not subscribes)

    @property
    def calls(self) -> int:
        """Return how many calls this operation has made."""
        return self.asking.calls + self.asking_hub.calls

    @property
    def trace_id(self) -> str:
        return self.traceparent.split("-")[1]

    @property
    def refusal(self) -> Failure | None:
        """Why this operation has no caller; None when it has one."""
        return self._caller if isinstance(self._caller, Failure) else None

    @cached_property
    def claims(self) -> Claims:
        """What the token says, to be shown. What its bearer may, the register decides with every call."""
        return claims_of(self._token)

    async def none_if_unknown(self, answer: Awaitable[AnswerT]) -> AnswerT | None:
        """Wait for ``answer``; return None when nothing has the requested name."""
        try:
            return await answer
        except Failure as failure:
            if failure.code is Code.NOT_FOUND:
                return None
            raise

    @property
    def user(self) -> str:
        """The key whose limits this operation uses; without a token there is no limit per user."""
        return self._caller.subject if isinstance(self._caller, Caller) else ""


Info = strawberry.Info[OperationContext, None]
