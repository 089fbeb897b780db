"""When something happened: from what a report says to what the device can order by."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final

from device_hub.device.commands import ReportFacts
from device_hub.device.refusal import Reason, Refused
from device_hub.device.rules import Rules
from device_hub.device.values import Control, EndDeviceEvent, Flag, Occurrence

# No smart meter is older. A clock with an earlier time was never set (1970, 1980-01-06, 1998 occur in the field).
_NEVER_SET: Final = datetime(2000, 1, 1, tzinfo=UTC)
_SEPARATOR: Final = "\x1f"


def occurrence(facts: ReportFacts, rules: Rules) -> Occurrence:
    """Return when the reported thing happened. Raises Refused(TIME_INVALID).

    A stated time that lies ahead of the receipt by more than the tolerance, or before any meter, is kept as it
    was stated, flagged, and not believed: the receipt orders instead. So it is with what the connector knows for the
    start of a clock that lost its time (``facts.stated_at``), unless it also says when the statement was made.
    """
    received_at = storable(facts.received_at, "received_at")
    when = _happened(facts, received_at, rules)
    return replace(when, heard_at=_told_long_before(facts, received_at, rules))


def _told_long_before(facts: ReportFacts, received_at: datetime, rules: Rules) -> datetime | None:
    """Return when the head-end system sent a message that then waited in a broker; None for any other.

    Its clock is trusted, unlike a meter's, but not beyond our own.
    """
    if facts.told_at is None:
        return None
    told_at = storable(facts.told_at, "told_at")
    waited = received_at - told_at > rules.clock_tolerance
    return told_at if waited and told_at >= _NEVER_SET else None


def _happened(facts: ReportFacts, received_at: datetime, rules: Rules) -> Occurrence:
    if facts.stated_at is not None:
        return _clock_start(facts, facts.stated_at, received_at, rules)
    if facts.occurred_at is None:
        return Occurrence(at=received_at, stated_at=None, received_at=received_at)
    stated_at = storable(facts.occurred_at, "occurred_at")
    at = stated_at
    flags: tuple[Flag, ...] = (Flag.ZONE_ASSUMED,) if facts.zone_assumed else ()
    if stated_at - received_at > rules.clock_tolerance:
        at, flags = received_at, (Flag.FUTURE, Flag.CLOCK_SUSPECT, *flags)
    elif stated_at < _NEVER_SET:
        at, flags = received_at, (Flag.CLOCK_SUSPECT, *flags)
    return Occurrence(at=at, stated_at=stated_at, received_at=received_at, flags=flags)


def _clock_start(
    facts: ReportFacts, stated_at: datetime, received_at: datetime, rules: Rules
) -> Occurrence:
    said_at = storable(facts.occurred_at or received_at, "occurred_at")
    believed = said_at - received_at <= rules.clock_tolerance
    return Occurrence(
        at=said_at if believed else received_at,
        stated_at=storable(stated_at, "stated_at"),
        received_at=received_at,
        flags=(Flag.CLOCK_SUSPECT,),
    )


def telling_time(facts: ReportFacts, when: Occurrence) -> datetime | None:
    """Return the stated time if it distinguishes events.

    A device whose clock lost its time reports the same second after each start: two such events count as two.
    """
    return None if facts.stated_at is not None else when.stated_at


def storable(moment: datetime, field: str) -> datetime:
    """Return the moment in UTC and whole milliseconds, as the journal keeps it.

    Cut here, before anything is decided, so that a replayed device equals the one that lived.
    """
    if moment.tzinfo is not UTC:
        if moment.utcoffset() is None:
            raise Refused(Reason.TIME_INVALID, f"{field} has no zone")
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:
            raise Refused(
                Reason.TIME_INVALID, f"{field} lies outside of the years 1 to 9999 in UTC"
            ) from None
    micros = moment.microsecond % 1000
    return moment.replace(microsecond=moment.microsecond - micros) if micros else moment


def event_fingerprint(event: EndDeviceEvent, stated_at: datetime | None) -> int | None:
    """Return what distinguishes this event from others, equal in all processes; None when nothing does.

    A head-end system that restarts publishes events again under new message ids: same code, same time, same
    details. Two events without a time and without an id of their own cannot be told apart: both count.
    """
    if stated_at is None and not (event.event_mrid or event.issuer_tracking_id):
        return None
    said = [event.code, _text(stated_at), event.event_mrid, event.issuer_tracking_id, event.reason]
    for name in sorted(event.details):
        said += (name, event.details[name])
    return fingerprint(*said)


def control_fingerprint(control: Control, stated_at: datetime | None) -> int | None:
    """Return what distinguishes this outcome of an order from others; None when nothing does."""
    if stated_at is None and not (control.control_mrid or control.issuer_tracking_id):
        return None
    return fingerprint(
        *("control", control.outcome, control.code, control.action, _text(stated_at)),
        *(control.control_mrid, control.issuer_tracking_id, control.status, control.reason),
    )


def statement_fingerprint(kind: str, at: datetime, *said: str) -> int:
    """Return what distinguishes a statement that changed nothing (because it came late) from others."""
    return fingerprint(kind, _text(at), *said)


def fingerprint(*texts: str) -> int:
    """Return 64 bits, signed (as the journal stores whole numbers)."""
    digest = blake2b(_SEPARATOR.join(texts).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big", signed=True)


def _text(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
