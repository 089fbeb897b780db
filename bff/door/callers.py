"""The caller at /graphql: its token is checked first, by the same rules as in the services.

smoc_service decides, and checks the token with every call. The check here keeps callers without a token from using
work, places and quotas.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from bearer_tokens.token_check import TokenCheck, TokenExpired
from bff.failures import Code, Failure, not_authenticated
from service_chassis.caller import Caller
from service_chassis.refusals import CallDenied, PeerUnavailable

log = structlog.get_logger()

# RFC 6750, section 2.1. What does not look so could not even be sent on as metadata.
_BEARER: Final = re.compile(r"(?i:bearer) +([A-Za-z0-9\-._~+/]+=*)")
_LONGEST_HEADER: Final = 9 * 1024


class Callers:
    """Finds the caller behind an Authorization header."""

    def __init__(self, check: TokenCheck, now: Callable[[], datetime]) -> None:
        self._check = check
        self._now = now

    async def of(self, authorization: str) -> Caller | Failure:
        """Return the caller, or the reason why this process does not serve the request."""
        token = bearer_token(authorization)
        if not token:
            return not_authenticated('send a token: "Authorization: Bearer ..."')
        try:
            return await self._check.caller(token, self._now())
        except CallDenied as denied:
            log.info("token not accepted", why=denied.why, **denied.who)
            expired = isinstance(denied, TokenExpired)
            reason = "TOKEN_EXPIRED" if expired else "UNAUTHENTICATED"
            return Failure(Code.UNAUTHENTICATED, denied.detail, reason=reason)
        except PeerUnavailable as trouble:
            return Failure(Code.UNAVAILABLE, str(trouble))


def bearer_token(authorization: str) -> str:
    """Return the token of an Authorization header, nothing when it holds none."""
    if len(authorization) > _LONGEST_HEADER:
        return ""
    found = _BEARER.fullmatch(authorization.strip())
    return found.group(1) if found else ""
