"""An alarm, as the schema shows it, and asking for alarms."""

from datetime import datetime
from enum import Enum
from typing import Annotated, Any, ForwardRef

import strawberry
from meterpark.smoc.v1 import alarm_service_pb2 as wire

from bff.graph.asking.asking import RegisterAsking
from bff.graph.asking.context import Info
from bff.graph.asking.pages import USUAL_PAGE, Connection, read_connection
from bff.graph.fields import Named, described, enum_of, time_of
from bff.graph.viewer import may_change

# By name: a device has alarms, so its type is not known here yet.
_DEVICE: Any = Annotated[ForwardRef("Device"), strawberry.lazy("bff.graph.devices.device")] | None


@strawberry.enum
class AlarmState(Enum):
    OPEN = wire.ALARM_STATE_OPEN
    ACKNOWLEDGED = wire.ALARM_STATE_ACKNOWLEDGED
    ASSIGNED = wire.ALARM_STATE_ASSIGNED
    RESOLVED = wire.ALARM_STATE_RESOLVED
    WAITING = strawberry.enum_value(
        wire.ALARM_STATE_WAITING,
        description="Not listed: its cause has not lasted long enough, or an area's alarm represents it (`partOf`).",
    )


@strawberry.enum
class AlarmSeverity(Enum):
    INFO = wire.ALARM_SEVERITY_INFO
    WARNING = wire.ALARM_SEVERITY_WARNING
    MAJOR = wire.ALARM_SEVERITY_MAJOR
    CRITICAL = wire.ALARM_SEVERITY_CRITICAL


@strawberry.type(description="One entry of an alarm's history.")
class AlarmEntry:
    at: datetime | None
    deed: str = strawberry.field(
        description="OPENED ACKNOWLEDGED ASSIGNED COMMENTED SNOOZED WOKEN JOINED PARTED CAUSE_OVER CAUSE_BACK RESOLVED"
    )
    username: str | None = strawberry.field(description="Null when a rule did it.")
    detail: str | None = strawberry.field(
        description="The assignee, the end of the snooze, the other alarm, or the reason: depends on `deed`."
    )
    comment: str | None


@strawberry.type(
    description="What the viewer's roles and the alarm's state allow: a hint for pages. The register decides."
)
class AlarmViewerCan:
    acknowledge: bool
    assign: bool
    comment: bool
    snooze: bool
    resolve: bool


@strawberry.type(description="How many devices one look at an area counted.")
class AffectedCount:
    at: datetime | None
    device_count: int


@strawberry.type(
    description="The devices of an area for which its alarm stands: those of which `facet` has one of `values`."
)
class AffectedDevices:
    facet: str = strawberry.field(description="As the register calls it, e.g. power.")
    values: list[str]
    device_count: int = strawberry.field(description="How many there are now.")
    area_device_count: int = strawberry.field(description="Devices of the area, affected or not.")
    earlier: list[AffectedCount] = strawberry.field(
        description="What earlier looks counted, oldest first: at most 12, some minutes apart."
    )


@strawberry.federation.type(keys=["alarmId"], description="A condition that needs attention.")
class Alarm:
    alarm_id: strawberry.ID
    version: int = strawberry.field(
        description="Rises with every change, and when the register is to look at the alarm again."
    )
    rule: str
    category: str
    severity: AlarmSeverity | None
    state: AlarmState | None
    network: str
    device_id: strawberry.ID | None = strawberry.field(
        description="Null when the alarm concerns a whole area."
    )
    area: str | None
    summary: str
    since: datetime | None = strawberry.field(description="When the cause began.")
    opened_at: datetime | None
    resolved_at: datetime | None
    assignee: str | None
    snoozed_until: datetime | None = strawberry.field(
        description="Present while the alarm is snoozed."
    )
    cause_over: bool
    part_of: strawberry.ID | None = strawberry.field(
        description="The area's alarm that represents this one."
    )
    affected: AffectedDevices | None = strawberry.field(
        description="Of an area's alarm that is not resolved; null in streams, and while the search is loaded."
    )
    # None: the answer that this alarm came in holds no history.
    told_history: strawberry.Private[list[AlarmEntry] | None]

    @described
    async def history(self, info: Info) -> list[AlarmEntry]:
        """Oldest first, at most 301 entries."""
        if self.told_history is None:
            found = await read_alarm(info.context.asking, self.alarm_id)
            return found.told_history or []
        return self.told_history

    async def _device(self, info: Info) -> Any:
        return await info.context.load.device(self.device_id) if self.device_id else None

    device = strawberry.field(resolver=_device, graphql_type=_DEVICE)

    @strawberry.field
    def viewer_can(self, info: Info) -> AlarmViewerCan:
        changes = may_change(info)
        works = changes and self.state not in (AlarmState.RESOLVED, AlarmState.WAITING)
        return AlarmViewerCan(
            acknowledge=works and self.state is AlarmState.OPEN,
            assign=works,
            comment=changes,
            snooze=works,
            resolve=works,
        )

    @classmethod
    async def resolve_reference(
        cls,
        info: Info,
        alarmId: str,  # noqa: N803 - strawberry gives keys by their names in the schema
    ) -> "Alarm | None":
        return await info.context.none_if_unknown(read_alarm(info.context.asking, alarmId))


