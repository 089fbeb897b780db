"""What belongs to one operation: who makes it, how it asks the register, what it has loaded already."""

import re
import secrets
from collections.abc import Awaitable, Mapping
from functools import cached_property
from typing import Any, Final, TypeVar

import strawberry
from strawberry.fastapi import BaseContext

from bearer_tokens.claims import Claims, claims_of
from bff.graph.failures import Code, Failure, not_authenticated
from bff.graph.loaders import Loaders
from bff.graph.register import Asking, Register
from bff.graph.slots import SubscriptionSlots

_LONGEST_TOKEN = 8 * 1024
# RFC 6750, section 2.1. What does not look so could not even be sent on as metadata.
_BEARER: Final = re.compile(r"(?i:bearer) +([A-Za-z0-9\-._~+/]+=*)")
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


AnswerT = TypeVar("AnswerT")


class Context(BaseContext):
    """Of an HTTP request, or of a websocket; ``for_operation`` gives each operation its own."""

    def __init__(
        self, register: Register, slots: SubscriptionSlots, headers: Mapping[str, str]
    ) -> None:
        super().__init__()
        self.register = register
        self.slots = slots
        self._headers = headers

    def for_operation(self, *, subscribes: bool) -> "OperationContext":
        return OperationContext(
            self, self._authorization(), self._traceparent(), subscribes=subscribes
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
        if _TRACEPARENT.fullmatch(given):
            return given
        return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


class OperationContext:
    """What resolvers get as ``info.context``."""

    def __init__(
        self, connection: Context, authorization: str, traceparent: str, *, subscribes: bool
    ) -> None:
        self.slots = connection.slots
        self.traceparent = traceparent
        # Types of refusals that changes of this operation were answered with, for the log.
        self.refused: set[str] = set()
        self._token = _token(authorization)
        self.asking = Asking(
            register=connection.register,
            authorization=f"Bearer {self._token}",
            traceparent=traceparent,
        )
        # A subscription lives long: it loads anew for every change, and remembers nothing.
        self.load = Loaders(self.asking, remember=not subscribes)

    @property
    def trace_id(self) -> str:
        return self.traceparent.split("-")[1]

    @property
    def no_token(self) -> Failure | None:
        """Why this operation is nobody's, or None."""
        if self._token:
            return None
        return not_authenticated('send a token: "Authorization: Bearer ..."')

    @cached_property
    def claims(self) -> Claims:
        """What the token says. Nobody has checked it here: hints may rest on it, decisions never."""
        return claims_of(self._token)

    async def none_if_unknown(self, answer: Awaitable[AnswerT]) -> AnswerT | None:
        """Wait for ``answer``; None when there is nothing of the name that was asked for."""
        try:
            return await answer
        except Failure as failure:
            if failure.code is Code.NOT_FOUND:
                return None
            raise

    @property
    def user(self) -> str:
        return self.claims.subject or self.claims.name


def _token(authorization: str) -> str:
    if len(authorization) > _LONGEST_TOKEN:
        return ""
    found = _BEARER.fullmatch(authorization.strip())
    return found.group(1) if found else ""


Info = strawberry.Info[OperationContext, None]
