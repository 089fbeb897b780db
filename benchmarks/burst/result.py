"""The figures of bursts as people read them."""

from typing import Final

from benchmarks.burst.run import OTHERS, PER_SECOND, BurstFigures
from benchmarks.instruments.figures import Delays
from benchmarks.result import Page

VERB: Final = "make bench-burst"


def burst_page(figures: BurstFigures) -> Page:
    def others(delays: Delays) -> tuple[str, ...]:
        waited = (f"{1000 * one:,.0f} ms" for one in (delays.p50, delays.p99, delays.most))
        return f"{delays.samples:,}", *waited

    return Page(
        title=f"A burst of one meter, beside {OTHERS} others with {PER_SECOND:g} messages/s",
        head=("what", "settled in", "others: samples", "p50", "p99", "longest"),
        rows=(
            ("no burst", "", *others(figures.alone)),
            *(
                (one.burst.name, f"{one.seconds:.1f} s", *others(one.others))
                for one in figures.bursts
            ),
        ),
    )


def last_line(figures: BurstFigures) -> str:
    largest = max(figures.bursts, key=lambda one: one.burst.events)
    worst = max(figures.bursts, key=lambda one: one.others.p99)
    return (
        f"bench-burst: {largest.burst.name} settled in {largest.seconds:.1f} s;"
        f" others' p99 at most {1000 * worst.others.p99:.0f} ms ({worst.burst.name}),"
        f" {1000 * figures.alone.p99:.0f} ms without"
    )
