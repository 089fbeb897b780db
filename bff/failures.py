"""Why an operation, or a part of it, has no answer: the text and the code that a client gets.

An error's ``extensions`` hold ``code``, and when smoc_service refused, its ``reason`` (meterpark.errors.v1.ErrorReason)
and the ``field`` that is wrong. Clients learn nothing about other errors: see `graph.transport.operation`.
"""

from enum import StrEnum

from graphql import GraphQLError


class Code(StrEnum):
    """What a client's program decides by."""

    # No token, or not one that is accepted; TOKEN_EXPIRED as reason: get another and ask again.
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    # The operation asks for more than one operation may; it did not run.
    TOO_COSTLY = "TOO_COSTLY"
    # Try again.
    UNAVAILABLE = "UNAVAILABLE"
    # A defect; the log has the rest.
    INTERNAL = "INTERNAL"


class Failure(GraphQLError):
    """An error that its reader may see."""

    def __init__(
        self, code: Code, message: str, *, reason: str = "", field: str = "", **more: str
    ) -> None:
        told = {"code": code.value, "reason": reason, "field": field, **more}
        super().__init__(message, extensions={name: text for name, text in told.items() if text})
        self.code = code
        self.reason = reason
        self.field = field
        self.more = more


def argument_invalid(field: str, detail: str) -> Failure:
    """Return the refusal of an argument that is wrong in itself, in smoc_service's own words."""
    return Failure(
        Code.BAD_USER_INPUT, f"{field}: {detail}", reason="ARGUMENT_INVALID", field=field
    )


def not_authenticated(detail: str) -> Failure:
    return Failure(Code.UNAUTHENTICATED, f"not authenticated: {detail}", reason="UNAUTHENTICATED")
