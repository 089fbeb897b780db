"""The quarantine's methods of DeviceHubService: requests checked, and bounded in number and bytes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import grpc
import structlog
from meterpark.device_hub.v1 import quarantine_pb2 as contract
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from contract_limits import (
    COMPLETED_REPLAYS_PER_CALL,
    QUARANTINED_PART_BYTES,
    QUARANTINED_PARTS_PER_CALL,
    QUARANTINED_PER_CALL,
    REPLAYS_PER_CLAIM,
)
from device_hub.quarantine.bodies import BodyIncomplete
from device_hub.quarantine.counts import TooManyToCount
from device_hub.quarantine.states import STATES
from device_hub.quarantine.store import Quarantine, QuarantinedMessageUnknown, Requester
from device_hub.quarantine.wire import to_count, to_document, to_message, to_part
from service_chassis.caller import current_caller
from service_chassis.pages import read_page_size
from service_chassis.refusals import CallRefused, PeerUnavailable, argument_invalid
from service_chassis.words import read_word
from service_status.hop import Hop

log = structlog.get_logger()

_IDS_LIMIT = 1000
_ID_LIMIT = 64
_TEXT_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class QuarantineDoor:
    quarantine: Quarantine
    replays: Hop
    now: Callable[[], datetime]

    async def store(
        self, request: contract.QuarantineMessagesRequest
    ) -> contract.QuarantineMessagesResponse:
        """Store parts first, then the messages."""
        if not request.messages and not request.body_parts:
            raise argument_invalid("messages", "the batch is empty")
        _at_most("messages", request.messages, QUARANTINED_PER_CALL)
        _at_most("body parts", request.body_parts, QUARANTINED_PARTS_PER_CALL)
        at = self.now()
        documents = [to_document(message, at) for message in request.messages]
        parts = [to_part(part) for part in request.body_parts]
        if parts:
            await self.quarantine.bodies.store(parts, at)
        if documents:
            try:
                await self.quarantine.store(documents, at)
            except BodyIncomplete as error:
                raise PeerUnavailable(f"parts of a body are missing: {error}") from error
        for document in documents:
            log.info(
                "message quarantined",
                quarantine_id=document["_id"],
                source=document["source"],
                network=document["network"],
                reason=document["reason"],
            )
        return contract.QuarantineMessagesResponse(stored_count=len(documents))

    async def list_(
        self, request: contract.ListQuarantinedMessagesRequest
    ) -> contract.ListQuarantinedMessagesResponse:
        """Return a page without bodies."""
        page = await self.quarantine.page(
            current_caller().scope,
            state=read_word(contract.QuarantineState, request.state, STATES, "state"),
            reason=request.reason or None,
            page_size=read_page_size(request.page_size),
            page_token=request.page_token,
        )
        return contract.ListQuarantinedMessagesResponse(
            messages=[to_message(document) for document in page.messages],
            next_page_token=page.next_page_token,
            total_count=page.total_count,
            total_count_is_minimum=page.total_is_minimum,
        )

    async def get(
        self, request: contract.GetQuarantinedMessageRequest
    ) -> contract.GetQuarantinedMessageResponse:
        """Return one message, and its body from the offset on as far as one answer goes."""
        if request.body_offset < 0:
            raise argument_invalid("body_offset", "is negative")
        try:
            found = await self.quarantine.get(request.quarantine_id, current_caller().scope)
        except QuarantinedMessageUnknown as error:
            raise _message_unknown(request.quarantine_id) from error
        message = to_message(found)
        message.body = (await self.quarantine.body_of(found, request.body_offset))[
            :QUARANTINED_PART_BYTES
        ]
        return contract.GetQuarantinedMessageResponse(message=message)

    async def replay(
        self, request: contract.ReplayQuarantinedMessagesRequest
    ) -> contract.ReplayQuarantinedMessagesResponse:
        """Request that messages are read again."""
        if bool(request.quarantine_ids) == request.all_open:
            raise argument_invalid("quarantine_ids", "give either ids or all_open")
        _at_most("ids", request.quarantine_ids, _IDS_LIMIT)
        if len(request.replay_id) > _ID_LIMIT:
            raise argument_invalid("replay_id", f"has more than {_ID_LIMIT} characters")
        caller = current_caller()
        try:
            asked, not_replayable = await self.quarantine.request_replay(
                request.quarantine_ids,
                caller.scope,
                all_open=request.all_open,
                reason=request.reason,
                at=self.now(),
                by=Requester(username=caller.username, replay_id=request.replay_id),
            )
        except QuarantinedMessageUnknown as error:
            raise _message_unknown(str(error)) from error
        return contract.ReplayQuarantinedMessagesResponse(
            requested_count=asked, not_replayable_count=not_replayable
        )

    async def get_replay(self, request: contract.GetReplayRequest) -> contract.GetReplayResponse:
        """Return how far a request to read messages again is."""
        if not request.replay_id:
            raise argument_invalid("replay_id", "is empty")
        progress = await self.quarantine.replay_progress(request.replay_id, current_caller().scope)
        return contract.GetReplayResponse(
            waiting_count=progress.waiting_count,
            resolved_count=progress.resolved_count,
            failed_count=progress.failed_count,
            username=progress.username,
        )

    async def count(self) -> contract.CountQuarantinedMessagesResponse:
        """Count messages by reason."""
        try:
            counts = await self.quarantine.count_by_reason(current_caller().scope)
        except TooManyToCount:
            return contract.CountQuarantinedMessagesResponse(too_many_to_count=True)
        return contract.CountQuarantinedMessagesResponse(counts=[to_count(one) for one in counts])

    async def claim(self, request: contract.ClaimReplaysRequest) -> contract.ClaimReplaysResponse:
        """Lease messages to the connector; the answer is bounded by the claim, in number and bytes."""
        if not 1 <= request.limit <= REPLAYS_PER_CLAIM:
            raise argument_invalid("limit", f"must be 1 to {REPLAYS_PER_CLAIM}")
        claimed = await self.quarantine.claim(request.limit, self.now())
        return contract.ClaimReplaysResponse(
            replays=[
                contract.ClaimedReplay(message=to_message(one), lease=one["lease"])
                for one in claimed
            ]
        )

    async def read_body(
        self, request: contract.ReadReplayBodyRequest
    ) -> contract.ReadReplayBodyResponse:
        """Return a piece of the body of a claimed message."""
        if request.offset < 0:
            raise argument_invalid("offset", "is negative")
        try:
            piece = await self.quarantine.read_claimed(
                request.quarantine_id, request.lease, request.offset, self.now()
            )
        except QuarantinedMessageUnknown as error:
            raise _message_unknown(request.quarantine_id) from error
        return contract.ReadReplayBodyResponse(content=piece[:QUARANTINED_PART_BYTES])

    async def complete(
        self, request: contract.CompleteReplaysRequest
    ) -> contract.CompleteReplaysResponse:
        """Take how the reading of claimed messages went."""
        _at_most("replays", request.replays, COMPLETED_REPLAYS_PER_CALL)
        at = self.now()
        for one in request.replays:
            if one.resolved:
                await self.quarantine.complete(one.quarantine_id, one.lease, at)
            else:
                await self.quarantine.fail_again(
                    one.quarantine_id,
                    one.lease,
                    reason=one.reason[:_TEXT_LIMIT],
                    detail=one.detail[:_TEXT_LIMIT],
                    place=one.place[:_TEXT_LIMIT],
                    at=at,
                )
        if request.replays:
            self.replays.did(len(request.replays))
        return contract.CompleteReplaysResponse()


def _at_most(what: str, given: Sequence[Any], limit: int) -> None:
    if len(given) > limit:
        raise CallRefused(
            grpc.StatusCode.INVALID_ARGUMENT,
            ErrorReason.ERROR_REASON_BATCH_TOO_LARGE,
            f"{len(given)} {what}, {limit} are allowed",
        )


def _message_unknown(quarantine_id: str) -> CallRefused:
    return CallRefused(
        grpc.StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_QUARANTINED_MESSAGE_UNKNOWN,
        f"no quarantined message is called {quarantine_id!r}",
    )
