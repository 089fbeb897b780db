"""The alarm load, as the schema shows it."""

from datetime import date, datetime

import strawberry
from meterpark.smoc.v1 import alarm_service_pb2 as wire

from bff.graph.alarms.alarm import AlarmSeverity
from bff.graph.asking.context import Info
from bff.graph.fields import enum_of, time_of


@strawberry.type(description="How many alarms of one severity were opened.")
class SeverityCount:
    severity: AlarmSeverity | None
    alarm_count: int


@strawberry.type(description="The alarms that were opened on one day (UTC).")
class AlarmLoadDay:
    date: date
    counts: list[SeverityCount] = strawberry.field(
        description="The worst first; a severity of which no alarm was opened is left out."
    )
    peak_count: int = strawberry.field(description="In the busiest block of ten minutes.")
    peak_at: datetime | None = strawberry.field(
        description="When that block began; null on a day without alarms."
    )


@strawberry.type(description="Alarms of one rule and one device, or area.")
class FrequentAlarm:
    network: str
    device_id: strawberry.ID | None = strawberry.field(description="Null: the alarm of an area.")
    area: str | None
    rule: str
    alarm_count: int
    chattering: bool


@strawberry.type(description="The alarm load of people, as ISA-18.2 and EEMUA 191 measure it.")
class AlarmLoad:
    days: list[AlarmLoadDay] = strawberry.field(description="One for each day, in order.")
    frequent: list[FrequentAlarm] = strawberry.field(
        description="What was opened most often, twice or more: at most ten, the most frequent first."
    )
    chattering_count: int = strawberry.field(
        description="Alarms that were opened three times or more within a block of ten minutes."
    )
    stale_count: int = strawberry.field(
        description="Alarms that stand for longer than 24 hours now; counted up to 10,000."
    )
    as_of: datetime | None


@strawberry.input(
    description="Days, both included, at most 92; null or an empty list is all that the viewer sees."
)
class AlarmLoadInput:
    start: date
    end: date
    networks: list[str] | None = None


async def alarm_load(info: Info, days: AlarmLoadInput) -> AlarmLoad:
    """How many alarms were opened, day by day, and which most often."""
    asking = info.context.asking
    told = await asking.ask(
        asking.register.alarms.GetAlarmLoad,
        wire.GetAlarmLoadRequest(
            networks=days.networks,
            start_date=days.start.isoformat(),
            end_date=days.end.isoformat(),
        ),
    )
    return AlarmLoad(
        days=list(map(_day_of, told.days)),
        frequent=list(map(_frequent_of, told.frequent)),
        chattering_count=told.chattering_count,
        stale_count=told.stale_count,
        as_of=time_of(told, "as_of_time"),
    )


def _day_of(told: wire.AlarmLoadDay) -> AlarmLoadDay:
    return AlarmLoadDay(
        date=date.fromisoformat(told.date),
        counts=[
            SeverityCount(
                severity=enum_of(AlarmSeverity, each.severity), alarm_count=each.alarm_count
            )
            for each in told.counts
        ],
        peak_count=told.peak_count,
        peak_at=time_of(told, "peak_time"),
    )


def _frequent_of(told: wire.FrequentAlarm) -> FrequentAlarm:
    return FrequentAlarm(
        network=told.network,
        device_id=strawberry.ID(told.device_id) if told.device_id else None,
        area=told.area or None,
        rule=told.rule,
        alarm_count=told.alarm_count,
        chattering=told.chattering,
    )
