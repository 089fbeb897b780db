"""The run: a register is made, a person logs in and does what people do. Reads as docs/benchmarks.md explains it."""

import os
from dataclasses import dataclass

from benchmarks.instruments.figures import Spread
from benchmarks.page.browsing import Browsing, browsing
from benchmarks.page.changes import changing
from benchmarks.page.many import Done, acknowledged, exported, tagged
from benchmarks.page.measures import first_page, first_places, scroll_down, start_page, work
from benchmarks.page.sizes import PageSizes
from benchmarks.page.tasks import Traced, traced
from benchmarks.register.making import made
from benchmarks.stack.bench_stack import BenchStack
from benchmarks.telling import Tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What scrolling cost: megabytes and nodes before and after, and tasks of more than 50 ms."""

    megabytes: tuple[float, float]
    nodes: tuple[int, int]
    tasks: Traced


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFigures:
    """All that a run measured, in milliseconds unless said otherwise."""

    sizes: PageSizes
    largest_paint: Spread
    layout_shift: Spread
    first_page: Spread
    first_places: Spread
    sweep: Sweep
    interactions: int
    next_paint: float
    live_shift: float
    changes: int
    tagged: Done
    acknowledged: Done
    exported: Done
    load_after: float


async def measure(bench: BenchStack, sizes: PageSizes, tell: Tell) -> PageFigures:
    await made(bench, sizes.devices, tell)
    async with browsing(bench) as browser:
        loads = [await start_page(browser, sizes.throttling) for _ in range(sizes.rounds)]
        paint, shift = (Spread.of(list(one)) for one in zip(*loads, strict=True))
        tell(f"start page: largest paint {paint.median:.0f} ms, shift {shift.median:.3f}")
        first = Spread.of([await first_page(browser) for _ in range(sizes.rounds)])
        tell(f"first page of the list: {first.median:.0f} ms")
        places = Spread.of([await first_places(browser) for _ in range(sizes.rounds)])
        tell(f"first paint of the map: {places.median:.0f} ms")
        sweep = await _swept(browser, sizes)
        tell(
            f"scrolled: {len(sweep.tasks.long)} long tasks ({len(sweep.tasks.busy)} by work),"
            f" {sweep.megabytes[1]:.0f} MB"
        )
        await browser.tab.open("/devices")
        async with changing(bench, sizes.changes_per_second) as changes:
            await work(browser, sizes.interactions)
            noted = await browser.noted()
        tell(f"at work: next paint {noted.next_paint:.0f} ms, {changes.stored} changes")
        file = await exported(browser, sizes.devices)
        tell(f"exported {file.count:,} devices in {file.seconds:.0f} s")
        tags = await tagged(browser)
        tell(f"tagged {tags.count:,} devices in {tags.seconds:.0f} s")
        alarms = await acknowledged(browser)
        tell(f"acknowledged {alarms.count:,} alarms in {alarms.seconds:.0f} s")
    return PageFigures(
        sizes=sizes,
        largest_paint=paint,
        layout_shift=shift,
        first_page=first,
        first_places=places,
        sweep=sweep,
        interactions=len(noted.interactions),
        next_paint=noted.next_paint,
        live_shift=noted.layout_shift,
        changes=changes.stored,
        tagged=tags,
        acknowledged=alarms,
        exported=file,
        load_after=os.getloadavg()[0],
    )


async def _swept(browser: Browsing, sizes: PageSizes) -> Sweep:
    """The list is warm when it begins to count: a tenth of the rows were scrolled through before."""
    await browser.tab.open("/devices")
    rows = min(sizes.rows_scrolled, sizes.devices)
    await scroll_down(browser, rows // 10)
    before = await browser.memory()
    tasks = Traced()
    # In parts: Chromium drops what comes when the buffer of a trace is full.
    for seen in range(0, rows, sizes.rows_traced_at_once):
        async with traced(browser.page, tasks):
            await scroll_down(browser, min(seen + sizes.rows_traced_at_once, rows))
    after = await browser.memory()
    return Sweep(megabytes=(before[0], after[0]), nodes=(before[1], after[1]), tasks=tasks)
