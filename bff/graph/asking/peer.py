"""An app that the bff calls through its own sidecar, and what a client is told when a call to it fails."""

from dataclasses import dataclass
from typing import Final

import grpc
import grpc.aio
import structlog
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from bff.failures import Code, Failure
from service_chassis.refusals import metadata_of, reason_of
from service_chassis.settings import SidecarSettings
from service_chassis.sidecar import Metadata, to_app

log = structlog.get_logger()

_NOT_AUTHENTICATED = ("UNAUTHENTICATED", "TOKEN_EXPIRED")
_NOT_ALLOWED = ("ROLE_MISSING", "NETWORK_DENIED")
# The locks of the sidecars and services of our own deployment: a caller can do nothing about them.
_MISCONFIGURED: Final = (
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNIMPLEMENTED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """How to reach an app, and what people call it."""

    app_id: str
    # In a sentence: "the operations centre".
    called: str
    metadata: Metadata
    stream_metadata: Metadata
    timeout_seconds: float

    def failure_of(self, error: grpc.aio.AioRpcError, request: object) -> Failure:
        """Return what a client is told of a call that failed; log what the client is not told."""
        reason = reason_of(error)
        detail = error.details() or ""
        if reason is not None:
            word = ErrorReason.Name(reason).removeprefix("ERROR_REASON_")
            beside = metadata_of(error)
            return Failure(
                _code(word),
                detail,
                reason=word,
                field=beside.get("field", ""),
                offset=beside.get("offset", ""),
            )
        status = error.code()
        wrong = status in _MISCONFIGURED
        (log.error if wrong else log.warning)(
            f"{self.app_id} did not answer",
            request=type(request).__name__,
            status=status.name,
            detail=detail[:300],
        )
        return Failure(Code.UNAVAILABLE, f"{self.called} {_why_not(status)}")


def peer(app_id: str, called: str, sidecar: SidecarSettings, timeout_seconds: float) -> Peer:
    """Return the peer ``app_id`` behind the own sidecar."""
    return Peer(
        app_id=app_id,
        called=called,
        metadata=to_app(app_id, sidecar),
        stream_metadata=to_app(app_id, sidecar, stream=True),
        timeout_seconds=timeout_seconds,
    )


def _why_not(status: grpc.StatusCode) -> str:
    if status is grpc.StatusCode.UNIMPLEMENTED:
        return "does not answer this yet"
    if status in _MISCONFIGURED:
        return "does not let this application ask"
    if status is grpc.StatusCode.DEADLINE_EXCEEDED:
        return "did not answer in time: try again"
    return "cannot be reached at the moment: try again"


def _code(reason: str) -> Code:
    if reason in _NOT_AUTHENTICATED:
        return Code.UNAUTHENTICATED
    if reason in _NOT_ALLOWED:
        return Code.FORBIDDEN
    if reason == "SIDECAR_BYPASSED":
        return Code.UNAVAILABLE
    return Code.NOT_FOUND if reason.endswith("_UNKNOWN") else Code.BAD_USER_INPUT
