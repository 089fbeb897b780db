"""The words of ``meterpark identities ...``; the work is imported only when needed."""

# ruff: noqa: PLC0415 - `meterpark --help` shall not wait for gRPC to be imported
# ruff: noqa: D301 - the backspace keeps the lines of the examples apart

from enum import StrEnum
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


class State(StrEnum):
    OPEN = "open"
    DISMISSED = "dismissed"
    ASSIGNED = "assigned"
    JOINED = "joined"
    ALL = "all"

    @property
    def wire_word(self) -> str:
        return "UNSPECIFIED" if self is State.ALL else self.name


identities = typer.Typer(
    help="Names of devices: list conflicts, decide whose a name is, join two devices that are one meter.",
    no_args_is_help=True,
)

_ConflictArgument = Annotated[str, typer.Argument(metavar="ID", help="As the list shows it.")]
_ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="The reason, for the auditor.")
]


@identities.command("list")
def list_(
    *,
    state: Annotated[
        State, typer.Option(case_sensitive=False, help="Only conflicts in this state.")
    ] = State.OPEN,
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """List conflicts, newest first. Default: undecided ones.

    \b
    For example:
      meterpark identities list
      meterpark identities list --state dismissed --json
    """
    from meterpark_cli.identities.conflicts import list_conflicts

    ask, how_many = asking(sidecar, timeout, as_json), None if every else limit
    run(list_conflicts(ask, state=state.wire_word, limit=how_many))


@identities.command("dismiss")
def dismiss(
    *,
    conflict_id: _ConflictArgument,
    reason: _ReasonOption,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Dismiss a conflict: all stays as it is, and the conflict is not listed again.

    \b
    For example:
      meterpark identities dismiss 5f1c0e9a7d --reason "two meters, one utility number"
    """
    from meterpark_cli.identities.conflicts import decide

    run(decide(asking(sidecar, timeout, as_json), conflict_id, device_id="", reason=reason))


@identities.command("assign")
def assign(
    *,
    conflict_id: _ConflictArgument,
    device: Annotated[
        str,
        typer.Argument(
            metavar="DEVICE", help="One of the conflict's two devices, NETWORK/IDENTIFIER."
        ),
    ],
    reason: _ReasonOption,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Assign the name to one of the two devices for good. Reports that use it belong to that device.

    \b
    For example:
      meterpark identities assign 5f1c0e9a7d north/S1 --reason "the type plate says so"
    """
    from meterpark_cli.identities.conflicts import decide

    run(decide(asking(sidecar, timeout, as_json), conflict_id, device_id=device, reason=reason))


@identities.command("join")
def join(
    *,
    kept: Annotated[
        str, typer.Argument(metavar="KEPT", help="The device that is kept, NETWORK/IDENTIFIER.")
    ],
    joined: Annotated[
        str, typer.Argument(metavar="JOINED", help="The device that is the same meter.")
    ],
    reason: _ReasonOption,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Join two devices that are one meter. The kept device takes the reports of both.

    \b
    For example:
      meterpark identities join north/S1 north/8f1c --reason "the type plate says so"
    """
    from meterpark_cli.identities.joins import join_devices

    run(join_devices(asking(sidecar, timeout, as_json), kept=kept, joined=joined, reason=reason))


@identities.command("part")
def part(
    *,
    joined: Annotated[
        str, typer.Argument(metavar="JOINED", help="The device that was joined into another.")
    ],
    reason: _ReasonOption,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Undo a join: both are devices of their own again. Reports since the join stay with the kept device.

    \b
    For example:
      meterpark identities part north/8f1c --reason "two meters after all"
    """
    from meterpark_cli.identities.joins import undo_join

    run(undo_join(asking(sidecar, timeout, as_json), joined=joined, reason=reason))
