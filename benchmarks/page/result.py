"""The figures of the page as people read them."""

from typing import Final

from benchmarks.instruments.figures import Spread
from benchmarks.page.many import Done
from benchmarks.page.run import PageFigures
from benchmarks.result import Page

VERB: Final = "make bench-page"


def figures_page(figures: PageFigures) -> Page:
    sizes, sweep = figures.sizes, figures.sweep
    long = sweep.tasks.long
    longest = f"longest {long[-1].milliseconds:,.0f} ms" if long else ""
    rows = f"{min(sizes.rows_scrolled, sizes.devices):,} rows"
    return Page(
        title=f"The page before a register of {sizes.devices:,} devices",
        head=("what", "figure", "least to most", "to reach"),
        rows=(
            _row("first page of the list, from the click", figures.first_page, "1,000 ms"),
            _row("map of all devices, from the click", figures.first_places, "1,500 ms"),
            (
                f"memory of scripts after {rows} scrolled (before: a tenth)",
                f"{sweep.megabytes[1]:,.1f} MB",
                f"before {sweep.megabytes[0]:,.1f} MB",
                "flat",
            ),
            (
                f"nodes of the document after {rows} scrolled",
                f"{sweep.nodes[1]:,}",
                f"before {sweep.nodes[0]:,}",
                "flat",
            ),
            (f"tasks of more than 50 ms while {rows} are scrolled", f"{len(long)}", longest, "0"),
            ("of these, by more than 50 ms on a processor", f"{len(sweep.tasks.busy)}", "", "0"),
            _row(
                f"largest contentful paint of Today, processor {sizes.throttling} times slower",
                figures.largest_paint,
                "2,500 ms",
            ),
            (
                f"interaction to next paint ({figures.interactions}), {sizes.changes_per_second} changes/s",
                f"{figures.next_paint:,.0f} ms",
                "",
                "200 ms",
            ),
            (
                "layout shift while Today is loaded",
                f"{figures.layout_shift.median:.3f}",
                f"{figures.layout_shift.least:.3f} to {figures.layout_shift.most:.3f}",
                "0.1",
            ),
            (
                f"layout shift in the list under {figures.changes:,} changes",
                f"{figures.live_shift:.3f}",
                "",
                "0.1",
            ),
            _many(
                "bulk action from the list: {} devices tagged, each by name",
                figures.tagged,
                "exact",
            ),
            _many("all alarms that match acknowledged: {}, each by name", figures.acknowledged, ""),
            _many(
                "export from the list: {} devices in one whole file", figures.exported, "no limit"
            ),
            ("load of the machine at the end", f"{figures.load_after:.2f}", "", ""),
        ),
    )


def last_line(figures: PageFigures) -> str:
    return (
        f"bench-page: {figures.sizes.devices:,} devices, first page {figures.first_page.median:.0f} ms,"
        f" map {figures.first_places.median:.0f} ms,"
        f" LCP {figures.largest_paint.median:.0f} ms, INP {figures.next_paint:.0f} ms,"
        f" CLS {figures.layout_shift.median:.3f} and {figures.live_shift:.3f},"
        f" long tasks {len(figures.sweep.tasks.long)} ({len(figures.sweep.tasks.busy)} by work),"
        f" {figures.tagged.count:,} tagged in {figures.tagged.seconds:.0f} s,"
        f" heap {figures.sweep.megabytes[0]:.1f} to {figures.sweep.megabytes[1]:.1f} MB"
    )


def _many(what: str, done: Done, wanted: str) -> tuple[str, ...]:
    return (
        what.format(f"{done.count:,}"),
        f"{done.seconds:,.0f} s",
        f"{done.per_second:,.0f} a second",
        wanted,
    )


def _row(what: str, found: Spread, wanted: str) -> tuple[str, ...]:
    return (
        what,
        f"{found.median:,.0f} ms",
        f"{found.least:,.0f} to {found.most:,.0f} ms",
        wanted,
    )
