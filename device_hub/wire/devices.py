"""What the hub says of a device to others: state and timeline in the contract's words. The way in is reports.py."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from meterpark.device_hub.v1.device_hub_service_pb2 import HistoryEntry
from meterpark.device_hub.v1.report_pb2 import Origin
from meterpark.smoc.v1 import device_pb2

from device_hub.device.attributes import LIFE_DATES, NAMES, plain, under
from device_hub.device.events.planned import planned_summary
from device_hub.device.lifecycle import lifecycle_of
from device_hub.device.plan import Plan
from device_hub.device.power import power_of
from device_hub.device.state import INITIAL, Device
from device_hub.device.values import Facet
from device_hub.journal.event_codec import events_from_documents
from device_hub.wire.stored_events import stored_text
from service_chassis.times import to_timestamp

Document = Mapping[str, Any]

# A gRPC message has 16 MiB; the largest entry some 100 KiB.
_PAGE_BYTES: Final = 8 * 2**20


_SAID_BY_THE_KEPT_ONE: Final = (
    *("supply", "phases", "switch", "communication", "tamper", "firmware", "fault", "plans"),
)


def to_device(device: Device, revision: int, updated_at: datetime) -> device_pb2.Device:
    """Return the device as others see it, with its derived facets."""
    texts: dict[str, Any] = plain(device.attributes)
    if device.joined_into:
        # What it was is said by the device that it was joined into: no alarm twice.
        device = replace(
            device,
            **{name: getattr(INITIAL, name) for name in _SAID_BY_THE_KEPT_ONE},
        )
    return device_pb2.Device(
        device_id=f"{device.network}/{device.identifier}",
        network=device.network,
        device_identifier=device.identifier,
        revision=revision,
        lifecycle=_facet(lifecycle_of(device)),
        power=_facet(power_of(device)),
        switch=_facet(device.switch),
        communication=_facet(device.communication),
        tamper=_facet(device.tamper),
        firmware=_facet(device.firmware),
        names=under(NAMES, device.attributes),
        life_dates=under(LIFE_DATES, device.attributes),
        first_seen_time=_optional(device.first_seen_at),
        last_contact_time=_optional(device.last_contact_at),
        update_time=to_timestamp(updated_at),
        planned=[_planned(plan) for plan in device.plans],
        identifiers=[
            device_pb2.DeviceIdentifier(scheme=one.scheme, value=one.value)
            for one in sorted(device.identifiers)
        ],
        joined_into=device.joined_into,
        joined=sorted(device.parts),
        **texts,
    )


def _planned(plan: Plan) -> device_pb2.PlannedChange:
    return device_pb2.PlannedChange(
        effective_time=to_timestamp(plan.effective_at),
        said_time=to_timestamp(plan.said_at),
        kind=plan.kind.value,
        summary=planned_summary(plan),
        changes=plan.said,
    )


def to_entries(commit: Document) -> list[device_pb2.TimelineEntry]:
    """Return the timeline entries of one stored commit, in order."""
    revision = commit["revision"]
    recorded = to_timestamp(commit["committed_at"])
    entries = []
    for index, event in enumerate(events_from_documents(commit["events"])):
        entry = event.entry()
        entries.append(
            device_pb2.TimelineEntry(
                entry_id=f"{revision}.{index}",
                revision=revision,
                kind=entry.kind,
                occurred_time=to_timestamp(entry.occurred_at),
                received_time=to_timestamp(entry.received_at),
                recorded_time=recorded,
                code=entry.code,
                summary=entry.summary,
                details=entry.details,
                flags=entry.flags,
            )
        )
    return entries


def history_entry(commit: Document, *, stored: bool = False) -> HistoryEntry:
    """Return one stored commit as the hub's history shows it; with ``stored``, its events as they lie there."""
    return HistoryEntry(
        revision=commit["revision"],
        report_id=commit["report_id"],
        committed_time=to_timestamp(commit["committed_at"]),
        origin=_origin(commit.get("origin")),
        events=to_entries(commit),
        stored_events=[stored_text(event) for event in commit["events"]] if stored else (),
    )


def history_page(
    commits: Sequence[Document],
    most: int,
    most_bytes: int = _PAGE_BYTES,
    *,
    stored: bool = False,
) -> tuple[list[HistoryEntry], str]:
    """Return the first entries, at least one, that fit into an answer, and behind what the rest follows, if any."""
    entries: list[HistoryEntry] = []
    size = 0
    for commit in commits[:most]:
        entry = history_entry(commit, stored=stored)
        size += entry.ByteSize()
        if entries and size > most_bytes:
            break
        entries.append(entry)
    more = len(commits) > len(entries) > 0
    return entries, str(entries[-1].revision) if more else ""


def _origin(origin: Document | None) -> Origin | None:
    if origin is None:
        return None
    return Origin(
        source=origin["source"],
        message_id=origin["message_id"],
        correlation_id=origin["correlation_id"],
        verb=origin["verb"],
        noun=origin["noun"],
        message_time=_optional(origin["message_at"]),
        index=origin["index"],
        traceparent=traceparent_of(origin),
    )


def traceparent_of(origin: Mapping[str, Any] | None) -> str:
    """Return the context of the trace that a stored origin belongs to; most belong to none that is recorded."""
    return "" if origin is None else origin.get("traceparent", "")


def _facet(facet: Facet[Any]) -> device_pb2.Facet:
    return device_pb2.Facet(
        value=facet.value.value, as_of_time=_optional(facet.as_of), cause=facet.cause
    )


def _optional(at: datetime | None) -> Any:
    return None if at is None else to_timestamp(at)
