"""Carrying the attacks out, one after the other, and looking after each what it left behind."""

import asyncio
from collections.abc import Callable, Sequence

from tests.abuse.attack import Attack
from tests.abuse.findings import Findings, Wrong
from tests.abuse.target import Size, Target, target_of
from tests.neighbours.stack import RunningStack
from tests.system.park import until

_ATTACK_SECONDS = 300


async def run_attacks(
    stack: RunningStack, attacks: Sequence[Attack], size: Size, tell: Callable[[str], None]
) -> Findings:
    """Do every attack to ``stack``; what it still serves is looked at after each."""
    findings = Findings()
    async with target_of(stack, size) as target:
        # A sidecar that is ready may not have found its peers yet.
        await until(target.still_serves, lambda trouble: not trouble)
        before = target.memory()
        for attack in attacks:
            await _do(attack, target, findings)
            tell(f"{attack.name}: {findings.line()}")
        after = target.memory()
    findings.growth = {name: after[name] - before.get(name, 0) for name in after}
    return findings


async def _do(attack: Attack, target: Target, findings: Findings) -> None:
    pids = target.pids()

    def wrong(case: str, said: str) -> None:
        findings.wrong.append(Wrong(attack=attack.name, case=case, said=said))

    try:
        async with asyncio.timeout(_ATTACK_SECONDS):
            async for case in attack.deed(target):
                findings.cases += 1
                if case.wrong:
                    wrong(case.name, case.wrong)
    except TimeoutError:
        wrong("the whole attack", f"not over after {_ATTACK_SECONDS} s")
    findings.cases += 1
    if trouble := await target.still_serves():
        wrong("afterwards", trouble)
    now = target.pids()
    findings.restarts += [
        f"{name} during {attack.name}" for name, pid in pids.items() if now.get(name) != pid
    ]
