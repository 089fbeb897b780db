"""A browser before the page, with what it notes about itself: paints, shifts, interactions, memory."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from playwright.async_api import CDPSession, Page

from benchmarks.stack.bench_stack import BenchStack
from tests.neighbours.chromium import Tab, log_in, open_chromium, open_tab
from tests.neighbours.keycloak import Keycloak

# Runs before the page's own scripts. Observers are of the standards "Event Timing", "Layout Instability"
# and "Largest Contentful Paint".
_NOTES: Final = """
window.noted = { paints: [], shifts: [], interactions: {} };
const watch = (type, note, more = {}) => new PerformanceObserver((list) => list.getEntries().forEach(note))
  .observe({ type, buffered: true, ...more });
watch('largest-contentful-paint', (one) => noted.paints.push(one.startTime));
watch('layout-shift', (one) => { if (!one.hadRecentInput) noted.shifts.push([one.startTime, one.value]); });
watch('event', ({ interactionId, duration }) => {
  if (!interactionId) return;
  noted.interactions[interactionId] = Math.max(duration, noted.interactions[interactionId] ?? 0);
}, { durationThreshold: 16 });
"""
_SHIFT_GAP_MS: Final = 1_000
_SHIFT_WINDOW_MS: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Milliseconds, as Chromium noted them since the document began."""

    paints: list[float]
    shifts: list[tuple[float, float]]
    interactions: list[float]

    @property
    def largest_paint(self) -> float:
        return max(self.paints, default=0.0)

    @property
    def layout_shift(self) -> float:
        """The worst window of shifts: at most a second between two, five seconds in all (web.dev/articles/cls)."""
        worst = current = 0.0
        first = last = float("-inf")
        for at, value in self.shifts:
            if at - last > _SHIFT_GAP_MS or at - first > _SHIFT_WINDOW_MS:
                current, first = 0.0, at
            current, last = current + value, at
            worst = max(worst, current)
        return worst

    @property
    def next_paint(self) -> float:
        """The slowest interaction but one in fifty (web.dev/articles/inp)."""
        slowest = sorted(self.interactions, reverse=True)
        return slowest[len(slowest) // 50] if slowest else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Browsing:
    tab: Tab
    devtools: CDPSession

    @property
    def page(self) -> Page:
        return self.tab.page

    async def noted(self) -> Noted:
        said: Any = json.loads(await self.page.evaluate("JSON.stringify(noted)"))
        return Noted(
            paints=said["paints"],
            shifts=[(at, value) for at, value in said["shifts"]],
            interactions=list(said["interactions"].values()),
        )

    async def throttle(self, times: int) -> None:
        await self.devtools.send("Emulation.setCPUThrottlingRate", {"rate": times})

    async def with_an_empty_cache(self) -> None:
        await self.devtools.send("Network.clearBrowserCache")

    async def memory(self) -> tuple[float, int]:
        """Return megabytes of JavaScript and nodes of the document, after all that is garbage was collected."""
        await self.devtools.send("HeapProfiler.collectGarbage")
        said = await self.devtools.send("Performance.getMetrics")
        found = {one["name"]: one["value"] for one in said["metrics"]}
        return found["JSHeapUsedSize"] / 2**20, int(found["Nodes"])


@asynccontextmanager
async def browsing(bench: BenchStack) -> AsyncIterator[Browsing]:
    """Open a browser in which the asset manager is logged in, at the start page."""
    async with (
        open_chromium() as chromium,
        Keycloak.of_stack(bench.description["keycloak"]) as keycloak,
        open_tab(chromium, bench.description["bff"]["url"]) as tab,
    ):
        await tab.page.add_init_script(_NOTES)
        devtools = await tab.page.context.new_cdp_session(tab.page)
        await devtools.send("Performance.enable")
        await devtools.send("Network.enable")
        await log_in(tab, keycloak, "anna")
        yield Browsing(tab=tab, devtools=devtools)
