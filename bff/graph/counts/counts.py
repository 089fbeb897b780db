"""How many devices are how."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Annotated, Final

import strawberry
from meterpark.smoc.v1 import device_service_pb2 as wire

from bff.failures import argument_invalid
from bff.graph.asking.context import Info
from bff.graph.devices.device import Device
from bff.graph.devices.filter import DeviceFilterInput, filter_to_wire
from bff.graph.devices.timeline import TimelineEntry, entry_of
from bff.graph.fields import time_of

USUAL_VALUES: Final = 50
MOST_VALUES: Final = 200


@strawberry.enum(description="What devices are counted by.")
class Dimension(Enum):
    LIFECYCLE = "lifecycle"
    POWER = "power"
    SWITCH = "switch"
    COMMUNICATION = "communication"
    TAMPER = "tamper"
    FIRMWARE = "firmware"
    NETWORK = "network"
    MODEL = "model"
    MANUFACTURER = "manufacturer"
    COMMUNICATION_TECHNOLOGY = "communication_technology"
    FIRMWARE_VERSION = "firmware_version"
    AREA = "area"
    TAG = "tag"
    MARKED_FOR_EXCHANGE = "marked_for_exchange"


@strawberry.type(description="How many devices show one value of one dimension.")
class DimensionCount:
    dimension: Dimension | None
    value: str
    device_count: int


@strawberry.type(description="How many devices fit a filter, by the values of dimensions.")
class DeviceCounts:
    total_count: int
    counts: list[DimensionCount] = strawberry.field(description="Of each dimension, largest first.")
    cut_dimensions: list[Dimension] = strawberry.field(
        description="Dimensions that have more values than are returned."
    )


@strawberry.type(description="One of the newest changes in the park.")
class ParkChange:
    device_id: strawberry.ID
    serial_number: str | None
    entry: TimelineEntry

    @strawberry.field
    async def device(self, info: Info) -> Device | None:
        found: Device | None = await info.context.load.device(self.device_id)
        return found


@strawberry.type(description="The park in numbers, limited to what the viewer may see.")
class ParkSummary:
    device_count: int
    counts: list[DimensionCount] = strawberry.field(description="Of each dimension, largest first.")
    cut_dimensions: list[Dimension]
    changes: list[ParkChange] = strawberry.field(description="Newest first.")
    as_of: datetime | None


ValuesArgument = Annotated[
    int,
    strawberry.argument(
        description=f"Of each dimension that many values, the largest; at most {MOST_VALUES}."
    ),
]


async def device_counts(
    info: Info,
    filter: DeviceFilterInput | None = None,  # noqa: A002 - the argument's name in the schema
    dimensions: list[Dimension] | None = None,
    values: ValuesArgument = USUAL_VALUES,
) -> DeviceCounts:
    """How many devices fit a filter, by the values of dimensions; without any, just how many."""
    check_values(values)
    asking = info.context.asking
    answer = await asking.ask(
        asking.register.devices.CountDevices,
        wire.CountDevicesRequest(filter=filter_to_wire(filter), dimensions=_words(dimensions)),
    )
    counts, cut = counts_of(answer, values)
    return DeviceCounts(total_count=answer.total_size, counts=counts, cut_dimensions=cut)


async def park_summary(
    info: Info,
    dimensions: list[Dimension] | None = None,
    values: ValuesArgument = USUAL_VALUES,
    changes: int = 0,
) -> ParkSummary:
    """The park in numbers, and up to 100 of the newest changes; without dimensions by the facets."""
    check_values(values)
    asking = info.context.asking
    answer = await asking.ask(
        asking.register.devices.GetParkSummary,
        wire.GetParkSummaryRequest(change_count=changes, dimensions=_words(dimensions)),
    )
    return summary_of(answer, values)


def summary_of(told: wire.GetParkSummaryResponse, values: int) -> ParkSummary:
    counts, cut = counts_of(told, values)
    return ParkSummary(
        device_count=told.device_count,
        counts=counts,
        cut_dimensions=cut,
        changes=[
            ParkChange(
                device_id=strawberry.ID(change.device_id),
                serial_number=change.serial_number or None,
                entry=entry_of(change.entry),
            )
            for change in told.changes
        ],
        as_of=time_of(told, "as_of_time"),
    )


def counts_of(
    told: wire.CountDevicesResponse | wire.GetParkSummaryResponse, values: int
) -> tuple[list[DimensionCount], list[Dimension]]:
    """Return the largest ``values`` of each dimension, and the dimensions that have more."""
    seen: Counter[str] = Counter()
    cut = set(told.cut_dimensions)
    counts = []
    for count in told.counts:
        seen[count.facet] += 1
        if seen[count.facet] > values:
            cut.add(count.facet)
            continue
        counts.append(
            DimensionCount(
                dimension=_dimension(count.facet),
                value=count.value,
                device_count=count.device_count,
            )
        )
    return counts, [known for name in sorted(cut) if (known := _dimension(name)) is not None]


def check_values(values: int) -> None:
    if not 1 <= values <= MOST_VALUES:
        raise argument_invalid("values", f"from 1 to {MOST_VALUES}")


def _words(dimensions: Iterable[Dimension] | None) -> list[str]:
    return [dimension.value for dimension in dimensions or ()]


def _dimension(name: str) -> Dimension | None:
    """Return the word; None for a dimension that a newer register has and this schema has not."""
    try:
        return Dimension(name)
    except ValueError:
        return None
