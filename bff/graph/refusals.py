"""What a change may be refused for, as types: each reason of the contract (meterpark.errors.v1) stands here once.

A mutation answers with a union of its success and those refusals that it knows. Without a token, or while the register
cannot be reached, there is an error in place of an answer; a mutation with a request id is then repeated with the same.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final

import strawberry

from bff.failures import Failure


@strawberry.interface(description="Why a change was not made.")
class Refusal:
    message: str = strawberry.field(description="A sentence for people.")


@strawberry.enum
class NotAllowedReason(Enum):
    ROLE_MISSING = "ROLE_MISSING"
    NETWORK_DENIED = "NETWORK_DENIED"


@strawberry.type(description="The caller's roles do not allow it, or not in this network.")
class NotAllowed(Refusal):
    reason: NotAllowedReason


@strawberry.type(description="An argument is invalid.")
class ArgumentInvalid(Refusal):
    field: str = strawberry.field(description="As the register calls it.")


@strawberry.type(description="The request id was used with another change before.")
class RequestIdReused(Refusal):
    pass


@strawberry.type(description="A limit is reached.")
class TooMany(Refusal):
    pass


@strawberry.type(description="The register does not hold this device.")
class DeviceUnknown(Refusal):
    pass


@strawberry.type
class AlarmUnknown(Refusal):
    pass


@strawberry.type(description="The alarm does not take this change in its present state.")
class AlarmStateRefused(Refusal):
    pass


@strawberry.type(
    description="The alarm's history has reached its limit; the alarm can only be resolved."
)
class AlarmHistoryFull(Refusal):
    pass


@strawberry.type
class JobUnknown(Refusal):
    pass


@strawberry.type(
    description="The job's present state does not allow it, or the selection has grown since the preview."
)
class JobStateRefused(Refusal):
    pass


@strawberry.type
class ViewUnknown(Refusal):
    pass


@strawberry.type(description="The caller has another view of this name.")
class ViewNameTaken(Refusal):
    pass


@strawberry.type(
    description="Somebody changed the view since its etag was read: another tab, or another browser."
)
class ViewChangedMeanwhile(Refusal):
    pass


@strawberry.type
class ShipmentImportUnknown(Refusal):
    pass


@strawberry.type(description="The import's present state does not allow it.")
class ShipmentImportStateRefused(Refusal):
    pass


@strawberry.type(description="The part of the file does not begin where the last one ended.")
class ChunkOffsetWrong(Refusal):
    offset: int | None = strawberry.field(description="Where to go on.")


@strawberry.type
class QuarantinedMessageUnknown(Refusal):
    pass


def _not_allowed(failure: Failure) -> Refusal:
    return NotAllowed(message=failure.message, reason=NotAllowedReason(failure.reason))


def _argument_invalid(failure: Failure) -> Refusal:
    return ArgumentInvalid(message=failure.message, field=failure.field)


def _chunk_offset_wrong(failure: Failure) -> Refusal:
    offset = failure.more.get("offset", "")
    return ChunkOffsetWrong(
        message=failure.message, offset=int(offset) if offset.isdecimal() else None
    )


def _only(kind: Callable[..., Refusal]) -> Callable[[Failure], Refusal]:
    return lambda failure: kind(message=failure.message)


_BY_REASON: Final[Mapping[str, Callable[[Failure], Refusal]]] = {
    "ROLE_MISSING": _not_allowed,
    "NETWORK_DENIED": _not_allowed,
    "ARGUMENT_INVALID": _argument_invalid,
    "REQUEST_ID_REUSED": _only(RequestIdReused),
    "TOO_MANY": _only(TooMany),
    "BATCH_TOO_LARGE": _only(TooMany),
    "DEVICE_UNKNOWN": _only(DeviceUnknown),
    "ALARM_UNKNOWN": _only(AlarmUnknown),
    "ALARM_STATE_REFUSED": _only(AlarmStateRefused),
    "ALARM_HISTORY_FULL": _only(AlarmHistoryFull),
    "JOB_UNKNOWN": _only(JobUnknown),
    "JOB_STATE_REFUSED": _only(JobStateRefused),
    "VIEW_UNKNOWN": _only(ViewUnknown),
    "VIEW_NAME_TAKEN": _only(ViewNameTaken),
    "VIEW_CHANGED": _only(ViewChangedMeanwhile),
    "QUARANTINED_MESSAGE_UNKNOWN": _only(QuarantinedMessageUnknown),
    "IMPORT_UNKNOWN": _only(ShipmentImportUnknown),
    "IMPORT_STATE_REFUSED": _only(ShipmentImportStateRefused),
    "CHUNK_OFFSET_WRONG": _chunk_offset_wrong,
}


def refusal_of(failure: Failure) -> Refusal | None:
    """Return the type that says ``failure``; None when it is not the caller's change that is refused."""
    made = _BY_REASON.get(failure.reason)
    return None if made is None else made(failure)
