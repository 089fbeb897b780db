"""One run: messages flow, faults happen one after the other, all comes to rest, and then it is checked."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from benchmarks.trouble import BenchFailed
from faults.checking.check import Finding, check
from faults.checking.reading import open_client, read
from faults.kinds.doing import Doer
from faults.ledger.ledger import Book, Ledger
from faults.ledger.traffic import Traffic
from faults.plan import Pace, planned
from faults.publishing import Publisher
from faults.target import QUEUE
from faults.watching import Watch
from meterpark_cli.doctor.queue_depths import DepthsUnknown, read_depths
from meterpark_cli.stack.broker_access import BrokerAccess
from service_chassis.tasks import in_background

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.telling import Tell
    from faults.kinds.links import Links
    from faults.kinds.table import Kind
    from faults.plan import Step
    from faults.target import Target
    from faults.watching import Served

_LOOK_SECONDS: Final = 2.0
_REST_SECONDS: Final = 180.0
_DEPTH_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """``faults`` at most, and none is begun after ``minutes``. The messages are spread over the minutes."""

    seed: int
    messages: int
    devices: int
    faults: int
    minutes: float
    pace: Pace = field(default_factory=Pace)

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / (60 * self.minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """What a step of the plan did: how long the chain did not serve.

    ``to_journal``, ``to_register``: seconds from the end of the fault (a kill: from the kill) until a message that was
    published then was there. ``from_listening``: the same to the journal, from when what was killed listened again.
    """

    step: Step
    missed: tuple[str, ...]
    to_journal: float
    to_register: float
    from_listening: float | None


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a run found."""

    sizes: Sizes
    ledger: Ledger
    felt: list[Felt]
    findings: list[Finding]
    sent_again: int
    seconds: float
    # Messages in the broker's dead-letter queue at the end.
    dead: int = 0

    @property
    def faults(self) -> int:
        return sum(len(each.step.kinds) for each in self.felt)

    @property
    def kills(self) -> int:
        return sum(kind.deaths for each in self.felt for kind in each.step.kinds)


async def run(
    target: Target,
    kinds: Sequence[Kind],
    sizes: Sizes,
    folder: Path,
    tell: Tell,
    *,
    alone: bool,
    links: Links | None = None,
) -> Outcome:
    """Do it, and write the history into ``folder``; ``alone``: nobody else speaks to this stack.

    Raises:
        BenchFailed: the chain does not serve again after a fault.
    """
    began = time.monotonic()
    traffic = Traffic(
        seed=sizes.seed,
        devices=sizes.devices,
        messages=sizes.messages,
        began_at=datetime.now(UTC),
    )
    ledger = Ledger(traffic)
    (folder / "run.json").write_text(
        json.dumps({**asdict(sizes), "began_at": traffic.began_at.isoformat()}, indent=1)
    )
    felt: list[Felt] = []
    with (
        (folder / "ledger.jsonl").open("w", encoding="utf-8") as lines,
        (folder / "faults.jsonl").open("w", encoding="utf-8") as history,
    ):
        publisher = Publisher(
            broker=target.broker, traffic=traffic, book=Book(lines, ledger), rate=sizes.rate
        )
        async with (
            AsyncMongoClient[dict[str, Any]](
                target.mongodb_url, serverSelectionTimeoutMS=1_000, readConcernLevel="majority"
            ) as client,
            in_background({"publishing": publisher.run()}),
        ):
            watch = Watch(client)
            await watch.served(publisher)
            tell("the chain serves")
            doer = Doer(target, client, links)
            for step in planned(sizes.seed, kinds, sizes.pace):
                if step.number > sizes.faults or time.monotonic() - began > 60 * sizes.minutes:
                    break
                await asyncio.sleep(step.pause_seconds)
                one = await _do(step, doer, publisher, watch)
                felt.append(one)
                history.write(json.dumps(_as_line(one, began)) + "\n")
                history.flush()
                tell(f"{_told(one)}; {ledger.published:,} messages published")
            tell(f"no more faults; {publisher.planned_left:,} messages are left to publish")
            await publisher.the_rest()
        await target.until_ready()
    tell(f"{ledger.published:,} messages are with the broker; waiting until all comes to rest")
    findings, dead = await at_rest(target, ledger, tell, alone=alone)
    (folder / "findings.json").write_text(
        json.dumps([str(finding) for finding in findings], indent=1)
    )
    return Outcome(
        sizes=sizes,
        ledger=ledger,
        felt=felt,
        findings=findings,
        sent_again=publisher.sent_again,
        seconds=time.monotonic() - began,
        dead=dead,
    )


