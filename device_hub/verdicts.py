"""What the sender is told about a report: how a turn ended, or why it could not be taken. The same at every door."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Report
from pymongo.errors import PyMongoError

from device_hub.device.refusal import Refused
from device_hub.group_commit import DocumentRefused
from device_hub.turn import HistoryUnsettled, Outcome, Taken
from device_hub.wire import TimeOutOfRange, document_refused, refused_by_device, time_invalid

_OUTCOMES: Final = {
    Outcome.RECORDED: Verdict.OUTCOME_RECORDED,
    Outcome.UNCHANGED: Verdict.OUTCOME_UNCHANGED,
}
# A turn that ends in one of these was not taken, or nobody knows: the report is to be sent again.
TROUBLE: Final = (HistoryUnsettled, PyMongoError)


async def in_order(
    reports: Sequence[Report], record: Callable[[Report], Awaitable[Verdict]]
) -> list[Verdict]:
    """Give one device its reports, one after the other; returns one verdict each."""
    verdicts: list[Verdict] = []
    for report in reports:
        # Behind a postponed report the others wait too: they would meet the same trouble, out of order.
        if verdicts and verdicts[-1].outcome == Verdict.OUTCOME_POSTPONED:
            verdicts.append(postponed(report.report_id, verdicts[-1].detail))
        else:
            verdicts.append(await record(report))
    return verdicts


async def verdict_on(report: Report, take: Callable[[], Awaitable[Taken]]) -> Verdict:
    """Return the verdict on ``report``, whose turn ``take`` takes."""
    try:
        return verdict_of(report.report_id, await take())
    except Refused as refused:
        return refused_by_device(report, refused)
    except TimeOutOfRange as error:
        return time_invalid(report, error)
    except DocumentRefused as error:
        return document_refused(report, error)
    except TROUBLE as error:
        return postponed(report.report_id, told(error))


def verdict_of(report_id: str, taken: Taken) -> Verdict:
    return Verdict(report_id=report_id, outcome=_OUTCOMES[taken.outcome], revision=taken.revision)


def postponed(report_id: str, detail: str) -> Verdict:
    return Verdict(report_id=report_id, outcome=Verdict.OUTCOME_POSTPONED, detail=detail)


def told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
