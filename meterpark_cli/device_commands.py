"""The words of ``meterpark devices ...``; the work is in `devices`, which is imported when it is asked for."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for gRPC to be imported
# ruff: noqa: D301 - the backspace keeps the lines of the examples apart

from enum import StrEnum
from typing import Annotated, Any

import typer

from meterpark_cli.failures import run
from meterpark_cli.options import (
    DEFAULT_TIMEOUT_SECONDS,
    AllOption,
    Communication,
    Firmware,
    JsonOption,
    Lifecycle,
    LimitOption,
    Power,
    SidecarOption,
    Switch,
    Tamper,
    TimeoutOption,
    asking,
)

devices = typer.Typer(
    help="Devices: list them, look at one, read its history.", no_args_is_help=True
)

_FILTER = "Which devices"


def _facet(values: type[StrEnum]) -> Any:
    """Return a filter by one facet; several values mean any of them."""
    return typer.Option(
        case_sensitive=False,
        metavar="VALUE",
        help=" ".join(value.lower() for value in values),
        rich_help_panel=_FILTER,
    )


_NetworkOption = Annotated[list[str] | None, typer.Option(metavar="NAME", rich_help_panel=_FILTER)]
_ModelOption = Annotated[list[str] | None, typer.Option(metavar="NAME", rich_help_panel=_FILTER)]
_SerialOption = Annotated[
    str,
    typer.Option(
        metavar="TEXT",
        help="Beginning of the serial number or identifier.",
        rich_help_panel=_FILTER,
    ),
]
_DeviceArgument = Annotated[
    str,
    typer.Argument(
        metavar="DEVICE",
        help="NETWORK/IDENTIFIER, or a serial number or identifier (or its beginning) that only one device has.",
    ),
]


@devices.command("list")
def list_(
    *,
    network: _NetworkOption = None,
    lifecycle: Annotated[list[Lifecycle] | None, _facet(Lifecycle)] = None,
    power: Annotated[list[Power] | None, _facet(Power)] = None,
    switch: Annotated[list[Switch] | None, _facet(Switch)] = None,
    communication: Annotated[list[Communication] | None, _facet(Communication)] = None,
    tamper: Annotated[list[Tamper] | None, _facet(Tamper)] = None,
    firmware: Annotated[list[Firmware] | None, _facet(Firmware)] = None,
    model: _ModelOption = None,
    serial: _SerialOption = "",
    limit: LimitOption = 50,
    every: AllOption = False,
    page_size: Annotated[
        int, typer.Option(min=1, max=500, help="How many devices to fetch with one call.")
    ] = 500,
    page_token: Annotated[
        str, typer.Option(help="Go on where an earlier answer ended (its next_page_token).")
    ] = "",
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """List devices in order of their id.

    A filter can be given more than once: any of its values; different filters: all of them.

    \b
    For example:
      meterpark devices list --power off --power partial
      meterpark devices list --network north --lifecycle error --limit 20
      meterpark devices list --serial 9024 --json
      meterpark devices list --tamper detected --all --json | jq -r '.devices[].device_id'
    """
    from meterpark.smoc.v1.device_service_pb2 import DeviceFilter

    from meterpark_cli.devices import list_devices

    device_filter = DeviceFilter(
        networks=network,
        lifecycles=lifecycle,
        powers=power,
        switches=switch,
        communications=communication,
        tampers=tamper,
        firmwares=firmware,
        models=model,
        text_beginning=serial,
    )
    run(
        list_devices(
            asking(sidecar, timeout, as_json),
            device_filter,
            limit=None if every else limit,
            page_size=page_size,
            page_token=page_token,
        )
    )


@devices.command("show")
def show(
    *,
    device: _DeviceArgument,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show one device: how it is, since when and why, and who it is.

    \b
    For example:
      meterpark devices show north/9024000123
      meterpark devices show 9024000123 --json
    """
    from meterpark_cli.devices import show_device

    run(show_device(asking(sidecar, timeout, as_json), device))


@devices.command("history")
def history(
    *,
    device: _DeviceArgument,
    journal: Annotated[
        bool,
        typer.Option(
            "--journal", help="The hub's journal instead: every commit, with report id and origin."
        ),
    ] = False,
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show what happened to a device: newest first, as the register tells it.

    With --journal: in order of revision, as the hub wrote it down when it happened.

    \b
    For example:
      meterpark devices history north/9024000123 --limit 10
      meterpark devices history 9024000123 --journal --all --json
    """
    from meterpark_cli.devices import show_journal, show_timeline

    ask, how_many = asking(sidecar, timeout, as_json), None if every else limit
    if journal:
        run(show_journal(ask, device, limit=how_many))
    run(show_timeline(ask, device, limit=how_many))
