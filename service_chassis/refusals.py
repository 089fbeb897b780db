"""Errors that programs can read: google.rpc.ErrorInfo with domain "meterpark".

Only an error with such a reason is the caller's fault. daprd itself raises INVALID_ARGUMENT,
FAILED_PRECONDITION and PERMISSION_DENIED, too (docs/decisions/0009), so the status code alone proves nothing.
"""

from collections.abc import Mapping

from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc import StatusCode
from grpc.aio import AioRpcError
from grpc_status import rpc_status
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

DOMAIN = "meterpark"
_PREFIX = "ERROR_REASON_"
_STATUS_DETAILS = "grpc-status-details-bin"
_NOT_AUTHENTICATED = frozenset(
    {ErrorReason.ERROR_REASON_UNAUTHENTICATED, ErrorReason.ERROR_REASON_TOKEN_EXPIRED}
)


class CallRefused(Exception):
    """This call cannot succeed as it is; a retry without a change does not help."""

    def __init__(
        self, status: StatusCode, reason: ErrorReason.ValueType, detail: str, **metadata: str
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.reason = reason
        self.detail = detail
        self.metadata = metadata

    def to_status(self) -> status_pb2.Status:
        info = error_details_pb2.ErrorInfo(
            reason=ErrorReason.Name(self.reason).removeprefix(_PREFIX),
            domain=DOMAIN,
            metadata=self.metadata,
        )
        packed = any_pb2.Any()
        packed.Pack(info)
        # Both lists of codes have the same names; a status of gRPC is (number, word).
        code = code_pb2.Code.Value(self.status.name)
        return status_pb2.Status(code=code, message=self.detail, details=[packed])


class CallDenied(CallRefused):
    """The caller has no right to do this. The caller gets the reason only; ``why`` and ``who`` are for the audit log.

    Neither ever holds a token. ``who`` holds what is proven about the caller, by the names of the log's fields.
    """

    def __init__(
        self, reason: ErrorReason.ValueType, why: str, who: Mapping[str, str] | None = None
    ) -> None:
        unknown = reason in _NOT_AUTHENTICATED
        status = StatusCode.UNAUTHENTICATED if unknown else StatusCode.PERMISSION_DENIED
        super().__init__(status, reason, "not authenticated" if unknown else "not allowed")
        self.why = why
        self.who = who or {}


class PeerUnavailable(Exception):
    """A peer that this call needs is in trouble. The caller should try again."""


def argument_invalid(field: str, detail: str) -> CallRefused:
    """Return the refusal of a request whose ``field`` is missing or malformed."""
    return CallRefused(
        StatusCode.INVALID_ARGUMENT,
        ErrorReason.ERROR_REASON_ARGUMENT_INVALID,
        f"{field}: {detail}",
        field=field,
    )


def reason_of(error: AioRpcError) -> ErrorReason.ValueType | None:
    """Return the reason that one of our services gave for its refusal; None for an error of another origin."""
    info = _info_of(error)
    if info is None:
        return None
    name = _PREFIX + info.reason
    if name in ErrorReason.keys():  # noqa: SIM118 - the wrapper is no dict
        return ErrorReason.Value(name)
    return ErrorReason.ERROR_REASON_UNSPECIFIED


def metadata_of(error: AioRpcError) -> dict[str, str]:
    """Return what the error holds beside the reason, "field" for example; empty for an error of another origin."""
    info = _info_of(error)
    return {} if info is None else dict(info.metadata)


def _info_of(error: AioRpcError) -> error_details_pb2.ErrorInfo | None:
    for key, value in error.trailing_metadata() or ():
        if key != _STATUS_DETAILS or not isinstance(value, bytes):
            continue
        status = status_pb2.Status.FromString(value)
        for detail in status.details:
            info = error_details_pb2.ErrorInfo()
            if detail.Unpack(info) and info.domain == DOMAIN:
                return info
    return None


def trailing_metadata(refused: CallRefused) -> tuple[tuple[str, str | bytes], ...]:
    """Return what a server sends beside the status code, so that ``reason_of`` finds it on the other side."""
    return tuple(rpc_status.to_status(refused.to_status()).trailing_metadata)
