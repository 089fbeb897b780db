"""The figures of several hubs as people read them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from benchmarks.hubs.run import HubFigures, HubRound
from benchmarks.instruments.figures import Spread
from benchmarks.instruments.processor_time import SENDER
from benchmarks.result import Page
from benchmarks.stack.bench_stack import CONNECTOR, HUB, REGISTER

VERB: Final = "make bench-hubs"
_SIDECARS: Final = f"{HUB}-sidecar"
# A row for each, and one for all others.
_ROWS: Final = (
    "all hubs",
    "sidecars of all hubs",
    "mongod",
    REGISTER,
    f"{REGISTER}-sidecar",
    f"{CONNECTOR}-sidecar",
    SENDER,
)
_OTHERS: Final = "everything else"

Times = Mapping[str, float]


def cost_page(figures: HubFigures) -> Page:
    sizes = figures.sizes
    one = sizes.hubs[0]

    def row(count: int) -> tuple[str, ...]:
        rounds = figures.rounds[count]
        rates = Spread.of([each.rate for each in rounds])
        verdict, register = _cost(rounds, to_verdict), _cost(rounds, to_register)
        return (
            f"{count}",
            f"{rates.median:,.0f}",
            f"{verdict.median:.2f}",
            f"{verdict.least:.2f} to {verdict.most:.2f}",
            f"{ratio(figures, count, to_verdict):.2f}x",
            f"{register.median:.2f}",
            f"{register.least:.2f} to {register.most:.2f}",
            f"{ratio(figures, count, to_register):.2f}x",
        )

    return Page(
        title=(
            "Milliseconds of processor time per report, all processes together"
            f" ({sizes.rounds} rounds after a warm-up, {sizes.devices} devices;"
            f" x: against {one} hub)"
        ),
        head=(
            *("hubs", "reports/s"),
            *("to the verdict", "least to most", "x"),
            *("to the register", "least to most", "x"),
        ),
        rows=tuple(row(count) for count in sizes.hubs),
    )


def process_page(figures: HubFigures) -> Page:
    """Return where the time goes until the register shows everything; the median of each row's rounds."""
    counts = figures.sizes.hubs
    parts = {
        count: [by_part(each.to_register) for each in figures.rounds[count]] for count in counts
    }
    return Page(
        title="The same until the register shows it, by process (median round of each)",
        head=("process", *(f"{count} hub{'s' if count > 1 else ''}" for count in counts)),
        rows=tuple(
            (
                name,
                *(
                    f"{Spread.of([each[name] for each in parts[count]]).median:.2f}"
                    for count in counts
                ),
            )
            for name in (*_ROWS, _OTHERS)
        ),
    )


def by_part(milliseconds: Times) -> dict[str, float]:
    """Return the times of a round by row; all hubs are one row, and so are their sidecars."""
    parts = dict.fromkeys((*_ROWS, _OTHERS), 0.0)
    for name, one in milliseconds.items():
        parts[_row_of(name)] += one
    return parts


def _row_of(name: str) -> str:
    if name.startswith(_SIDECARS):
        return "sidecars of all hubs"
    if name.startswith(HUB):
        return "all hubs"
    return name if name in _ROWS else _OTHERS


def to_verdict(one: HubRound) -> Times:
    return one.to_verdict


def to_register(one: HubRound) -> Times:
    return one.to_register


def ratio(figures: HubFigures, count: int, times: Callable[[HubRound], Times]) -> float:
    """Return the median cost with so many hubs against that with the first number of the sizes."""
    first = _cost(figures.rounds[figures.sizes.hubs[0]], times)
    return _cost(figures.rounds[count], times).median / first.median


def _cost(rounds: Sequence[HubRound], times: Callable[[HubRound], Times]) -> Spread:
    return Spread.of([sum(times(each).values()) for each in rounds])


def last_line(figures: HubFigures) -> str:
    told = ", ".join(
        f"{count} hubs {ratio(figures, count, to_verdict):.2f}x to the verdict"
        f" and {ratio(figures, count, to_register):.2f}x to the register"
        for count in figures.sizes.hubs[1:]
    )
    return f"bench-hubs: cost per report against one hub: {told}"
