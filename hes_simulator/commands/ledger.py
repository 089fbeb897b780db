"""`hes_simulator ledger`: what was sent, and what the park must look like now."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from hes_simulator.commands.options import LedgerFile, Network, ledger_path
from hes_simulator.expectation.expected import FacetName
from hes_simulator.ledger.reader import LedgerError, LedgerReader

if TYPE_CHECKING:
    from pathlib import Path

    from hes_simulator.ledger.reader import Entry

ledger_app = typer.Typer(
    no_args_is_help=True, help="Show what was sent, and how the park must look now."
)

Json = Annotated[bool, typer.Option("--json", help="One JSON value per line.")]


def _open(ledger: Path | None, network: str) -> LedgerReader:
    path = ledger_path(ledger, network)
    if not path.exists():
        raise LedgerError(f"there is no ledger {path}: nothing was sent, or name it with --ledger")
    return LedgerReader(path)


@ledger_app.command()
def show(
    *,
    last: Annotated[int, typer.Option("--last", min=1, help="How many messages.")] = 20,
    as_json: Json = False,
    network: Network = "north",
    ledger: LedgerFile = None,
) -> None:
    """Show the newest messages, oldest first."""
    with _open(ledger, network) as reader:
        for entry in reader.last(last):
            typer.echo(json.dumps(_as_json(entry)) if as_json else _as_line(entry))


@ledger_app.command()
def summary(
    *, as_json: Json = False, network: Network = "north", ledger: LedgerFile = None
) -> None:
    """Count messages, facts and faults, and the facets that the park must have."""
    with _open(ledger, network) as reader:
        counts, expected = reader.counts(), reader.expected()
    facets = {
        name.value: dict(
            sorted(Counter(f.get(name, "UNKNOWN") or "none" for f in expected.values()).items())
        )
        for name in FacetName
        if name not in (FacetName.LAST_SPOKE, FacetName.USAGE_POINT)
    }
    if as_json:
        typer.echo(json.dumps({"counts": counts, "devices": len(expected), "facets": facets}))
        return
    typer.echo(f"{len(expected)} devices")
    for what, count in counts.items():
        typer.echo(f"  {what:20} {count:>10}")
    for name, values in facets.items():
        typer.echo(f"{name:18} " + "  ".join(f"{value} {n}" for value, n in values.items()))


@ledger_app.command()
def expected(*, network: Network = "north", ledger: LedgerFile = None) -> None:
    """Print, per device, the facets that the register must show and the number of sent facts, as JSON lines."""
    with _open(ledger, network) as reader:
        told = reader.told()
        for device_id, facets in sorted(reader.expected().items()):
            facets.pop(FacetName.LAST_SPOKE, None)
            line = {"device_id": device_id, "facets": facets, "told": told.get(device_id, {})}
            typer.echo(json.dumps(line))


def _as_json(entry: Entry) -> dict[str, object]:
    return {
        "number": entry.number,
        "message_id": entry.message_id,
        "noun": entry.noun,
        "fault": entry.fault,
        "sent_at": entry.sent_at and entry.sent_at.isoformat(),
        "facts": [
            {
                "device_id": fact.device_id,
                "kind": fact.kind,
                "code": fact.code,
                "occurred_at": fact.occurred_at and fact.occurred_at.isoformat(),
            }
            for fact in entry.facts
        ],
    }


def _as_line(entry: Entry) -> str:
    sent = entry.sent_at.isoformat(timespec="milliseconds") if entry.sent_at else "not yet sent"
    facts = "; ".join(f"{f.device_id} {f.kind} {f.code}".strip() for f in entry.facts[:3])
    more = f" and {len(entry.facts) - 3} more" if len(entry.facts) > 3 else ""  # noqa: PLR2004  # a line
    return f"{entry.number:>8}  {sent:29}  {entry.noun:24} {entry.fault:10} {facts}{more}"
