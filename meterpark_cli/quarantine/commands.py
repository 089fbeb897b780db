"""The words of ``meterpark quarantine ...``; the work is imported only when needed."""

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
    REPLAY_REQUESTED = "replay-requested"
    RESOLVED = "resolved"
    ALL = "all"

    @property
    def wire_word(self) -> str:
        return "" if self is State.ALL else self.name


quarantine = typer.Typer(
    help="Messages that could not be read: list them, show one, read them again.",
    no_args_is_help=True,
)

_ReasonOption = Annotated[
    str, typer.Option(metavar="WORD", help="Only messages with this reason, e.g. XML_MALFORMED.")
]


@quarantine.command("list")
def list_(
    *,
    state: Annotated[
        State, typer.Option(case_sensitive=False, help="Only messages in this state.")
    ] = State.OPEN,
    reason: _ReasonOption = "",
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """List quarantined messages, newest first. Default: those that wait for a decision.

    \b
    For example:
      meterpark quarantine list
      meterpark quarantine list --state all --reason NOUN_UNKNOWN --json
    """
    from meterpark_cli.quarantine.messages import list_quarantine

    ask, how_many = asking(sidecar, timeout, as_json), None if every else limit
    run(list_quarantine(ask, state=state.wire_word, reason=reason, limit=how_many))


@quarantine.command("show")
def show(
    *,
    quarantine_id: Annotated[str, typer.Argument(metavar="ID", help="As the list shows it.")],
    raw: Annotated[
        bool,
        typer.Option("--raw", help="Only the body, byte for byte. Use > FILE."),
    ] = False,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Show one message: its body, and why and where it could not be read.

    \b
    For example:
      meterpark quarantine show 5f1c0e9a7d
      meterpark quarantine show 5f1c0e9a7d --raw > message.xml
    """
    from meterpark_cli.quarantine.messages import show_quarantined

    if raw and as_json:
        raise typer.BadParameter("--raw and --json are two different answers")
    run(show_quarantined(asking(sidecar, timeout, as_json), quarantine_id, raw=raw))


@quarantine.command("replay")
def replay(
    *,
    quarantine_ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID...", help="As the list shows them.")
    ] = None,
    all_open: Annotated[
        bool,
        typer.Option("--all-open", help="All messages that wait for a decision, instead of ids."),
    ] = False,
    reason: _ReasonOption = "",
    wait: Annotated[bool, typer.Option(help="Wait, and show the result for each message.")] = True,
    wait_seconds: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="Wait at most so long.")
    ] = 30.0,
    as_json: JsonOption = False,
    sidecar: SidecarOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_SECONDS,
) -> None:
    """Read messages again, after a fix. Exit code 1 if one still cannot be read.

    \b
    For example:
      meterpark quarantine replay 5f1c0e9a7d
      meterpark quarantine replay --all-open --reason NOUN_UNKNOWN
    """
    from meterpark_cli.quarantine.replay import replay as have_read_again

    if bool(quarantine_ids) == all_open:
        raise typer.BadParameter("give ids, or --all-open")
    if reason and not all_open:
        raise typer.BadParameter("--reason goes with --all-open")
    run(
        have_read_again(
            asking(sidecar, timeout, as_json),
            quarantine_ids or [],
            reason=reason,
            wait_seconds=wait_seconds if wait else 0.0,
        )
    )
