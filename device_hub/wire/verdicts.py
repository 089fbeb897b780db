"""The sender's verdict on a report: how its turn ended, or why it could not be taken. The same at every door."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, assert_never

import structlog
from meterpark.device_hub.v1.device_hub_service_pb2 import Verdict
from meterpark.device_hub.v1.report_pb2 import Report
from pymongo.errors import PyMongoError

from device_hub.device.commands import Command
from device_hub.device.joins.joining import Moved
from device_hub.device.refusal import Refused
from device_hub.device.rules import Rules
from device_hub.journal.newer import WrittenByNewerHub
from device_hub.turns.history import (
    CommitRefused,
    History,
    Memory,
)
from device_hub.turns.turn import (
    Ask,
    DecisionFailed,
    Done,
    Ending,
    HistoryUnsettled,
    Outcome,
    Turns,
    recall,
)
from device_hub.turns.within_time import TimeIsUp
from device_hub.wire.reports import (
    TimeOutOfRange,
    decision_failed,
    document_refused,
    refused_by_device,
    time_invalid,
    to_origin,
)

log = structlog.get_logger()

_OUTCOMES: Final = {
    Outcome.RECORDED: Verdict.OUTCOME_RECORDED,
    Outcome.UNCHANGED: Verdict.OUTCOME_UNCHANGED,
}
# A turn that ends in one of these was not taken, or its result is unknown: the report must be sent again.
TROUBLE: Final = (HistoryUnsettled, PyMongoError, TimeIsUp, WrittenByNewerHub)
# Reports that are translated between two breaths of the event loop: a few milliseconds.
_AT_A_TIME: Final = 32


async def record(
    history: History,
    memory: Memory | None,
    device_id: str,
    reports: Sequence[Report],
    *,
    command_of: Callable[[Report], Command],
    rules: Rules,
) -> tuple[Memory | None, list[Verdict]]:
    """Give one device its reports, in order. Return what to remember of it, and one verdict each.

    ``memory``: None, when nothing is remembered. Behind a report that has to be postponed the others wait too, unless
    they took effect before: they would meet the same trouble, out of order.
    """
    verdicts: dict[int, Verdict] = {}
    asks: dict[int, Ask] = {}
    for index, report in enumerate(reports):
        if index % _AT_A_TIME == _AT_A_TIME - 1:
            await asyncio.sleep(0)
        try:
            asks[index] = Ask(
                report_id=report.report_id, command=command_of(report), origin=to_origin(report)
            )
        except TimeOutOfRange as error:
            verdicts[index] = time_invalid(report, error)
        except Refused as refused:
            # A word that this hub does not know. Sending the report again does not help.
            verdicts[index] = refused_by_device(report, refused)
    endings: Sequence[Ending | None] = [None] * len(asks)
    trouble = ""
    try:
        if memory is None:
            memory = await recall(history, device_id)
        turns = Turns(
            history, memory, device_id=device_id, reports=list(asks.values()), rules=rules
        )
        try:
            await turns.take()
        finally:
            memory, endings = turns.memory, turns.endings
    except TROUBLE as error:
        trouble = told(error)
        if isinstance(error, WrittenByNewerHub):
            log.warning("left to a newer version of the hub", device_id=device_id, why=str(error))
    for index, ending in zip(asks, endings, strict=True):
        verdicts[index] = _verdict_on(reports[index], ending, trouble)
    return memory, [verdicts[index] for index in range(len(reports))]


def _verdict_on(report: Report, ending: Ending | None, trouble: str) -> Verdict:
    match ending:
        case Done(outcome=outcome, revision=revision):
            return verdict_of(report.report_id, outcome, revision)
        case Moved(into=into):
            moved = postponed(report.report_id, ending.detail)
            moved.device_id = into
            return moved
        case Refused():
            return refused_by_device(report, ending)
        case CommitRefused():
            return document_refused(report, ending)
        case DecisionFailed():
            log.error(
                "a report ended in a defect",
                report_id=report.report_id,
                message_id=report.origin.message_id,
                exc_info=ending,
            )
            return decision_failed(report, ending)
        case None:
            return postponed(report.report_id, trouble)
        case _:
            assert_never(ending)


def verdict_of(report_id: str, outcome: Outcome, revision: int) -> Verdict:
    return Verdict(report_id=report_id, outcome=_OUTCOMES[outcome], revision=revision)


def postponed(report_id: str, detail: str) -> Verdict:
    return Verdict(report_id=report_id, outcome=Verdict.OUTCOME_POSTPONED, detail=detail)


def told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
