"""What register and hub hold in memory, and what their sidecar does before they hear of a call."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.device_hub.v1 import device_hub_service_pb2 as hub_pb2
from meterpark.device_hub.v1 import feed_pb2, quarantine_pb2
from meterpark.device_hub.v1.identity_service_pb2 import IdentityConflict
from meterpark.errors.v1.error_reason_pb2 import ErrorReason
from meterpark.smoc.v1 import device_pb2, device_service_pb2
from meterpark.smoc.v1.alarm_service_pb2 import Alarm
from meterpark.smoc.v1.job_service_pb2 import Job
from meterpark.smoc.v1.view_service_pb2 import View
from meterpark.status.v1.status_service_pb2 import GetStatusResponse

from service_chassis.refusals import CallRefused

RowT = TypeVar("RowT")

FACETS = ("lifecycle", "power", "switch", "communication", "tamper", "firmware")
PIECE_BYTES = 1_000_000
"""How much of a body this hub answers at once; the real one takes other sizes."""

OPEN = quarantine_pb2.QUARANTINE_STATE_OPEN
REQUESTED = quarantine_pb2.QUARANTINE_STATE_REPLAY_REQUESTED
RESOLVED = quarantine_pb2.QUARANTINE_STATE_RESOLVED


def at(text: str) -> Timestamp:
    timestamp = Timestamp()
    timestamp.FromJsonString(text)
    return timestamp


@dataclass(slots=True, kw_only=True)
class Services:
    """What register and hub hold, and what goes wrong on the way to them."""

    devices: dict[str, device_pb2.Device] = field(default_factory=dict)
    journal: dict[str, list[hub_pb2.HistoryEntry]] = field(default_factory=dict)
    changes: list[device_service_pb2.Change] = field(default_factory=list)
    feeds: list[feed_pb2.KnownFeed] = field(default_factory=list)
    most_feeds: int = 500
    quarantine: dict[str, quarantine_pb2.QuarantinedMessage] = field(default_factory=dict)
    most_counted: int = 10_000
    # The connector reads what was asked for after so many looks at the list; None: it is not running.
    read_after_looks: int | None = 2
    mended: set[str] = field(default_factory=set)
    conflicts: dict[str, IdentityConflict] = field(default_factory=dict)
    alarms: dict[str, Alarm] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    # What a service says of its progress, by app id; a service that is not named is well.
    statuses: dict[str, GetStatusResponse] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    # What a service says at its door, by method; and the tokens that came with the calls.
    refusals: dict[str, CallRefused] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    # What the sidecar wants to see of whoever calls it; None: nothing.
    api_token: str | None = None
    down: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)

    def add_device(self, device: device_pb2.Device) -> None:
        self.devices[device.device_id] = device
        self.journal[device.device_id] = [
            hub_pb2.HistoryEntry(revision=revision, report_id=f"{revision:032x}")
            for revision in range(1, device.revision + 1)
        ]

    def add_quarantined(self, message: quarantine_pb2.QuarantinedMessage) -> None:
        self.quarantine[message.quarantine_id] = message

    async def enter(self, app_id: str, method: str, context: Any) -> None:
        """Do what the sidecar does before the app hears of a call."""
        self.calls.append(f"{app_id} {method}")
        sent = dict(context.invocation_metadata())
        self.tokens.append(sent.get("authorization", ""))
        if self.api_token is not None and sent.get("dapr-api-token") != self.api_token:
            await context.abort(
                grpc.StatusCode.UNAUTHENTICATED, "authentication error: api token mismatch"
            )
        asked_for = sent.get("dapr-app-id")
        if asked_for != app_id:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"no such app: {asked_for}")
        if app_id in self.down:
            await context.abort(grpc.StatusCode.UNAVAILABLE, f"couldn't find service: {app_id}")
        if method in self.denied:
            await context.abort(
                grpc.StatusCode.PERMISSION_DENIED,
                "access control policy has denied access to id: spiffe://public/ns/default/someone",
            )
        if method in self.refusals:
            raise self.refusals[method]


def page_of(rows: Sequence[RowT], size: int, default: int, token: str) -> tuple[list[RowT], str]:
    if token and not token.isdigit():
        raise CallRefused(
            grpc.StatusCode.INVALID_ARGUMENT,
            ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID,
            "this page token is not one of ours",
        )
    start, size = int(token or 0), size or default
    end = start + size
    return list(rows[start:end]), str(end) if end < len(rows) else ""


def unknown(device_id: str) -> CallRefused:
    return CallRefused(
        grpc.StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_DEVICE_UNKNOWN,
        f"nothing was ever reported about {device_id}",
    )
