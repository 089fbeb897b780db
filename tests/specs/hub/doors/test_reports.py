"""The batch door: every report gets its own verdict, and nobody pays for a neighbour."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Contact, Report
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from device_hub.actors.turns_client import DeviceUnreachable
from device_hub.doors.reports import BATCH_LIMIT, ReportsDoor
from device_hub.doors.reports_first import ReportsFirst
from service_chassis.refusals import CallRefused
from service_chassis.times import to_timestamp

NOON = to_timestamp(datetime(2026, 3, 1, 12, tzinfo=UTC))


class Park:
    """Devices that record what they are told; those in ``away`` cannot be reached."""

    def __init__(self, *, away: Sequence[str] = ()) -> None:
        self.away = away
        self.told: dict[str, list[str]] = {}
        self.calls = 0

    async def record(self, device_id: str, reports: Sequence[Report]) -> list[Verdict]:
        self.calls += 1
        if device_id in self.away:
            raise DeviceUnreachable("UNAVAILABLE: no actor host")
        told = self.told.setdefault(device_id, [])
        told += [report.report_id for report in reports]
        return [
            Verdict(report_id=report.report_id, outcome=Verdict.OUTCOME_RECORDED)
            for report in reports
        ]


def contact(report_id: str, device: str = "SN-1", network: str = "north") -> Report:
    return Report(
        report_id=report_id,
        network=network,
        device_identifier=device,
        received_time=NOON,
        contact=Contact(),
    )


async def test_verdicts_come_in_the_order_of_the_reports() -> None:
    park = Park()
    reports = [contact("r1", "SN-2"), contact("r2", "SN-1"), contact("r3", "SN-2")]
    verdicts = await ReportsDoor(park, ReportsFirst()).record(reports)
    assert [verdict.report_id for verdict in verdicts] == ["r1", "r2", "r3"]
    assert park.told == {"north/SN-2": ["r1", "r3"], "north/SN-1": ["r2"]}
    assert park.calls == 2


async def test_a_refused_report_never_fails_its_neighbours() -> None:
    park = Park()
    reports = [contact("r1"), contact("r2", device="a/b"), contact("", "SN-3"), contact("r4")]
    outcomes = [
        verdict.outcome for verdict in await ReportsDoor(park, ReportsFirst()).record(reports)
    ]
    refused, recorded = Verdict.OUTCOME_REFUSED, Verdict.OUTCOME_RECORDED
    assert outcomes == [recorded, refused, refused, recorded]
    assert park.told == {"north/SN-1": ["r1", "r4"]}


async def test_a_device_that_cannot_be_reached_postpones_its_own_reports_only() -> None:
    park = Park(away=["north/SN-2"])
    verdicts = await ReportsDoor(park, ReportsFirst()).record(
        [contact("r1"), contact("r2", "SN-2")]
    )
    assert [verdict.outcome for verdict in verdicts] == [
        Verdict.OUTCOME_RECORDED,
        Verdict.OUTCOME_POSTPONED,
    ]
    assert "no actor host" in verdicts[1].detail


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"network": "North"}, "network"),
        ({"network": ""}, "network"),
        ({"device_identifier": ""}, "device_identifier"),
        ({"device_identifier": " SN-1"}, "device_identifier"),
        ({"device_identifier": "SN\x00"}, "device_identifier"),
        ({"device_identifier": "x" * 129}, "device_identifier"),
        ({"report_id": "a b"}, "report_id"),
        ({"contact": None}, "content"),
        ({"received_time": None}, "received_time"),
    ],
)
async def test_a_malformed_report_is_refused_with_what_is_wrong(
    change: dict[str, object], what: str
) -> None:
    report = contact("r1")
    for field, value in change.items():
        report.ClearField(field)  # type: ignore[arg-type]
        if value is not None:
            setattr(report, field, value)
    [verdict] = await ReportsDoor(Park(), ReportsFirst()).record([report])
    assert verdict.outcome == Verdict.OUTCOME_REFUSED
    assert verdict.detail.startswith(what)


async def test_a_report_that_is_too_large_for_the_journal_is_refused() -> None:
    report = contact("r1")
    report.event.details["note"] = "x" * 40_000
    [verdict] = await ReportsDoor(Park(), ReportsFirst()).record([report])
    assert verdict.outcome == Verdict.OUTCOME_REFUSED
    assert "32768 are allowed" in verdict.detail


async def test_an_empty_batch_and_one_that_is_too_large_are_refused_as_a_whole() -> None:
    with pytest.raises(CallRefused) as empty:
        await ReportsDoor(Park(), ReportsFirst()).record([])
    assert empty.value.reason == ErrorReason.ERROR_REASON_ARGUMENT_INVALID
    with pytest.raises(CallRefused) as large:
        await ReportsDoor(Park(), ReportsFirst()).record([contact("r")] * (BATCH_LIMIT + 1))
    assert large.value.reason == ErrorReason.ERROR_REASON_BATCH_TOO_LARGE


reports = st.builds(
    contact,
    st.text(alphabet="ab /", max_size=3),
    st.sampled_from(["SN-1", "SN-2", "SN-3", "a/b", ""]),
    st.sampled_from(["north", "NORTH", "south"]),
)


@given(st.lists(reports, min_size=1, max_size=30))
async def test_every_report_has_exactly_one_verdict_with_its_id(batch: list[Report]) -> None:
    park = Park(away=["south/SN-3"])
    verdicts = await ReportsDoor(park, ReportsFirst()).record(batch)
    assert [verdict.report_id for verdict in verdicts] == [report.report_id for report in batch]
    assert all(verdict.outcome != Verdict.OUTCOME_UNSPECIFIED for verdict in verdicts)
    recorded = [v.report_id for v in verdicts if v.outcome == Verdict.OUTCOME_RECORDED]
    assert sorted(recorded) == sorted(one for told in park.told.values() for one in told)
