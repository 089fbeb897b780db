"""``meterpark rollout`` and ``meterpark quality``: the park day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.protobuf.message import Message
from meterpark.smoc.v1.device_service_pb2 import (
    CommunicationDay,
    GetCommunicationQualityRequest,
    GetRolloutRequest,
    RolloutDay,
)
from rich.table import Table

from meterpark_cli.failures import ExitCode
from meterpark_cli.moments import read_moment
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import open_park
from meterpark_cli.showing.documents import document_of, print_document
from meterpark_cli.showing.rendering import (
    NOTHING,
    console,
    note,
    now_here,
    plain_table,
    show,
    words,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysAsked:
    """The command's options: days or ages, and conditions on devices."""

    start: str
    # Empty: today.
    end: str
    networks: Sequence[str] | None
    areas: Sequence[str] | None
    by_area: bool

    def fields(self, now: datetime) -> dict[str, Any]:
        """Return the fields that both requests have; raise WrongUsage for an invalid day."""
        return {
            "start_date": _day(self.start, "--from", now),
            "end_date": _day(self.end, "--to", now) if self.end else _day_of(now),
            "networks": self.networks,
            "areas": self.areas,
            "by_area": self.by_area,
        }


async def show_rollout(asking: Asking, asked: DaysAsked) -> ExitCode:
    request = GetRolloutRequest(**asked.fields(now_here()))
    async with open_park(asking) as park:
        answer = await park.register.ask(park.register.calls.GetRollout, request)
    return _answer(asking, answer, rollout_table(answer.days, by_area=asked.by_area))


async def show_quality(asking: Asking, asked: DaysAsked) -> ExitCode:
    request = GetCommunicationQualityRequest(**asked.fields(now_here()))
    async with open_park(asking) as park:
        answer = await park.register.ask(park.register.calls.GetCommunicationQuality, request)
    return _answer(asking, answer, quality_table(answer.days, by_area=asked.by_area))


def rollout_table(days: Sequence[RolloutDay], *, by_area: bool) -> Table:
    """Return a row per day, or per day and area."""
    counted = ("INSTALLED", "DISCOVERED", "IN OPERATION")
    table = plain_table("DAY", *(["AREA"] if by_area else []), *counted, right=counted)
    for day in days:
        numbers = (day.installed, day.discovered, day.taken_into_operation)
        table.add_row(*_head(day, by_area=by_area), *(f"{number:,}" for number in numbers))
    return table


def quality_table(days: Sequence[CommunicationDay], *, by_area: bool) -> Table:
    """Return a row per day, or per day and area."""
    counted = ("IN SERVICE", "HEARD", "SHARE")
    table = plain_table("DAY", *(["AREA"] if by_area else []), *counted, right=counted)
    for day in days:
        share = day.devices_heard / day.devices_in_service if day.devices_in_service else 0.0
        table.add_row(
            *_head(day, by_area=by_area),
            f"{day.devices_in_service:,}",
            f"{day.devices_heard:,}",
            f"{share:.1%}",
        )
    return table


def _head(day: RolloutDay | CommunicationDay, *, by_area: bool) -> list[Any]:
    return [day.date, *([words(day.area or NOTHING)] if by_area else [])]


def _answer(asking: Asking, answer: Message, table: Table) -> ExitCode:
    if asking.as_json:
        print_document(document_of(answer))
    elif table.row_count:
        show(console(), table)
    else:
        note("nothing happened on these days")
    return ExitCode.FINE


def _day(text: str, option: str, now: datetime) -> str:
    # A day by itself is one of UTC already.
    if len(text) == len("2026-11-21"):
        return read_moment(text, option, now).date().isoformat()
    return _day_of(read_moment(text, option, now))


def _day_of(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()
