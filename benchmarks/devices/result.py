"""The figures of many devices as tables, and one last line."""

from typing import Final

from benchmarks.devices.run import DeviceFigures
from benchmarks.instruments.figures import Delays
from benchmarks.result import Page

VERB: Final = "make bench-devices"


def memory_page(figures: DeviceFigures) -> Page:
    memory = figures.hub_memory
    return Page(
        title="MiB that the hub holds (resident)",
        head=("hot devices", "MiB"),
        rows=[(f"{devices:,}", f"{mebibytes:,.0f}") for devices, mebibytes in memory.items()],
    )


def sizes_page(figures: DeviceFigures) -> Page:
    return Page(
        title=(
            f"A report at our door, by the size of the park ({figures.sizes.rounds} rounds of"
            f" {figures.sizes.reports:,} reports, batches of {figures.sizes.batch}, hot devices)"
        ),
        head=("devices", "reports/s", "least to most", "ms of processor time, all processes"),
        rows=[
            (
                f"{devices:,}",
                f"{rates.median:,.0f}",
                f"{rates.least:,.0f} to {rates.most:,.0f}",
                f"{figures.milliseconds[devices]:.2f}",
            )
            for devices, rates in figures.rates.items()
        ],
    )


def waking_page(figures: DeviceFigures) -> Page:
    def row(what: str, each: Delays) -> tuple[str, ...]:
        seconds = (each.p50, each.p90, each.p99, each.p999, each.most)
        return (what, f"{each.samples:,}", *(f"{1000 * one:,.1f} ms" for one in seconds))

    long = f"cold, with {figures.sizes.long_history:,} commits"
    return Page(
        title="A call of one report, one at a time, through both sidecars",
        head=("device", "samples", "p50", "p90", "p99", "p99.9", "longest"),
        rows=(row("hot", figures.hot), row("cold", figures.cold), row(long, figures.long)),
    )


def last_line(figures: DeviceFigures) -> str:
    few, many = figures.sizes.few, figures.sizes.devices
    cost = figures.milliseconds
    return (
        f"bench-devices: {figures.hub_memory[many]:.0f} MiB with {many:,} hot devices,"
        f" a report costs {cost[many] / cost[few]:.2f}x of that with {few:,},"
        f" cold p99 {1000 * figures.cold.p99:.0f} ms,"
        f" with {figures.sizes.long_history:,} commits {1000 * figures.long.most:.0f} ms at most"
    )
