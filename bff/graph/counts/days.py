"""The park day by day: how the rollout went, how well devices were heard."""

from datetime import date

import strawberry
from meterpark.smoc.v1 import device_service_pb2 as wire

from bff.graph.asking.context import Info


@strawberry.type(description="Devices that reached each step on this day (UTC) for the first time.")
class RolloutDay:
    date: date
    area: str | None
    installed: int
    discovered: int
    taken_into_operation: int


@strawberry.type(
    description="Devices in service, and those of them that were heard of on this day (UTC)."
)
class CommunicationDay:
    date: date
    area: str | None
    devices_in_service: int
    devices_heard: int


@strawberry.input(
    description="Days, both included, at most 400; null or empty lists are all that the viewer sees."
)
class DaysInput:
    start: date
    end: date
    networks: list[str] | None = None
    areas: list[str] | None = None
    by_area: bool = strawberry.field(
        default=False, description="One line per day and area, instead of one per day."
    )


async def rollout(info: Info, days: DaysInput) -> list[RolloutDay]:
    """How the rollout went, in order of day and area; days on which nothing happened are left out."""
    asking = info.context.asking
    answer = await asking.ask(
        asking.register.devices.GetRollout,
        wire.GetRolloutRequest(
            networks=days.networks,
            areas=days.areas,
            start_date=days.start.isoformat(),
            end_date=days.end.isoformat(),
            by_area=days.by_area,
        ),
    )
    return [
        RolloutDay(
            date=date.fromisoformat(day.date),
            area=day.area or None,
            installed=day.installed,
            discovered=day.discovered,
            taken_into_operation=day.taken_into_operation,
        )
        for day in answer.days
    ]


async def communication_quality(info: Info, days: DaysInput) -> list[CommunicationDay]:
    """How well the devices in service were heard, in order of day and area."""
    asking = info.context.asking
    answer = await asking.ask(
        asking.register.devices.GetCommunicationQuality,
        wire.GetCommunicationQualityRequest(
            networks=days.networks,
            areas=days.areas,
            start_date=days.start.isoformat(),
            end_date=days.end.isoformat(),
            by_area=days.by_area,
        ),
    )
    return [
        CommunicationDay(
            date=date.fromisoformat(day.date),
            area=day.area or None,
            devices_in_service=day.devices_in_service,
            devices_heard=day.devices_heard,
        )
        for day in answer.days
    ]
