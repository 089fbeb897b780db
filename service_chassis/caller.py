"""The caller: what a checked token says about it, handed from the door to the method that was called."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from service_chassis.scope import Scope

# Each call runs in its own context (grpc.aio.ServerInterceptor), so it never holds the caller of another call.
_CALLER: ContextVar["Caller"] = ContextVar("caller")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What the issuer vouches for."""

    subject: str
    # The client that the token was issued to: an app, a script, or the page that a person uses.
    client: str
    username: str
    roles: frozenset[str]
    scope: Scope
    expires_at: datetime

    @property
    def who(self) -> dict[str, str]:
        """Return the caller as the audit log names it."""
        return {"subject": self.subject, "client": self.client, "username": self.username}


def set_caller(caller: Caller) -> None:
    """Set the caller of the call that is being served. Only the door may do this."""
    _CALLER.set(caller)


def current_caller() -> Caller:
    """Return the caller of this call. Only border files read it; they pass it on as an argument.

    Raises:
        LookupError: the method is open to callers without a token, so their rights are not known.
    """
    return _CALLER.get()


def who_calls() -> dict[str, str]:
    """Return the caller as the audit log names it; nothing when there was no token."""
    caller = _CALLER.get(None)
    return {} if caller is None else caller.who