async def at_rest(
    target: Target, ledger: Ledger, tell: Tell, *, alone: bool
) -> tuple[list[Finding], int]:
    """Check until nothing is wrong, or what is wrong does not change for a long time; return it, and the dead letters.

    What is on its way looks like a loss: so the last look counts, three minutes after the first at the latest.
    """
    deadline = time.monotonic() + _REST_SECONDS
    while True:
        try:
            findings, dead = await asyncio.to_thread(_look, target, ledger, alone)
        except (PyMongoError, DepthsUnknown) as error:
            if time.monotonic() > deadline:
                raise BenchFailed(f"cannot be checked: {error}") from error
        else:
            if not findings or time.monotonic() > deadline:
                return findings, dead
            of_kind = Counter(finding.wrong.value for finding in findings)
            tell("not at rest yet: " + ", ".join(f"{n} {name}" for name, n in of_kind.items()))
        await asyncio.sleep(_LOOK_SECONDS)


def _look(target: Target, ledger: Ledger, alone: bool) -> tuple[list[Finding], int]:  # noqa: FBT001 - for a thread
    said = target.description["broker"]
    # The administrator's: whoever asks needs a queue for the answer.
    access = BrokerAccess(
        url=said["url_amqp"],
        user=said["user_admin"],
        password_file=Path(said["password_file_admin"]),
        destination=f"queue://{QUEUE}",
    )
    depths = read_depths(access, [QUEUE, f"DLQ.{QUEUE}"], _DEPTH_SECONDS)
    counts = {name: depth.message_count for name, depth in depths.items()}
    dead = counts.get(f"DLQ.{QUEUE}", 0)
    with open_client(target.mongodb_url) as client:
        device_ids = None if alone else list(ledger.statements)
        found = read(client, device_ids, queued=counts.get(QUEUE, 0), dead=dead)
    return check(ledger, found, alone=alone), dead


async def _do(step: Step, doer: Doer, publisher: Publisher, watch: Watch) -> Felt:
    over = [asyncio.Event() for _ in step.kinds]

    async def felt() -> Served:
        for event in over:
            await event.wait()
        return await watch.served(publisher)

    doing = (
        doer.do(kind, step.seconds, event) for kind, event in zip(step.kinds, over, strict=True)
    )
    done, served = await asyncio.gather(asyncio.gather(*doing), felt())
    ended_at = max(each.over_at for each in done)
    listening = [each.listening_at for each in done if each.listening_at is not None]
    return Felt(
        step=step,
        missed=tuple(each.kind.name for each in done if each.missed),
        to_journal=served.in_journal_at - ended_at,
        to_register=served.in_register_at - ended_at,
        from_listening=max(0.0, served.in_journal_at - max(listening)) if listening else None,
    )


def _told(felt: Felt) -> str:
    names = " + ".join(kind.name for kind in felt.step.kinds)
    missed = " (missed its point)" if felt.missed else ""
    return (
        f"{felt.step.number:3d}  {names}{missed}: served after {felt.to_journal:.1f} s,"
        f" shown after {felt.to_register:.1f} s"
    )


def _as_line(felt: Felt, began: float) -> dict[str, Any]:
    step = felt.step
    return {
        "number": step.number,
        "kinds": [kind.name for kind in step.kinds],
        "seconds": step.seconds if any(kind.how.lasts for kind in step.kinds) else 0,
        "ended_at": time.monotonic() - began,
        "missed": list(felt.missed),
        "to_journal": felt.to_journal,
        "to_register": felt.to_register,
        "from_listening": felt.from_listening,
    }
