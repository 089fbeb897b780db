"""The words of ``meterpark register ...``; the work is imported only when needed."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for gRPC to be imported
# ruff: noqa: D301 - the backspace keeps the lines of the examples apart

from typing import Annotated

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

register = typer.Typer(
    help="The register: compare it with the journal, make it again.", no_args_is_help=True
)


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


@register.command("rebuild")
def rebuild(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing: say what differs.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the register's devices and timelines again from the journal, where they differ from it.

    Works on both databases itself, beside live traffic: a device is replaced as a whole, and only if what then lies
    there has the digest of the journal. Tags, notes, alarms, jobs and views stay. Progress is on standard error. Exit
    code 0 if the register is what the journal says at the end, 1 if it is not.

    Needs the databases' addresses in the environment: DEVICE_HUB_MONGODB_URL and SMOC_SERVICE_MONGODB_URL, with
    ..._PASSWORD_FILE and ..._DATABASE as the services have them.

    \b
    For example:
      meterpark register rebuild --dry-run
      meterpark register rebuild --yes --json | jq .problems
    """
    from meterpark_cli.register.rebuilding import rebuild_register

    run(rebuild_register(only_look=dry_run, as_json=as_json, without_asking=yes))
