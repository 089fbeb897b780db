"""The words of ``meterpark views ...`` and ``meterpark tags``; the work is imported only when needed."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for gRPC to be imported
# ruff: noqa: D301 - the backspace keeps the lines of the examples apart

from typing import Annotated

import typer

from meterpark_cli.devices.conditions import Conditions, with_conditions
from meterpark_cli.failures import run
from meterpark_cli.options import (
    DEFAULT_TIMEOUT_SECONDS,
    JsonOption,
    LimitOption,
    SidecarOption,
    TimeoutOption,
    asking,
)

views = typer.Typer(
    help="Saved views: conditions, order and columns under a name.", no_args_is_help=True
)

_ViewArgument = Annotated[
    str, typer.Argument(metavar="VIEW", help="Id or name of the view, as the list shows them.")
]
_SortOption = Annotated[
    str, typer.Option(metavar="KEYS", help="Order of the devices, as for devices list.")
]
_ColumnOption = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Columns for the web page, in this order.")
]
_SharedOption = Annotated[
    bool, typer.Option("--shared/--private", help="Whether other users see it.")
]


@views.command("list")
def list_(
    *,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """List your own views and the shared ones."""
    from meterpark_cli.views.views import list_views

    run(list_views(asking(sidecar, timeout, as_json)))


@views.command("save")
@with_conditions
def save(
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the view.")],
    conditions: Conditions,
    sort: _SortOption = "",
    column: _ColumnOption = None,
    shared: _SharedOption = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Save conditions, order and columns under a name. Replaces your own view of that name.

    An age (--lasting, --silent-for, ...) is kept as the moment that it means now.

    \b
    For example:
      meterpark views save "dark in the north" --network north --power off --sort "power.as_of_time"
      meterpark views save recall --model E450 --tag recall --shared
    """
    from meterpark_cli.views.views import save_view

    ask = asking(sidecar, timeout, as_json)
    run(save_view(ask, name, conditions, order_by=sort, columns=column or (), shared=shared))


@views.command("open")
def open_(
    *,
    view: _ViewArgument,
    limit: LimitOption = 50,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """List the devices of a view.

    \b
    For example:
      meterpark views open "dark in the north" --limit 20
    """
    from meterpark_cli.views.views import open_view

    run(open_view(asking(sidecar, timeout, as_json), view, limit=limit))


@views.command("delete")
def delete(
    *,
    view: _ViewArgument,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Delete one of your views."""
    from meterpark_cli.views.views import delete_view

    run(delete_view(asking(sidecar, timeout, as_json), view))


@with_conditions
def tags(
    *,
    conditions: Conditions,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show all tags and how many devices carry each. `meterpark jobs start tag` adds and removes tags.

    \b
    For example:
      meterpark tags
      meterpark tags --network north --json
    """
    from meterpark_cli.devices.devices import count_devices

    run(count_devices(asking(sidecar, timeout, as_json), conditions, ["tag"]))
