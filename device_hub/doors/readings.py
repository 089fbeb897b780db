"""Messages that are read for a person and not recorded: requests checked, and bounded in number and bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import grpc
from google.protobuf.message import DecodeError
from meterpark.device_hub.v1 import reading_pb2 as contract
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from contract_limits import READING_BYTES, UNDERSTOOD_BYTES
from device_hub.readings.store import Readings, ReadingUnknown, TooManyReadings
from service_chassis.caller import current_caller
from service_chassis.refusals import CallRefused, argument_invalid
from service_chassis.times import to_timestamp

_ID_LIMIT: Final = 64
_SOURCE_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class ReadingsDoor:
    readings: Readings
    now: Callable[[], datetime]

    async def request(
        self, request: contract.RequestReadingRequest
    ) -> contract.RequestReadingResponse:
        """Keep a message for the connector."""
        if not 0 < len(request.reading_id) <= _ID_LIMIT:
            raise argument_invalid("reading_id", f"needs 1 to {_ID_LIMIT} characters")
        if len(request.source) > _SOURCE_LIMIT:
            raise argument_invalid("source", f"has more than {_SOURCE_LIMIT} characters")
        if not 0 < len(request.body) <= READING_BYTES:
            raise argument_invalid("body", f"needs 1 to {READING_BYTES:,} bytes")
        try:
            await self.readings.request(
                request.reading_id,
                current_caller().subject,
                source=request.source,
                body=request.body,
                at=self.now(),
            )
        except TooManyReadings as error:
            raise CallRefused(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                ErrorReason.ERROR_REASON_TOO_MANY,
                "too many messages wait for the connector already",
            ) from error
        return contract.RequestReadingResponse()

    async def get(self, request: contract.GetReadingRequest) -> contract.GetReadingResponse:
        """Return what was understood, to the caller who asked for it."""
        caller = current_caller()
        try:
            found = await self.readings.get(request.reading_id, caller.subject, self.now())
        except ReadingUnknown as error:
            raise _unknown(request.reading_id) from error
        answer = contract.GetReadingResponse(
            state=contract.READING_STATE_WAITING, requested_time=to_timestamp(found.requested_at)
        )
        if found.understood is not None:
            answer.state = contract.READING_STATE_DONE
            try:
                answer.understood.ParseFromString(found.understood)
            except DecodeError as error:  # of a hub of another version, within these minutes
                raise _unknown(request.reading_id) from error
            if caller.scope.networks is not None:
                del answer.understood.known_sources[:]
        return answer

    async def claim(self) -> contract.ClaimReadingsResponse:
        """Lease messages to the connector."""
        return contract.ClaimReadingsResponse(
            readings=[
                contract.ClaimedReading(
                    reading_id=one.reading_id, lease=one.lease, source=one.source, body=one.body
                )
                for one in await self.readings.claim(self.now())
            ]
        )

    async def complete(
        self, request: contract.CompleteReadingRequest
    ) -> contract.CompleteReadingResponse:
        """Take what the connector understood."""
        understood = request.understood.SerializeToString()
        if len(understood) > UNDERSTOOD_BYTES:
            raise argument_invalid("understood", f"has more than {UNDERSTOOD_BYTES:,} bytes")
        try:
            await self.readings.complete(request.reading_id, request.lease, understood, self.now())
        except ReadingUnknown as error:
            raise _unknown(request.reading_id) from error
        return contract.CompleteReadingResponse()


def _unknown(reading_id: str) -> CallRefused:
    return CallRefused(
        grpc.StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_READING_UNKNOWN,
        f"no reading is called {reading_id!r}",
    )
