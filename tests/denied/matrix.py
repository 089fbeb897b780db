"""Running the matrix: both locks, then each of them alone, and what came of it."""

import asyncio
import contextlib
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.denied.calls import Outcome, open_doors
from tests.denied.cases import Locks, every_case
from tests.denied.locks import policy_off, token_check_off
from tests.denied.table import Answer
from tests.denied.tokens import every_token
from tests.neighbours.keycloak import Keycloak
from tests.neighbours.stack import RunningStack

_TOLD_EVERY = 2_000
# The order is mixed, so that one case leaves nothing behind for its sisters, and is the same in each run.
_SEED = 61968


@dataclass(slots=True, kw_only=True)
class Findings:
    cases: int = 0
    answers: Counter[Answer] = field(default_factory=Counter)
    wrong_allows: list[Outcome] = field(default_factory=list)
    wrong_denies: list[Outcome] = field(default_factory=list)
    # Denied as it should be, but by another lock or for another reason than the table says.
    other_words: list[Outcome] = field(default_factory=list)
    unanswered: list[Outcome] = field(default_factory=list)

    @property
    def fine(self) -> bool:
        return not (self.wrong_allows or self.wrong_denies or self.other_words or self.unanswered)

    def line(self) -> str:
        """Give the one line at the end."""
        more = [
            f"{len(outcomes)} {what}"
            for what, outcomes in (
                ("denied for another reason than the table's", self.other_words),
                ("unanswered", self.unanswered),
            )
            if outcomes
        ]
        return ", ".join(
            [
                f"denied calls: {self.cases:,} cases",
                f"{len(self.wrong_allows)} wrong allows",
                f"{len(self.wrong_denies)} wrong denies",
                *more,
            ]
        )

    def explanation(self, at_most: int = 20) -> str:
        """Name the first cases of each kind that went wrong, with what was said."""
        return "\n".join(
            f"{what}: {outcome.case}; expected: {outcome.case.expected}; got: {outcome.answer} ({outcome.said})"
            for what, outcomes in (
                ("WRONG ALLOW", self.wrong_allows),
                ("WRONG DENY", self.wrong_denies),
                ("OTHER WORD", self.other_words),
                ("NO ANSWER", self.unanswered),
            )
            for outcome in outcomes[:at_most]
        )

    def take(self, outcome: Outcome) -> None:
        self.cases += 1
        self.answers[outcome.answer] += 1
        expected, answer = outcome.case.expected, outcome.answer
        if answer is Answer.NONE:
            self.unanswered.append(outcome)
        elif answer is Answer.RAN:
            if expected is not Answer.RAN:
                self.wrong_allows.append(outcome)
        elif expected is Answer.RAN:
            self.wrong_denies.append(outcome)
        elif expected not in {answer, Answer.REFUSED}:
            self.other_words.append(outcome)


async def run_matrix(stack: RunningStack, tell: Callable[[str], None]) -> Findings:
    """Make every call of the matrix against `stack`, which is left as it was found."""
    findings = Findings()
    with tempfile.TemporaryDirectory() as folder:
        tell("getting tokens")
        async with Keycloak.of_stack(stack.description["keycloak"]) as keycloak:
            tokens = await every_token(keycloak)
        for locks in Locks:
            with _with(locks, stack, Path(folder)):
                async with open_doors(stack, tokens) as doors:
                    cases = list(every_case(locks))
                    random.Random(_SEED).shuffle(cases)  # noqa: S311 - an order, not a secret
                    answered = asyncio.as_completed([doors.call(case) for case in cases])
                    for count, outcome in enumerate(answered, 1):
                        findings.take(await outcome)
                        if count % _TOLD_EVERY == 0 or count == len(cases):
                            tell(f"{locks}: {count:,} of {len(cases):,}")
    return findings


def _with(
    locks: Locks, stack: RunningStack, folder: Path
) -> contextlib.AbstractContextManager[None]:
    match locks:
        case Locks.BOTH:
            return contextlib.nullcontext()
        case Locks.NO_POLICY:
            return policy_off(stack, folder)
        case Locks.UNCHECKED:
            return token_check_off(stack)