def alarm_of(told: wire.Alarm) -> Alarm:
    """Return an alarm of a list or stream, which comes without history."""
    return Alarm(
        alarm_id=strawberry.ID(told.alarm_id),
        version=told.version,
        rule=told.rule,
        category=told.category,
        severity=enum_of(AlarmSeverity, told.severity),
        state=enum_of(AlarmState, told.state),
        network=told.network,
        device_id=strawberry.ID(told.device_id) if told.device_id else None,
        area=told.area or None,
        summary=told.summary,
        since=time_of(told, "since_time"),
        opened_at=time_of(told, "open_time"),
        resolved_at=time_of(told, "resolve_time"),
        assignee=told.assignee or None,
        snoozed_until=time_of(told, "snooze_until_time"),
        cause_over=told.cause_over,
        part_of=strawberry.ID(told.part_of) if told.part_of else None,
        affected=_affected_of(told.affected) if told.HasField("affected") else None,
        told_history=[_entry_of(entry) for entry in told.history] or None,
    )


def _affected_of(told: wire.AffectedDevices) -> AffectedDevices:
    return AffectedDevices(
        facet=told.facet,
        values=list(told.values),
        device_count=told.device_count,
        area_device_count=told.area_device_count,
        earlier=[
            AffectedCount(at=time_of(each, "time"), device_count=each.device_count)
            for each in told.earlier
        ],
    )


def _entry_of(told: wire.AlarmEntry) -> AlarmEntry:
    return AlarmEntry(
        at=time_of(told, "time"),
        deed=told.deed,
        username=told.username or None,
        detail=told.detail or None,
        comment=told.comment or None,
    )


@strawberry.type(description="How many alarms of a list have one severity.")
class StandingAlarms:
    severity: AlarmSeverity | None
    alarm_count: int = strawberry.field(description="Counted up to 1,000.")
    oldest_opened_at: datetime | None = strawberry.field(
        description="When the oldest of them was opened; null when there is none."
    )


@strawberry.input(
    description='Conditions are combined with "and", values in a list with "or". An empty list or null is no condition.'
)
class AlarmFilterInput:
    networks: list[str] | None = None
    states: list[AlarmState] | None = strawberry.field(
        default=None, description="Null: OPEN, ACKNOWLEDGED and ASSIGNED."
    )
    severities: list[AlarmSeverity] | None = None
    categories: list[str] | None = None
    rules: list[str] | None = None
    device_id: strawberry.ID | None = None
    areas: list[str] | None = None
    assignees: list[str] | None = None
    with_snoozed: bool = strawberry.field(default=False, description="Include snoozed alarms.")

    def to_wire(self) -> wire.AlarmFilter:
        return wire.AlarmFilter(
            networks=self.networks,
            states=[state.value for state in self.states or ()],
            severities=[severity.value for severity in self.severities or ()],
            categories=self.categories,
            rules=self.rules,
            device_id=self.device_id or "",
            areas=self.areas,
            assignees=self.assignees,
            with_snoozed=self.with_snoozed,
        )


@strawberry.type(description="As AlarmFilterInput; empty lists and nulls are no condition.")
class AlarmFilter:
    networks: list[str]
    states: list[AlarmState]
    severities: list[AlarmSeverity]
    categories: list[str]
    rules: list[str]
    device_id: strawberry.ID | None
    areas: list[str]
    assignees: list[str]
    with_snoozed: bool


def alarm_filter_of(told: wire.AlarmFilter) -> AlarmFilter:
    states = [enum_of(AlarmState, each) for each in told.states]
    severities = [enum_of(AlarmSeverity, each) for each in told.severities]
    return AlarmFilter(
        networks=list(told.networks),
        states=[each for each in states if each is not None],
        severities=[each for each in severities if each is not None],
        categories=list(told.categories),
        rules=list(told.rules),
        device_id=strawberry.ID(told.device_id) if told.device_id else None,
        areas=list(told.areas),
        assignees=list(told.assignees),
        with_snoozed=told.with_snoozed,
    )


async def read_alarm(asking: RegisterAsking, alarm_id: str) -> Alarm:
    answer = await asking.ask(
        asking.register.alarms.GetAlarm, wire.GetAlarmRequest(alarm_id=alarm_id)
    )
    return alarm_of(answer.alarm)


async def alarm_counts(
    info: Info,
    filter: AlarmFilterInput | None = None,  # noqa: A002 - the argument's name in the schema
) -> list[StandingAlarms]:
    """How many alarms fit a filter, by severity, the worst first."""
    asking = info.context.asking
    answer = await asking.ask(
        asking.register.alarms.ListAlarms,
        wire.ListAlarmsRequest(
            filter=filter.to_wire() if filter else None, page_size=1, with_counts=True
        ),
    )
    return [
        StandingAlarms(
            severity=enum_of(AlarmSeverity, each.severity),
            alarm_count=each.alarm_count,
            oldest_opened_at=time_of(each, "oldest_open_time"),
        )
        for each in answer.counts
    ]


async def read_alarms(
    asking: RegisterAsking, wanted: wire.AlarmFilter | None, *, first: int, after: str | None
) -> Connection[Alarm]:
    return await read_connection(
        asking,
        asking.register.alarms.ListAlarms,
        wire.ListAlarmsRequest(filter=wanted),
        "alarms",
        alarm_of,
        first=first,
        after=after,
    )


async def alarm(info: Info, alarm_id: Named) -> Alarm | None:
    """One alarm with its history; null when there is none of this name."""
    return await info.context.none_if_unknown(read_alarm(info.context.asking, alarm_id))


async def alarms(
    info: Info,
    filter: AlarmFilterInput | None = None,  # noqa: A002 - the argument's name in the schema
    first: int = USUAL_PAGE,
    after: str | None = None,
) -> Connection[Alarm]:
    """Alarms, newest first."""
    wanted = filter.to_wire() if filter else None
    return await read_alarms(info.context.asking, wanted, first=first, after=after)
