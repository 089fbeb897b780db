"""A date from which something takes effect may lie ahead: then the report says when it was said, too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from iec_connector.understanding import Configuration, Lifecycle, Report
from tests.specs.connector.understanding.samples import (
    NOW,
    linkage,
    message,
    meter_config,
    names,
    only,
    read,
)

NEXT_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
SENT = datetime(2026, 3, 1, 10, tzinfo=UTC)
HEADER = "<Timestamp>2026-03-01T10:00:00Z</Timestamp><MessageID>m-1</MessageID>"
EFFECTIVE = "<effectiveDateTime>2027-01-01T00:00:00Z</effectiveDateTime>"
CREATED = "<createdDateTime>2026-03-01T09:00:00Z</createdDateTime>"


def configured(inside: str, *, verb: str = "changed", more: str = HEADER) -> Report:
    body = meter_config(names() + inside)
    return only(read(message(body, verb=verb, noun="MeterConfig", more=more)))


def test_an_announced_removal_says_when_it_takes_effect_and_when_it_was_said() -> None:
    events = f"<ConfigurationEvents>{CREATED}{EFFECTIVE}</ConfigurationEvents>"
    report = configured(events + "<status><value>Removed</value></status>")
    assert isinstance(report.content, Configuration)
    assert report.content.lifecycle is Lifecycle.REMOVED
    assert report.occurred_at == NEXT_YEAR
    assert report.said_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert not report.plan_withdrawn


@pytest.mark.parametrize(("more", "said_at"), [(HEADER, SENT), ("<MessageID>m-1</MessageID>", NOW)])
def test_without_a_date_of_its_making_it_was_said_when_the_message_was(
    more: str, said_at: datetime
) -> None:
    report = configured(f"<ConfigurationEvents>{EFFECTIVE}</ConfigurationEvents>", more=more)
    assert (report.occurred_at, report.said_at) == (NEXT_YEAR, said_at)


def test_the_date_for_which_a_status_applies_may_lie_ahead_too() -> None:
    status = "<status><value>Removed</value><dateTime>2027-01-01T00:00:00Z</dateTime></status>"
    report = configured(status)
    assert (report.occurred_at, report.said_at) == (NEXT_YEAR, SENT)


def test_what_was_only_created_takes_no_effect_later() -> None:
    created = "<createdDateTime>2027-01-01T00:00:00Z</createdDateTime>"
    report = configured(f"<ConfigurationEvents>{created}</ConfigurationEvents>")
    assert (report.occurred_at, report.said_at) == (NEXT_YEAR, None)


def test_the_verb_canceled_calls_off_what_was_announced() -> None:
    events = f"<ConfigurationEvents>{CREATED}{EFFECTIVE}</ConfigurationEvents>"
    assert configured(events, verb="canceled").plan_withdrawn
    assert not configured(events, verb="deleted").plan_withdrawn
    assert not configured("", verb="canceled").plan_withdrawn


def test_a_linkage_may_be_announced() -> None:
    inside = (
        f"<ConfigurationEvent>{CREATED}{EFFECTIVE}</ConfigurationEvent><Meter>{names()}</Meter>"
        "<UsagePoint><mRID>UP-1</mRID></UsagePoint>"
    )
    body = message(linkage(inside), noun="MasterDataLinkageConfig", more=HEADER)
    report = only(read(body))
    assert (report.occurred_at, report.said_at) == (
        NEXT_YEAR,
        datetime(2026, 3, 1, 9, tzinfo=UTC),
    )
