"""What a run found, as people read it: tables, and one last line."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks.result import Page
from faults.checking.check import Wrong, counted
from faults.kinds.table import TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from faults.run import Felt, Outcome

VERB: Final = "make faults"


@dataclass(frozen=True, slots=True)
class Proven:
    """An error that was planted after the run, and whether the checker found it under its kind."""

    name: str
    wrong: Wrong
    found: bool


def counts_page(outcome: Outcome, proven: Sequence[Proven]) -> Page:
    """Return what was done, and what was wrong in the end."""
    ledger, sizes = outcome.ledger, outcome.sizes
    statements = sum(map(len, ledger.statements.values()))
    rows = [
        ("seed", f"{sizes.seed}"),
        ("minutes", f"{outcome.seconds / 60:.1f}"),
        ("messages published, copies included", f"{ledger.published:,}"),
        ("of them sent again, as their fate was unknown", f"{outcome.sent_again:,}"),
        ("statements about devices", f"{statements:,}"),
        ("devices", f"{len(ledger.statements):,}"),
        ("messages that cannot be read", f"{len(ledger.planted):,}"),
        ("faults", f"{outcome.faults:,}"),
        ("of them kills", f"{outcome.kills:,}"),
        (
            "points that no report came to in time",
            f"{sum(len(each.missed) for each in outcome.felt):,}",
        ),
        ("dead letters at the broker", f"{outcome.dead:,}"),
        *((wrong.value, f"{count:,}") for wrong, count in counted(outcome.findings).items()),
        (
            "errors planted afterwards, and found by the checker",
            f"{sum(one.found for one in proven)} of {len(proven)}",
        ),
    ]
    return Page(title="What was done, and what was wrong in the end", head=("", ""), rows=rows)


def recovery_page(outcome: Outcome) -> Page:
    """Return how long each kind of fault was felt, alone and within pairs."""
    alone: dict[str, list[Felt]] = {}
    paired: dict[str, list[Felt]] = {}
    for felt in outcome.felt:
        where = alone if len(felt.step.kinds) == 1 else paired
        for kind in felt.step.kinds:
            where.setdefault(kind.name, []).append(felt)
    return Page(
        title="Seconds from a fault until a message was served again (median, worst; in pairs: worst)",
        head=(
            "fault",
            "alone",
            "journal",
            "worst",
            "register",
            "worst",
            "listening",
            "in pairs",
            "journal",
            "register",
        ),
        rows=[
            _row(kind.name, alone, paired)
            for kind in TABLE
            if kind.name in alone or kind.name in paired
        ],
    )


def last_line(outcome: Outcome) -> str:
    """Return the run in one line."""
    counts = counted(outcome.findings)
    recovery = "no fault"
    if outcome.felt:
        journal = max(outcome.felt, key=lambda each: each.to_journal)
        register = max(outcome.felt, key=lambda each: each.to_register)
        recovery = (
            f"worst recovery {journal.to_journal:.1f} s to the journal ({_names(journal)}),"
            f" {register.to_register:.1f} s to the register ({_names(register)})"
        )
    wrong = ", ".join(f"{counts[each]:,} {each.value}" for each in Wrong)
    return (
        f"faults: {outcome.ledger.published:,} messages, {outcome.kills:,} kills,"
        f" {outcome.faults:,} faults, {wrong}, {recovery}"
    )


def _names(felt: Felt) -> str:
    return " + ".join(kind.name for kind in felt.step.kinds)


def _row(
    name: str, alone: Mapping[str, Sequence[Felt]], paired: Mapping[str, Sequence[Felt]]
) -> tuple[str, ...]:
    single, pairs = alone.get(name, ()), paired.get(name, ())
    listening = [each.from_listening for each in single if each.from_listening is not None]
    return (
        name,
        str(len(single)),
        *_spread([each.to_journal for each in single]),
        *_spread([each.to_register for each in single]),
        f"{max(listening):.1f}" if listening else "",
        str(len(pairs)) if pairs else "",
        f"{max(each.to_journal for each in pairs):.1f}" if pairs else "",
        f"{max(each.to_register for each in pairs):.1f}" if pairs else "",
    )


def _spread(seconds: Sequence[float]) -> tuple[str, str]:
    return (f"{median(seconds):.1f}", f"{max(seconds):.1f}") if seconds else ("", "")
