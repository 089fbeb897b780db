"""IdentityService: what the contract says, checked and handed on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import grpc
import grpc.aio
import structlog
from meterpark.device_hub.v1 import identity_service_pb2 as contract
from meterpark.device_hub.v1 import identity_service_pb2_grpc as identity_grpc
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from contract_limits import REASON_CHARACTERS
from device_hub.device.refusal import Refused
from device_hub.identities.conflicts.conflict_list import (
    STATES,
    ConflictDecided,
    ConflictUnknown,
    Document,
)
from device_hub.identities.conflicts.deciding import Deciding, NamesNobody, NotOfTheConflict
from device_hub.identities.conflicts.joining import DeviceUnknown, Joining
from device_hub.turns.turn import HistoryUnsettled
from service_chassis.caller import current_caller
from service_chassis.pages import read_page_size
from service_chassis.refusals import CallRefused, PeerUnavailable, argument_invalid
from service_chassis.times import to_timestamp
from service_chassis.words import read_word, write_word

log = structlog.get_logger()

Context = grpc.aio.ServicerContext[Any, Any]

SERVICE: Final = "meterpark.device_hub.v1.IdentityService"
_ID_LIMIT: Final = 64
_TEXTS: Final = (
    *("network", "scheme", "value", "device_id", "other_device_id", "other_value"),
    *("source", "message_id", "decided_for", "decided_by", "reason"),
)


@dataclass(frozen=True, slots=True)
class IdentityDoor(identity_grpc.IdentityServiceServicer):
    deciding: Deciding
    joining: Joining

    async def ListIdentityConflicts(  # noqa: N802
        self, request: contract.ListIdentityConflictsRequest, context: Context
    ) -> contract.ListIdentityConflictsResponse:
        del context
        page = await self.deciding.conflicts.page(
            current_caller().scope,
            state=read_word(contract.IdentityConflict.State, request.state, STATES, "state"),
            page_size=read_page_size(request.page_size),
            page_token=request.page_token,
        )
        return contract.ListIdentityConflictsResponse(
            conflicts=[to_conflict(one) for one in page.conflicts],
            next_page_token=page.next_page_token,
            open_count=page.open_count,
        )

    async def ResolveIdentityConflict(  # noqa: N802
        self, request: contract.ResolveIdentityConflictRequest, context: Context
    ) -> contract.ResolveIdentityConflictResponse:
        del context
        caller = current_caller()
        reason = reason_of(request.reason)
        check_request_id(request.request_id)
        device_id = request.assigned_device_id
        try:
            if device_id:
                decided = await self.deciding.assign(
                    request.conflict_id,
                    caller.scope,
                    device_id=device_id,
                    by=caller.username,
                    reason=reason,
                )
            else:
                decided = await self.deciding.dismiss(
                    request.conflict_id, caller.scope, by=caller.username, reason=reason
                )
        except ConflictUnknown as error:
            raise CallRefused(
                grpc.StatusCode.NOT_FOUND,
                ErrorReason.ERROR_REASON_IDENTITY_CONFLICT_UNKNOWN,
                f"no conflict of identities is called {request.conflict_id!r}",
            ) from error
        except ConflictDecided as error:
            raise CallRefused(
                grpc.StatusCode.FAILED_PRECONDITION,
                ErrorReason.ERROR_REASON_IDENTITY_CONFLICT_DECIDED,
                "the conflict was decided otherwise before",
            ) from error
        except NotOfTheConflict as error:
            raise argument_invalid(
                "assigned_device_id", f"{device_id!r} is none of the conflict's devices"
            ) from error
        except NamesNobody as error:
            raise argument_invalid(
                "assigned_device_id",
                "the value names no device: the conflict can only be dismissed",
            ) from error
        except HistoryUnsettled as error:
            raise PeerUnavailable(str(error)) from error
        log.info(
            "identity conflict decided",
            conflict_id=request.conflict_id,
            device_id=device_id,
            **caller.who,
        )
        return contract.ResolveIdentityConflictResponse(conflict=to_conflict(decided))

    async def JoinDevices(  # noqa: N802
        self, request: contract.JoinDevicesRequest, context: Context
    ) -> contract.JoinDevicesResponse:
        del context
        caller = current_caller()
        kept, joined = request.kept_device_id, request.joined_device_id
        for device_id in (kept, joined):
            require_device(device_id)
        reason = reason_of(request.reason)
        check_request_id(request.request_id)
        with _refusals():
            revision = await self.joining.join(kept, joined, by=caller.username, reason=reason)
        log.info("devices joined", kept=kept, joined=joined, **caller.who)
        return contract.JoinDevicesResponse(revision=revision)

    async def UndoJoin(  # noqa: N802
        self, request: contract.UndoJoinRequest, context: Context
    ) -> contract.UndoJoinResponse:
        del context
        caller = current_caller()
        joined = request.joined_device_id
        require_device(joined)
        reason = reason_of(request.reason)
        check_request_id(request.request_id)
        with _refusals():
            kept, revision = await self.joining.undo(joined, by=caller.username, reason=reason)
        log.info("join undone", kept=kept, joined=joined, **caller.who)
        return contract.UndoJoinResponse(kept_device_id=kept, revision=revision)


def require_device(device_id: str) -> None:
    """Raise NetworkDenied for a device that the caller may not see."""
    current_caller().scope.require(device_id.partition("/")[0], f"device {device_id}")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except DeviceUnknown as error:
        raise CallRefused(
            grpc.StatusCode.NOT_FOUND,
            ErrorReason.ERROR_REASON_DEVICE_UNKNOWN,
            f"nothing was ever reported about device {str(error)!r}",
        ) from error
    except Refused as error:
        raise CallRefused(
            grpc.StatusCode.FAILED_PRECONDITION,
            ErrorReason.Value(f"ERROR_REASON_{error.reason.value}"),
            error.detail,
        ) from error
    except HistoryUnsettled as error:
        raise PeerUnavailable(str(error)) from error


def reason_of(text: str) -> str:
    """Return the operator's reason for a decision; raise CallRefused when it is not readable."""
    reason = text.strip()
    if not 0 < len(reason) <= REASON_CHARACTERS:
        raise argument_invalid("reason", f"must have 1 to {REASON_CHARACTERS} characters")
    return reason


def check_request_id(text: str) -> None:
    """Raise CallRefused for what is longer than any id: the deed knows the request by it (device_hub.doors.deeds)."""
    if len(text) > _ID_LIMIT:
        raise argument_invalid("request_id", f"has more than {_ID_LIMIT} characters")


def to_conflict(document: Document) -> contract.IdentityConflict:
    decided_at = document.get("decided_at")
    return contract.IdentityConflict(
        conflict_id=document["_id"],
        kind=write_word(contract.IdentityConflict.Kind, document["kind"]),
        state=write_word(contract.IdentityConflict.State, document["state"]),
        noticed_time=to_timestamp(document["noticed_at"]),
        decided_time=to_timestamp(decided_at) if decided_at else None,
        **{name: document.get(name, "") for name in _TEXTS},
    )
