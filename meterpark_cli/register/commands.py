"""The words of ``meterpark register ...``; the work is imported only when needed."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for gRPC to be imported
# ruff: noqa: D301 - the backspace keeps the lines of the examples apart

import typer

from meterpark_cli.devices.conditions import Conditions, with_conditions
from meterpark_cli.failures import run
from meterpark_cli.options import (
    DEFAULT_TIMEOUT_SECONDS,
    JsonOption,
    SidecarOption,
    TimeoutOption,
    asking,
)

register = typer.Typer(help="The register: compare it with the journal.", no_args_is_help=True)


# The group would be the command otherwise.
@register.callback()
def _group() -> None: ...


@register.command("check")
@with_conditions
def check(
    *,
    conditions: Conditions,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Compare the register with the journal, device by device: is it as far?

    Exit code 1 if a device differs. The hub does the same every ten minutes, and repairs what the register lacks.
    Options are those of `devices list`; without one: the whole park.

    \b
    For example:
      meterpark register check
      meterpark register check --network north
    """
    from meterpark_cli.register.checking import check_register

    run(check_register(asking(sidecar, timeout, as_json), conditions))
