"""The words of ``meterpark devices ...``; the work is in `devices`, which is imported only when needed."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for gRPC to be imported
# ruff: noqa: D301 - the backspace keeps the lines of the examples apart

from typing import Annotated

import typer

from meterpark_cli.devices.conditions import Conditions, with_conditions
from meterpark_cli.failures import run
from meterpark_cli.moments import MOMENT_HELP
from meterpark_cli.options import (
    DEFAULT_TIMEOUT_SECONDS,
    AllOption,
    JsonOption,
    LimitOption,
    SidecarOption,
    TimeoutOption,
    asking,
)

devices = typer.Typer(
    help="Devices: list them, watch them, show one, show its history.", no_args_is_help=True
)

_DeviceArgument = Annotated[
    str,
    typer.Argument(
        metavar="DEVICE",
        help="NETWORK/IDENTIFIER, or a serial number or identifier (or its beginning) that only one device has.",
    ),
]


@devices.command("list")
@with_conditions
def list_(
    *,
    conditions: Conditions,
    sort: Annotated[
        str,
        typer.Option(
            metavar="KEYS",
            help='Order, e.g. "lifecycle, last_contact_time desc". Default: by device id.',
        ),
    ] = "",
    limit: LimitOption = 50,
    every: AllOption = False,
    page_size: Annotated[
        int, typer.Option(min=1, max=500, help="How many devices to fetch per call.")
    ] = 500,
    page_token: Annotated[
        str, typer.Option(help="Go on where an earlier answer ended: its next_page_token.")
    ] = "",
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """List devices.

    An option that is given more than once matches any of its values. Different options must all match.

    \b
    For example:
      meterpark devices list --power off --power partial
      meterpark devices list --network north --lifecycle error --limit 20
      meterpark devices list --lasting power=3d --area A7 --sort "last_contact_time desc"
      meterpark devices list --serial 9024 --json
      meterpark devices list --tamper detected --all --json | jq -r '.devices[].device_id'
    """
    from meterpark_cli.devices.devices import list_devices

    run(
        list_devices(
            asking(sidecar, timeout, as_json),
            conditions,
            order_by=sort,
            limit=None if every else limit,
            page_size=page_size,
            page_token=page_token,
        )
    )


@devices.command("count")
@with_conditions
def count(
    *,
    conditions: Conditions,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DIMENSION",
            help="A facet, network, model, manufacturer, communication_technology, firmware_version, area, tag,"
            " marked_for_exchange.",
        ),
    ] = None,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Count devices, in all and by dimension.

    \b
    For example:
      meterpark devices count --power off
      meterpark devices count --by lifecycle --by model --network north
      meterpark devices count --by tag
    """
    from meterpark_cli.devices.devices import count_devices

    run(count_devices(asking(sidecar, timeout, as_json), conditions, by or []))


@devices.command("watch")
@with_conditions
def watch(
    *,
    conditions: Conditions,
    position: Annotated[
        str,
        typer.Option(help="Go on from the position of an earlier answer. Default: from now on."),
    ] = "",
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show each device that changes, until Ctrl-C, also while services restart.

    Options are those of `devices list`. A device that no longer fits after its change is not shown. With --json: one
    document per line, with the position for --position.

    \b
    For example:
      meterpark devices watch --network north --power off
      meterpark devices watch --json | jq -r '.device.device_id'
    """
    from meterpark_cli.devices.watch import watch_devices

    run(watch_devices(asking(sidecar, timeout, as_json), conditions, position=position))


@devices.command("show")
def show(
    *,
    device: _DeviceArgument,
    at: Annotated[
        str,
        typer.Option(metavar="TIME", help=f"Show the device as it was known then. {MOMENT_HELP}"),
    ] = "",
    true_at: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="Show the device as it was then by all that is known today, also by what came late. "
            f"{MOMENT_HELP}",
        ),
    ] = "",
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show one device: its state, since when and why, and its names. With --at: as it was known at a time.

    --true-at answers the other question: what was so at that time, whoever knew it then or not.

    \b
    For example:
      meterpark devices show north/9024000123
      meterpark devices show 9024000123 --json
      meterpark devices show 9024000123 --at 2026-11-02T08:00
      meterpark devices show 9024000123 --true-at 2026-11-02T08:00
    """
    from meterpark_cli.devices.devices import show_device, show_device_at, show_device_true_at

    ask = asking(sidecar, timeout, as_json)
    if true_at:
        run(show_device_true_at(ask, device, true_at, known_at=at))
    run(show_device_at(ask, device, at) if at else show_device(ask, device))


@devices.command("history")
def history(
    *,
    device: _DeviceArgument,
    journal: Annotated[
        bool,
        typer.Option(
            "--journal",
            help="Show the hub's journal instead: every commit, with report id and origin.",
        ),
    ] = False,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORD",
            help="Only this kind of entry, e.g. power-lost, configured, alarm-acknowledged.",
        ),
    ] = None,
    flag: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help="Only entries with this flag, e.g. late, inferred."),
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="TIME", help=f"Only what happened then or later. {MOMENT_HELP}")
    ] = "",
    until: Annotated[
        str, typer.Option(metavar="TIME", help="Only what happened before then.")
    ] = "",
    without_alarms: Annotated[
        bool,
        typer.Option("--without-alarms", help="Only reports of the device, without its alarms."),
    ] = False,
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show the history of a device and its alarms, newest first, as the register has it.

    With --journal: all commits in order of revision, as the hub stored them.

    \b
    For example:
      meterpark devices history north/9024000123 --limit 10
      meterpark devices history 9024000123 --kind power-lost --kind power-restored --since 30d
      meterpark devices history 9024000123 --journal --all --json
    """
    from meterpark_cli.devices.devices import TimelineAsked, show_journal, show_timeline

    ask, how_many = asking(sidecar, timeout, as_json), None if every else limit
    asked = TimelineAsked(
        kinds=kind or (),
        flags=flag or (),
        since=since,
        until=until,
        without_alarms=without_alarms,
    )
    if journal:
        run(show_journal(ask, device, limit=how_many, asked=asked))
    run(show_timeline(ask, device, limit=how_many, asked=asked))
