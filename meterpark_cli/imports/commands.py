"""The words of ``meterpark import ...``; the work is in `files` and `tasks`, imported only when needed."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for gRPC to be imported
# ruff: noqa: D301 - the backspace keeps the lines of the examples apart

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from meterpark_cli.failures import run
from meterpark_cli.options import (
    DEFAULT_TIMEOUT_SECONDS,
    AllOption,
    JsonOption,
    LimitOption,
    SidecarOption,
    TimeoutOption,
    asking,
)

imports = typer.Typer(
    name="import",
    help="Shipment files (which meters were delivered): check a file, import it, show its rows.",
    no_args_is_help=True,
)


class RowVerdict(StrEnum):
    READY = "ready"
    IMPORTED = "imported"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    SKIPPED = "skipped"


_FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="CSV in UTF-8.")]
_ImportArgument = Annotated[str, typer.Argument(metavar="IMPORT", help="As the list shows it.")]
_AgainOption = Annotated[
    bool, typer.Option("--again", help="Import even if this file was imported before.")
]


@imports.command("check")
def check(
    *,
    file: _FileArgument,
    again: _AgainOption = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Upload a shipment file and check every row; import nothing. Exit code 1 if rows are refused.

    \b
    For example:
      meterpark import check shipment-2026-11.csv
    """
    from meterpark_cli.imports.files import check_file

    run(check_file(asking(sidecar, timeout, as_json), file, again=again))


@imports.command("run")
def run_(
    *,
    file: _FileArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask after the check.")] = False,
    again: _AgainOption = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Import a shipment file: upload, check, confirm, run. Exit code 1 if rows are refused.

    The same command again continues an interrupted upload, check or run. After Ctrl-C the service goes on with a run.

    \b
    For example:
      meterpark import run shipment-2026-11.csv
      meterpark import run shipment-2026-11.csv --yes --json | jq .imported_count
    """
    from meterpark_cli.imports.files import run_file

    run(run_file(asking(sidecar, timeout, as_json), file, again=again, without_asking=yes))


@imports.command("list")
def list_(
    *,
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """List imports, newest first."""
    from meterpark_cli.imports.tasks import list_imports

    run(list_imports(asking(sidecar, timeout, as_json), limit=None if every else limit))


@imports.command("show")
def show(
    *,
    shipment: _ImportArgument,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show one import and its counts."""
    from meterpark_cli.imports.tasks import show_import

    run(show_import(asking(sidecar, timeout, as_json), shipment))


@imports.command("rows")
def rows(
    *,
    shipment: _ImportArgument,
    verdict: Annotated[
        list[RowVerdict] | None, typer.Option(case_sensitive=False, help="Default: all rows.")
    ] = None,
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """List an import's rows with their verdicts, in the order of the file.

    \b
    For example:
      meterpark import rows 019abc0ffee012345678 --verdict refused --all
    """
    from meterpark.smoc.v1 import import_service_pb2 as contract

    from meterpark_cli.imports.tasks import list_rows

    verdicts = [
        contract.ImportVerdict.Value(f"IMPORT_VERDICT_{each.name}") for each in verdict or ()
    ]
    ask = asking(sidecar, timeout, as_json)
    run(list_rows(ask, shipment, verdicts, limit=None if every else limit))


@imports.command("pause")
def pause(
    *,
    shipment: _ImportArgument,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Pause an import after the rows in hand."""
    from meterpark_cli.imports.tasks import pause_import

    run(pause_import(asking(sidecar, timeout, as_json), shipment))


@imports.command("resume")
def resume(
    *,
    shipment: _ImportArgument,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Resume a paused import."""
    from meterpark_cli.imports.tasks import resume_import

    run(resume_import(asking(sidecar, timeout, as_json), shipment))


@imports.command("cancel")
def cancel(
    *,
    shipment: _ImportArgument,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Cancel an import. Imported rows stay."""
    from meterpark_cli.imports.tasks import cancel_import

    run(cancel_import(asking(sidecar, timeout, as_json), shipment))
