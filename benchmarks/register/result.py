"""The figures of the register as people read them."""

from typing import Final

from benchmarks.register.run import Percentiles, RegisterFigures
from benchmarks.result import Page

VERB: Final = "make bench-register"


def answers_page(figures: RegisterFigures) -> Page:
    def row(what: str, found: Percentiles, wanted: str) -> tuple[str, ...]:
        return (
            what,
            f"{found.samples:,}",
            f"{1000 * found.p50.median:,.0f} ms",
            f"{1000 * found.p95.median:,.0f} ms",
            f"{1000 * found.p95.least:,.0f} to {1000 * found.p95.most:,.0f} ms",
            f"{1000 * found.p99.median:,.0f} ms",
            wanted,
        )

    waited = figures.delays
    rounds = f"{figures.sizes.rounds} round{'s' if figures.sizes.rounds > 1 else ''}"
    return Page(
        title=f"Answers of a register of {figures.sizes.devices:,} devices ({rounds} after a warm-up)",
        head=("what", "samples", "p50", "p95", "p95 of the rounds", "p99", "to reach"),
        rows=(
            row("three facets: first page of 50, with six counts", figures.search, "p95 100 ms"),
            row("three facets: first page of 50", figures.page, ""),
            row("park summary with ten changes", figures.summary, "p95 20 ms"),
            row("first page of 50 through the router", figures.router, "p95 250 ms"),
            (
                "broker's acknowledgement to a subscriber",
                f"{waited.samples:,}",
                f"{1000 * waited.p50:,.0f} ms",
                "",
                "",
                f"{1000 * waited.p99:,.0f} ms",
                "p99 1,000 ms",
            ),
        ),
    )


def work_page(figures: RegisterFigures) -> Page:
    sizes = figures.sizes
    return Page(
        title="Work on many, and the making of it",
        head=("what", "figure", "to reach"),
        rows=(
            *(
                (
                    f"bulk job: {job.told} {job.devices:,} devices",
                    f"{job.per_second:,.0f} devices/s",
                    "1,000 devices/s",
                )
                for job in figures.jobs
            ),
            (
                f"import of {sizes.import_rows:,} rows: sent, checked, imported",
                f"{figures.import_seconds:,.0f} s",
                "120 s for 100,000",
            ),
            (f"making {sizes.devices:,} devices", f"{figures.made_in:,.0f} s", ""),
            ("start of the register until it answers", f"{figures.loaded_in:,.0f} s", ""),
            ("load of the machine at the end", f"{figures.load_after:.2f}", ""),
        ),
    )


def last_line(figures: RegisterFigures) -> str:
    jobs = " ".join(f"{job.name} {job.per_second:.0f}" for job in figures.jobs)
    return (
        f"bench-register: {figures.sizes.devices:,} devices,"
        f" search p50 {1000 * figures.search.p50.median:.0f}"
        f" p95 {1000 * figures.search.p95.median:.0f}"
        f" p99 {1000 * figures.search.p99.median:.0f} ms,"
        f" summary p95 {1000 * figures.summary.p95.median:.0f} ms,"
        f" jobs {jobs} devices/s,"
        f" import {figures.sizes.import_rows:,} rows {figures.import_seconds:.0f} s,"
        f" router page p95 {1000 * figures.router.p95.median:.0f} ms,"
        f" change to subscriber p99 {1000 * figures.delays.p99:.0f} ms"
    )
