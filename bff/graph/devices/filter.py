"""Which devices, and in which order."""

from datetime import datetime
from enum import Enum

import strawberry
from meterpark.smoc.v1.device_service_pb2 import DeviceFilter, FacetAge, GeoBox, TimeRange

from bff.failures import argument_invalid
from bff.graph.fields import stamp_of

_MOST_KEYS = 4


@strawberry.enum(name="FacetName", description="An aspect of a device.")
class FacetName(Enum):
    LIFECYCLE = "lifecycle"
    POWER = "power"
    SWITCH = "switch"
    COMMUNICATION = "communication"
    TAMPER = "tamper"
    FIRMWARE = "firmware"


@strawberry.input(description="From `start` (inclusive) to `end` (exclusive); null is no limit.")
class TimeRangeInput:
    start: datetime | None = None
    end: datetime | None = None

    def to_wire(self, field: str) -> TimeRange:
        return TimeRange(
            start_time=stamp_of(self.start, f"{field}.start"),
            end_time=stamp_of(self.end, f"{field}.end"),
        )


@strawberry.input(
    description='Since when a facet has its value. "For at least three days" is an `end` three days ago.'
)
class FacetAgeInput:
    facet: FacetName
    since: TimeRangeInput


@strawberry.input(
    description="""A part of the map in degrees (WGS 84): from north and west (inclusive) to south and east (exclusive).
Where it lies across the 180th meridian, east is less than west."""
)
class GeoBoxInput:
    south: float
    west: float
    north: float
    east: float

    def to_wire(self) -> GeoBox:
        return GeoBox(south=self.south, west=self.west, north=self.north, east=self.east)


@strawberry.input(
    description='Conditions are combined with "and", values in a list with "or". An empty list or null is no condition.'
)
class DeviceFilterInput:
    networks: list[str] | None = None
    lifecycles: list[str] | None = None
    powers: list[str] | None = None
    switches: list[str] | None = None
    communications: list[str] | None = None
    tampers: list[str] | None = None
    firmwares: list[str] | None = None
    models: list[str] | None = None
    manufacturers: list[str] | None = None
    communication_technologies: list[str] | None = None
    firmware_versions: list[str] | None = None
    usage_points: list[str] | None = None
    parents: list[str] | None = strawberry.field(
        default=None,
        description="Devices behind any of these: identifiers within their network.",
    )
    areas: list[str] | None = None
    tags: list[str] | None = strawberry.field(
        default=None, description="Devices that carry any of these."
    )
    text_beginning: str | None = strawberry.field(
        default=None,
        description="Beginning of a serial number, device identifier or any other name; capital or small letters.",
    )
    text_ending: str | None = None
    marked_for_exchange: bool | None = None
    facet_ages: list[FacetAgeInput] | None = None
    last_contact: TimeRangeInput | None = None
    never_contacted: bool | None = None
    box: GeoBoxInput | None = strawberry.field(
        default=None, description="Devices whose own place lies within."
    )
    placed: bool | None = strawberry.field(
        default=None, description="True: devices with a place of their own, false: those without."
    )


def filter_to_wire(given: DeviceFilterInput | None, field: str = "filter") -> DeviceFilter | None:
    """Return ``given`` for the contract; raise Failure for a time without zone."""
    if given is None:
        return None
    return DeviceFilter(
        networks=given.networks,
        lifecycles=given.lifecycles,
        powers=given.powers,
        switches=given.switches,
        communications=given.communications,
        tampers=given.tampers,
        firmwares=given.firmwares,
        models=given.models,
        manufacturers=given.manufacturers,
        communication_technologies=given.communication_technologies,
        firmware_versions=given.firmware_versions,
        usage_points=given.usage_points,
        parents=given.parents,
        areas=given.areas,
        tags=given.tags,
        text_beginning=given.text_beginning or "",
        text_ending=given.text_ending or "",
        marked_for_exchange=given.marked_for_exchange,
        facet_ages=[
            FacetAge(
                facet=age.facet.value,
                since=age.since.to_wire(f"{field}.facetAges[{place}].since"),
            )
            for place, age in enumerate(given.facet_ages or ())
        ],
        last_contact=given.last_contact.to_wire(f"{field}.lastContact")
        if given.last_contact
        else None,
        never_contacted=given.never_contacted,
        box=given.box.to_wire() if given.box else None,
        placed=given.placed,
    )


@strawberry.enum(
    description="What devices are sorted by. Words of a facet sort by their order in the contract."
)
class DeviceOrderKey(Enum):
    DEVICE_ID = "device_id"
    SERIAL_NUMBER = "serial_number"
    NETWORK = "network"
    MODEL = "model"
    MANUFACTURER = "manufacturer"
    COMMUNICATION_TECHNOLOGY = "communication_technology"
    FIRMWARE_VERSION = "firmware_version"
    USAGE_POINT = "usage_point"
    AREA = "area"
    LAST_CONTACT_AT = "last_contact_time"
    FIRST_SEEN_AT = "first_seen_time"
    UPDATED_AT = "update_time"
    LIFECYCLE = "lifecycle"
    POWER = "power"
    SWITCH = "switch"
    COMMUNICATION = "communication"
    TAMPER = "tamper"
    FIRMWARE = "firmware"
    LIFECYCLE_AS_OF = "lifecycle.as_of_time"
    POWER_AS_OF = "power.as_of_time"
    SWITCH_AS_OF = "switch.as_of_time"
    COMMUNICATION_AS_OF = "communication.as_of_time"
    TAMPER_AS_OF = "tamper.as_of_time"
    FIRMWARE_AS_OF = "firmware.as_of_time"


@strawberry.enum
class Direction(Enum):
    ASC = ""
    DESC = " desc"


@strawberry.input
class DeviceOrder:
    by: DeviceOrderKey
    direction: Direction = Direction.ASC


def order_to_wire(given: list[DeviceOrder] | None, field: str = "orderBy") -> str:
    """Return ``given`` as ListDevicesRequest.order_by; raise Failure for too many keys."""
    keys = given or []
    if len(keys) > _MOST_KEYS:
        raise argument_invalid(field, f"at most {_MOST_KEYS} keys")
    return ", ".join(f"{key.by.value}{key.direction.value}" for key in keys)
