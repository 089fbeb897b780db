"""`python -m benchmarks`: measure this system on this machine, beside the stock way."""

import os
from typing import Annotated

import typer

from benchmarks.command import Run, run_command
from benchmarks.ending import told_in_one_line
from benchmarks.result import (
    VERB,
    database_page,
    delay_page,
    last_line,
    memory_page,
    processor_page,
    rates_page,
)
from benchmarks.run import measure
from benchmarks.sizes import QUICK, STANDARD, Sizes
from benchmarks.stack.bench_stack import TELEMETRY


def bench(
    *,
    rounds: Annotated[
        int | None, typer.Option(min=1, help="Rounds of each measurement. Default: 5.")
    ] = None,
    reports: Annotated[
        int | None, typer.Option(min=100, help="Reports of one round. Default: 6000.")
    ] = None,
    quick: Annotated[
        bool, typer.Option(help="Small numbers, to try the tool; never written to the docs.")
    ] = False,
    keep: Annotated[bool, typer.Option(help="Keep data and logs of the run.")] = False,
) -> None:
    """Measure reports per second and delay on a stack of the run's own, beside the stock way.

    Takes some ten minutes on two cores, with --quick one or two. A stack that runs already is not touched, but shares
    the machine: for figures that mean something, nothing else should run. The standard run writes its tables into
    docs/benchmarks.md; one with --quick, --rounds or --reports, or with traces, only prints them. The last line holds
    the figures. Traces: OTEL_EXPORTER_OTLP_ENDPOINT, as docs/operations.md says.
    """
    sizes = (QUICK if quick else STANDARD).with_(rounds=rounds, reports=reports)
    with told_in_one_line("bench"):
        traced = any(name.startswith(TELEMETRY) for name in os.environ)
        _measure_and_tell(sizes, keep=keep, publish=sizes == STANDARD and not traced)


def _measure_and_tell(sizes: Sizes, *, keep: bool, publish: bool) -> None:
    run = Run()
    figures, said = run.on_a_stack(lambda stack: measure(stack, sizes, run.tell), keep=keep)
    pages = [
        rates_page(figures),
        delay_page(figures),
        processor_page(figures),
        memory_page(figures),
        database_page(figures),
    ]
    run.keep_samples("bench", figures.samples)
    if figures.repeated:
        run.tell(f"{figures.repeated} calls were made again: a sidecar or a service was away")
    run.end(pages, said, last_line(figures), verb=VERB if publish else None)


if __name__ == "__main__":
    run_command(bench, "benchmarks")
