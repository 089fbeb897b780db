"""Which of several dates is the start of a configuration.

Of a ``ConfigurationEvent``: effectiveDateTime, else createdDateTime. Of several events: the newest that has come, else
the first that is to come. With a status that has a date of its own: the newer of the two, unless the change is still to
come. A date that cannot be read is left out, and told as a problem.

effectiveDateTime, and the date of a status (the standard: "for which it applies"), say when something takes effect.
They may lie ahead, then it is planned. A createdDateTime that lies ahead is a wrong clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from iec_connector.understanding.times import Moment, first_of, moment_at, newest_of

if TYPE_CHECKING:
    from iec_connector.understanding.element import Element
    from iec_connector.understanding.findings.statement import Reading

_EVENTS = ("configurationevents", "configurationevent")


def configuration_moment(element: Element, reading: Reading) -> Moment:
    """What the configuration events in ``element`` say."""
    zone = reading.source.zone
    moments = [_moment_of(event, zone) for name in _EVENTS for event in element.all(name)]
    come = [each for each in moments if each.at is not None and not _is_to_come(each, reading)]
    if come:
        return first_of(newest_of(*come), *moments)
    to_come = [each for each in moments if each.at is not None]
    return first_of(*sorted(to_come, key=_time_of), *moments)


def moment_around(element: Element, reading: Reading) -> Moment:
    """What the configuration events beside several devices say: gone through once, not for each device."""
    moment = reading.moments.get(element)
    if moment is None:
        moment = reading.moments[element] = configuration_moment(element, reading)
    return moment


def _moment_of(event: Element, zone: tzinfo) -> Moment:
    effective = moment_at(event, zone, "effectivedatetime")
    created = moment_at(event, zone, "createddatetime")
    if effective.at is None:
        return first_of(effective, created)
    told = first_of(effective, created)
    return told._replace(takes_effect=True, said_at=created.at)


def dated_by(event: Moment, status: Moment, reading: Reading) -> Moment:
    """The moment of a configuration whose status has a date of its own."""
    status = status._replace(takes_effect=status.at is not None)
    if event.at is None or status.at is None or _is_to_come(event, reading):
        return first_of(event, status)
    newer = status if _is_newer(status, event) and not _is_to_come(status, reading) else event
    return first_of(newer, event, status)


def _time_of(moment: Moment) -> datetime:
    return moment.at or datetime.max.replace(tzinfo=UTC)


def _is_newer(one: Moment, other: Moment) -> bool:
    return one.at is not None and other.at is not None and one.at > other.at


def _is_to_come(moment: Moment, reading: Reading) -> bool:
    """Whether it lies ahead of the message. The time of receipt does not matter: the report's id hangs on this."""
    said_at = reading.said_at
    return moment.at is not None and said_at is not None and moment.at > said_at
