"""One log line per denied call, for the auditor: who called, what, and why it was denied. Callers do not see it."""

import structlog
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

log = structlog.get_logger()

# What a caller claims about itself has no bound of its own.
_LONGEST = 200


def told_reason(reason: ErrorReason.ValueType) -> str:
    """Return a reason as people read it."""
    return ErrorReason.Name(reason).removeprefix("ERROR_REASON_")


def note_denied(method: str, reason: ErrorReason.ValueType, why: str, **who: str) -> None:
    """Write the line. ``who`` holds all that is known about the caller, claims included; never a token."""
    log.warning(
        "call denied",
        method=method[:_LONGEST],
        reason=told_reason(reason),
        why=why[:_LONGEST],
        **{name: value[:_LONGEST] for name, value in who.items()},
    )
