"""`python -m faults`: break a stack of the run's own while messages flow, and prove that nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from benchmarks.command import Run, run_command
from benchmarks.ending import told_in_one_line
from benchmarks.instruments.machine import version_line, versions
from benchmarks.result import put_between_markers
from benchmarks.stack.bench_stack import bench_stack
from deploy.runtime.paths import installed_runtime, installed_toxiproxy
from faults.kinds.links import ProxyPorts, lead_connector, links_of, proxy
from faults.kinds.table import CONNECTOR, TABLE
from faults.proving import prove
from faults.result import VERB, counts_page, last_line, recovery_page
from faults.run import Sizes, run
from faults.target import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.telling import Tell
    from faults.kinds.table import Kind
    from faults.run import Outcome

_DOCUMENT: Final = Path(__file__).resolve().parents[1] / "docs" / "reliability.md"
_WIDTH: Final = 160
_SHOWN: Final = 40
STANDARD: Final = Sizes(seed=0, messages=20_000, devices=400, faults=200, minutes=8)


def faults(
    *,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Messages and faults follow from it. Default: a new one."),
    ] = None,
    messages: Annotated[int, typer.Option(min=1_000, help="How many.")] = STANDARD.messages,
    devices: Annotated[int, typer.Option(min=20, help="What they speak of.")] = STANDARD.devices,
    kills: Annotated[
        int,
        typer.Option(
            "--kills", min=0, help="Steps at most: a fault each, each fourth two at once."
        ),
    ] = STANDARD.faults,
    minutes: Annotated[
        float,
        typer.Option(min=0.5, help="No fault is begun later; the messages are spread over them."),
    ] = STANDARD.minutes,
    only: Annotated[
        str, typer.Option(help="Only faults whose name holds this text, e.g. 'kill' or 'mongod'.")
    ] = "",
    history: Annotated[
        Path | None,
        typer.Option(help="Folder for the history. Default: below the folder of stacks."),
    ] = None,
    publish: Annotated[
        bool, typer.Option(help="Write the tables into docs/reliability.md.")
    ] = False,
    keep: Annotated[bool, typer.Option(help="Keep data and logs of the stack.")] = False,
    kinds: Annotated[
        bool, typer.Option("--list", help="Print the kinds of fault, and end.")
    ] = False,
) -> None:
    """Break a stack of the run's own while messages flow, then compare what was said with what is stored.

    Ctrl-C ends the run and its stack at any time; the history so far stays. The same seed gives the same messages, but
    for their times, and the same faults in the same order. The last line holds the counts; the exit code is 1 when
    something was lost, doubled, misordered, different or put aside wrongly.
    """
    chosen = [kind for kind in TABLE if only in kind.name]
    if kinds:
        _print(chosen)
        return
    if not chosen:
        raise typer.BadParameter(f"no fault has {only!r} in its name: see --list")
    sizes = Sizes(
        seed=secrets.randbelow(1_000_000) if seed is None else seed,
        messages=messages,
        devices=devices,
        faults=kills,
        minutes=minutes,
    )
    with told_in_one_line("faults"):
        fine = _run(sizes, chosen, _folder(history, sizes.seed), publish=publish, keep=keep)
    if not fine:
        raise typer.Exit(1)


def _run(sizes: Sizes, kinds: Sequence[Kind], folder: Path, *, publish: bool, keep: bool) -> bool:
    began = Run()
    began.tell(f"seed {sizes.seed}, {sizes.messages:,} messages; history: {folder}")
    runtime = installed_runtime(os.environ)
    ports = ProxyPorts.chosen()
    with ExitStack() as opened:
        runner = opened.enter_context(asyncio.Runner())
        interface = opened.enter_context(proxy(installed_toxiproxy(os.environ), folder))
        runner.run(_lead(interface, ports))
        bench = opened.enter_context(
            bench_stack(
                runtime,
                os.environ,
                keep=keep,
                name="faults",
                ports=ports.stack,
                mongod_fail_points=True,
                mongod_proxy_port=ports.mongod,
            )
        )
        said = version_line(versions(runtime, bench.mongodb_url))
        began.tell(f"ready: {said}")
        lead_connector(bench.stack.state, ports)
        bench.stack.supervisor.restart(CONNECTOR)
        target = Target(stack=bench.stack, hes_port=ports.hes)
        outcome = runner.run(
            _break(target, kinds, sizes, folder, interface=interface, tell=began.tell)
        )
        proven = prove(target, outcome.ledger, began.tell)
        began.tell("ending the stack")
    for finding in outcome.findings[:_SHOWN]:
        began.tell(str(finding))
    pages = [counts_page(outcome, proven), recovery_page(outcome)]
    console = Console(width=_WIDTH)
    for page in pages:
        console.print(f"\n{page.title}", highlight=False)
        console.print(page.for_terminal())
    command = (
        f"python -m faults --seed {sizes.seed} --messages {sizes.messages}"
        f" --devices {sizes.devices} --kills {sizes.faults} --minutes {sizes.minutes:g}"
    )
    about = f"{began.machine}\\\n{said}\\\nAgain: `{command}`"
    section = "\n\n".join([about, *(page.as_markdown() for page in pages)])
    (folder / "tables.md").write_text(f"{section}\n\n{last_line(outcome)}\n", encoding="utf-8")
    if publish:
        put_between_markers(_DOCUMENT, section, VERB)
        began.tell(f"written to docs/{_DOCUMENT.name}")
    print(last_line(outcome))
    return not outcome.findings and all(one.found for one in proven)


async def _lead(interface: int, ports: ProxyPorts) -> None:
    async with links_of(interface, ports.routes()):
        pass


async def _break(
    target: Target,
    kinds: Sequence[Kind],
    sizes: Sizes,
    folder: Path,
    *,
    interface: int,
    tell: Tell,
) -> Outcome:
    async with links_of(interface, {}) as links:
        return await run(target, kinds, sizes, folder, tell, alone=True, links=links)


def _folder(history: Path | None, seed: int) -> Path:
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{seed}"
    folder = history or Path(state) / "meterpark" / "faults" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _print(kinds: Sequence[Kind]) -> None:
    for kind in kinds:
        print(f"{kind.name}: {kind.how}")


if __name__ == "__main__":
    run_command(faults, "faults")
