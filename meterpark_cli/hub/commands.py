"""The words of ``meterpark hub ...``; the work is imported only when needed."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for gRPC to be imported
# ruff: noqa: D301 - the backspace keeps the lines of the examples apart

import typer

from meterpark_cli.failures import run
from meterpark_cli.options import (
    DEFAULT_TIMEOUT_SECONDS,
    JsonOption,
    SidecarOption,
    TimeoutOption,
    asking,
)

hub = typer.Typer(help="The hub: how many devices are awake.", no_args_is_help=True)


# The group would be the command otherwise.
@hub.callback()
def _group() -> None: ...


@hub.command("residents")
def residents(
    *,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show how many devices are awake in the hub's process that answers, by network.

    A device is awake while its actor is: reports reach it without a way through the sidecar. Of several processes of
    the hub one answers; the metric meterpark.devices.resident tells of each.

    \b
    For example:
      meterpark hub residents
      meterpark hub residents --json | jq .resident_count
    """
    from meterpark_cli.hub.residents import show_residents

    run(show_residents(asking(sidecar, timeout, as_json)))
