"""The options by which commands name devices, the same for all of them, and the contract's filter that they make."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for gRPC to be imported

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from meterpark_cli.failures import WrongUsage
from meterpark_cli.moments import read_age
from meterpark_cli.options import (
    FACETS,
    Communication,
    Firmware,
    Lifecycle,
    Power,
    Switch,
    Tamper,
)

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp
    from meterpark.smoc.v1.device_service_pb2 import DeviceFilter

_PANEL = "Which devices"


def _names(explained: str = "") -> Any:
    return typer.Option(metavar="NAME", help=explained, rich_help_panel=_PANEL)


def _facet(values: type[StrEnum]) -> Any:
    """Return a filter by one facet; several values mean any of them."""
    return typer.Option(
        case_sensitive=False,
        metavar="VALUE",
        help=" ".join(value.lower() for value in values),
        rich_help_panel=_PANEL,
    )


def _text(metavar: str, explained: str) -> Any:
    return typer.Option(metavar=metavar, help=explained, rich_help_panel=_PANEL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The conditions on devices that a command got; each field is an option."""

    network: Annotated[list[str] | None, _names("Of this network.")] = None
    lifecycle: Annotated[list[Lifecycle] | None, _facet(Lifecycle)] = None
    power: Annotated[list[Power] | None, _facet(Power)] = None
    switch: Annotated[list[Switch] | None, _facet(Switch)] = None
    communication: Annotated[list[Communication] | None, _facet(Communication)] = None
    tamper: Annotated[list[Tamper] | None, _facet(Tamper)] = None
    firmware: Annotated[list[Firmware] | None, _facet(Firmware)] = None
    lasting: Annotated[
        list[str] | None,
        _text("FACET=AGE", "The facet has had its value at least so long, e.g. power=3d."),
    ] = None
    fresh: Annotated[
        list[str] | None,
        _text("FACET=AGE", "The facet has had its value at most so long, e.g. tamper=1h."),
    ] = None
    model: Annotated[list[str] | None, _names("Of this model.")] = None
    manufacturer: Annotated[list[str] | None, _names("Of this manufacturer.")] = None
    technology: Annotated[list[str] | None, _names("Communication technology.")] = None
    firmware_version: Annotated[list[str] | None, _names("With this firmware version.")] = None
    usage_point: Annotated[list[str] | None, _names("At this usage point.")] = None
    parent: Annotated[
        list[str] | None,
        _names("Connected through this gateway or meter (its identifier in the network)."),
    ] = None
    area: Annotated[list[str] | None, _names("In this area.")] = None
    tag: Annotated[list[str] | None, _names("Carries any of these tags.")] = None
    marked: Annotated[
        bool | None,
        typer.Option(
            "--marked/--not-marked", help="Marked for exchange, or not.", rich_help_panel=_PANEL
        ),
    ] = None
    silent_for: Annotated[
        str | None, _text("AGE", "Last heard at least so long ago, e.g. 26h.")
    ] = None
    heard_within: Annotated[
        str | None, _text("AGE", "Last heard at most so long ago, e.g. 30m.")
    ] = None
    never_heard: Annotated[
        bool | None,
        typer.Option(
            "--never-heard/--ever-heard",
            help="Whether the device itself was ever heard.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    serial: Annotated[
        str, _text("TEXT", "Beginning of the serial number, identifier or another name.")
    ] = ""
    serial_end: Annotated[
        str, _text("TEXT", "End of the serial number, identifier or another name.")
    ] = ""

    @property
    def is_any(self) -> bool:
        """Whether anything was said at all."""
        return self != Conditions()

    def filter(self, now: datetime) -> "DeviceFilter":
        """Return what was said as the contract says it; raise WrongUsage for an age that is none."""
        from meterpark.smoc.v1.device_service_pb2 import DeviceFilter, FacetAge, TimeRange

        ages = [
            FacetAge(facet=facet, since=TimeRange(end_time=_before(now, age)))
            for facet, age in _facet_ages(self.lasting, "--lasting")
        ]
        ages += [
            FacetAge(facet=facet, since=TimeRange(start_time=_before(now, age)))
            for facet, age in _facet_ages(self.fresh, "--fresh")
        ]
        contact = None
        if self.silent_for or self.heard_within:
            contact = TimeRange(
                start_time=_ago(now, self.heard_within, "--heard-within"),
                end_time=_ago(now, self.silent_for, "--silent-for"),
            )
        return DeviceFilter(
            networks=self.network,
            lifecycles=self.lifecycle,
            powers=self.power,
            switches=self.switch,
            communications=self.communication,
            tampers=self.tamper,
            firmwares=self.firmware,
            models=self.model,
            manufacturers=self.manufacturer,
            communication_technologies=self.technology,
            firmware_versions=self.firmware_version,
            usage_points=self.usage_point,
            parents=self.parent,
            areas=self.area,
            tags=self.tag,
            marked_for_exchange=self.marked,
            facet_ages=ages,
            last_contact=contact,
            never_contacted=self.never_heard,
            text_beginning=self.serial,
            text_ending=self.serial_end,
        )


def with_conditions(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `Conditions`; it is called with what they say as ``conditions``."""
    signature, hints = inspect.signature(command), get_type_hints(command, include_extras=True)
    options = get_type_hints(Conditions, include_extras=True)
    added = [
        inspect.Parameter(
            each.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=each.default,
            annotation=options[each.name],
        )
        for each in fields(Conditions)
    ]
    own = [
        each.replace(annotation=hints[each.name])
        for each in signature.parameters.values()
        if each.name != "conditions"
    ]

    @wraps(command)
    def told(**given: Any) -> None:
        said = {each.name: given.pop(each.name) for each in fields(Conditions)}
        command(**given, conditions=Conditions(**said))

    parameters = [*own, *added]
    told.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    told.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": None}
    return told


def _facet_ages(given: Sequence[str] | None, option: str) -> list[tuple[str, timedelta]]:
    ages = []
    for text in given or ():
        facet, equals, age = text.partition("=")
        if not equals or facet not in FACETS:
            raise WrongUsage(f"{option}: {text!r} is not FACET=AGE; facets: {', '.join(FACETS)}")
        ages.append((facet, read_age(age, option)))
    return ages


def _ago(now: datetime, text: str | None, option: str) -> "Timestamp | None":
    return None if text is None else _before(now, read_age(text, option))


def _before(now: datetime, age: timedelta) -> "Timestamp":
    from google.protobuf.timestamp_pb2 import Timestamp

    written = Timestamp()
    written.FromDatetime(now - age)
    return written
