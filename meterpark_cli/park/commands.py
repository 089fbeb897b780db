"""The words of ``meterpark rollout`` and ``meterpark quality``; the work is in `days`."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for gRPC to be imported
# ruff: noqa: D301 - the backspace keeps the lines of the examples apart

from typing import Annotated

import typer

from meterpark_cli.failures import run
from meterpark_cli.options import (
    DEFAULT_TIMEOUT_SECONDS,
    JsonOption,
    SidecarOption,
    TimeoutOption,
    asking,
)

_FromOption = Annotated[
    str,
    typer.Option(
        "--from", metavar="DAY", help="First day: a day (UTC) like 2026-11-21, or an age like 7d."
    ),
]
_ToOption = Annotated[
    str, typer.Option("--to", metavar="DAY", help="Last day (UTC). Default: today.")
]
_NetworkOption = Annotated[list[str] | None, typer.Option(metavar="NAME")]
_AreaOption = Annotated[list[str] | None, typer.Option(metavar="NAME")]
_ByAreaOption = Annotated[bool, typer.Option("--by-area", help="One line per day and area.")]


def rollout(
    *,
    start: _FromOption = "30d",
    end: _ToOption = "",
    network: _NetworkOption = None,
    area: _AreaOption = None,
    by_area: _ByAreaOption = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show the rollout day by day: devices installed, discovered and taken into operation.

    \b
    For example:
      meterpark rollout
      meterpark rollout --from 2026-03-01 --to 2026-06-30 --network north
      meterpark rollout --from 7d --by-area --json
    """
    from meterpark_cli.park.days import DaysAsked, show_rollout

    asked = DaysAsked(start=start, end=end, networks=network, areas=area, by_area=by_area)
    run(show_rollout(asking(sidecar, timeout, as_json), asked))


def quality(
    *,
    start: _FromOption = "30d",
    end: _ToOption = "",
    network: _NetworkOption = None,
    area: _AreaOption = None,
    by_area: _ByAreaOption = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show day by day how many devices are in service and how many of them were heard.

    \b
    For example:
      meterpark quality
      meterpark quality --from 7d --area A7 --by-area
    """
    from meterpark_cli.park.days import DaysAsked, show_quality

    asked = DaysAsked(start=start, end=end, networks=network, areas=area, by_area=by_area)
    run(show_quality(asking(sidecar, timeout, as_json), asked))
