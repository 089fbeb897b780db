"""The words of ``meterpark journal ...``; the work is imported only when needed."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for gRPC to be imported
# ruff: noqa: D301 - the backspace keeps the lines of the examples apart

from pathlib import Path
from typing import Annotated

import typer

from meterpark_cli.devices.conditions import Conditions, with_conditions
from meterpark_cli.failures import run
from meterpark_cli.journal.formats import Format
from meterpark_cli.options import (
    DEFAULT_TIMEOUT_SECONDS,
    JsonOption,
    SidecarOption,
    TimeoutOption,
    asking,
)

journal = typer.Typer(
    help="The hub's journal: look for holes and changes, write it out.", no_args_is_help=True
)


@journal.command("verify")
@with_conditions
def verify(
    *,
    conditions: Conditions,
    sealed: Annotated[
        bool,
        typer.Option(
            "--sealed",
            help="Every byte of every device, read from the database itself: seals, revisions, roots.",
        ),
    ] = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Look through the journals of devices: no revision is missing, no report counts twice.

    Exit code 1 if one is wrong. Options are those of `devices list`; without one: the whole park.
    With --sealed the hub is not asked: JOURNAL_EVIDENCE_MONGODB_URL names the database,
    JOURNAL_EVIDENCE_PUBLIC_KEYS the keys of the roots, as a JSON list of files.

    \b
    For example:
      meterpark journal verify
      meterpark journal verify --network north --model E450
      meterpark journal verify --sealed
    """
    if sealed:
        from meterpark_cli.journal.sealed import verify_sealed

        run(verify_sealed(asking(sidecar, timeout, as_json), conditions))
    from meterpark_cli.journal.verifying import verify_journal

    run(verify_journal(asking(sidecar, timeout, as_json), conditions))


@journal.command("export")
@with_conditions
def export(
    *,
    conditions: Conditions,
    format_: Annotated[
        Format,
        typer.Option("--format", help="ndjson: a commit per line; csv: an event per line."),
    ] = Format.NDJSON,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="It has its name only when it is whole. Default: standard output.",
        ),
    ] = None,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Write every commit of the devices that fit, in order of device and revision.

    Field names of NDJSON are those of the contracts. What is written is whole when the exit code is 0. Options are
    those of `devices list`; without one: the whole park.

    \b
    For example:
      meterpark journal export -o journal.ndjson
      meterpark journal export --format csv --network north --power off > north-off.csv
    """
    from meterpark_cli.journal.exporting import export_journal

    ask = asking(sidecar, timeout, as_json=False)
    run(export_journal(ask, conditions, kind=format_, output=output))
