"""Work on many devices and alarms, begun by clicks in the page, and what became of each; a file of all devices."""

import re
import time
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Locator, expect

from benchmarks.page.browsing import Browsing
from benchmarks.register.population import NETWORKS
from benchmarks.trouble import BenchFailed

# A tenth of the park: 100,000 of a million devices.
_FILTERED: Final = next(name for name, share in NETWORKS if share == 10)  # noqa: PLR2004
_TAG: Final = "bench-page"
# As long as a slow machine takes for a million.
_PATIENCE_MS: Final = 900_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How many devices or alarms it was, all of them as they were to be in the end, and the seconds from the click."""

    count: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


async def tagged(browsing: Browsing) -> Done:
    """Tag all devices of one network from their list; the result names each, and the list finds each by its tag.

    Raises:
        BenchFailed: a device was left, or was done twice.
    """
    page = browsing.page
    await browsing.tab.open(f"/devices?network={_FILTERED}")
    await expect(page.locator("[role=row] [role=gridcell] a").first).to_be_visible()
    await page.get_by_role("checkbox", name="Choose the rows in sight").check()
    bar = page.get_by_role("region", name="Chosen devices")
    everything = bar.get_by_role("button", name=re.compile(r"^Choose all [\d,]+ that fit$"))
    count = await _number(everything)
    await everything.click()
    await bar.get_by_role("button", name="Tag", exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Add these tags").fill(_TAG)
    begin = dialog.get_by_role("button", name="Tag", exact=True)
    await expect(begin).to_be_enabled(timeout=_PATIENCE_MS)
    began = time.perf_counter()
    await begin.click()
    await expect(dialog).to_contain_text(f"Done: {count:,}", timeout=_PATIENCE_MS)
    seconds = time.perf_counter() - began
    await dialog.get_by_role("link", name="Results per device").click()
    results = page.get_by_role("group", name="What became of them").get_by_role("button")
    await expect(results).to_have_text(["All", f"Done {count:,}"])
    await browsing.tab.open(f"/devices?tag={_TAG}")
    found = page.get_by_role("status").filter(has_text=f"{count:,} devices")
    await expect(found).to_be_visible()
    return Done(count=count, seconds=seconds)


async def acknowledged(browsing: Browsing) -> Done:
    """Acknowledge all open alarms from the inbox; return when each of them has its result.

    Raises:
        BenchFailed: an alarm could not be acknowledged.
    """
    page = browsing.page
    await browsing.tab.open("/alarms?state=OPEN")
    await page.get_by_role("checkbox", name="Choose all shown").check()
    if await page.get_by_role("button", name="Show older alarms").is_visible():
        await page.get_by_role("button", name="Choose all that match").click()
    chosen = page.get_by_role("group", name="With those that are chosen")
    await chosen.get_by_role("button", name="Acknowledge").click()
    dialog = page.get_by_role("dialog")
    begin = dialog.get_by_role("button", name="Acknowledge")
    await expect(begin).to_be_enabled(timeout=_PATIENCE_MS)
    began = time.perf_counter()
    await begin.click()
    # Fewer than were counted before, when some have ended since: the job says how many it has.
    worked = dialog.get_by_text(re.compile(r"^[\d,]+ of [\d,]+ \(100 %\)$"))
    await expect(worked).to_be_visible(timeout=_PATIENCE_MS)
    seconds = time.perf_counter() - began
    count = await _number(worked)
    # An alarm whose cause has ended meanwhile is left, and named. A later one is none of these: it opens meanwhile.
    result = await dialog.get_by_text(re.compile(r"^Done: [\d,]+")).inner_text()
    told = [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", result)]
    if "failed" in result or sum(told) != count:
        raise BenchFailed(f"of {count:,} alarms: {result}")
    return Done(count=count, seconds=seconds)


async def exported(browsing: Browsing, devices: int) -> Done:
    """Have all devices written into a file, as the list shows them.

    Raises:
        BenchFailed: the file does not hold each device once, or does not say that it is whole.
    """
    page = browsing.page
    await browsing.tab.open("/devices")
    await page.get_by_role("button", name="Export", exact=True).click()
    dialog = page.get_by_role("dialog", name="Export devices as CSV")
    began = time.perf_counter()
    async with page.expect_download(timeout=_PATIENCE_MS) as coming:
        await dialog.get_by_role("button", name="Export").click()
    await expect(dialog).to_contain_text("The file is whole.", timeout=_PATIENCE_MS)
    seconds = time.perf_counter() - began
    written = await (await coming.value).path()
    ids, last = set[str](), ""
    with written.open(encoding="utf-8-sig") as lines:
        next(lines)
        for line in lines:
            ids.add(line.partition(",")[0])
            last = line
    ids.discard(last.partition(",")[0])
    if len(ids) != devices or not last.startswith(f"# whole: {devices} devices"):
        raise BenchFailed(f"the file has {len(ids):,} of {devices:,} devices and ends {last!r}")
    return Done(count=len(ids), seconds=seconds)


async def _number(shown: Locator) -> int:
    """Return the number that a text shows."""
    text = await shown.inner_text()
    found = re.search(r"\d[\d,]*", text)
    if found is None:
        raise BenchFailed(f"no number in {text!r}")
    return int(found[0].replace(",", ""))
