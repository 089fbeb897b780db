"""Nobody gets through any door that is not his, however he asks; and everybody gets through those that are."""

import pytest

from tests.denied.cases import Locks, every_case
from tests.denied.matrix import run_matrix
from tests.neighbours.stack import RunningStack


@pytest.mark.timeout(900)
async def test_every_call_of_the_matrix_is_answered_as_the_table_says(stack: RunningStack) -> None:
    stack.wait_until_ready()
    findings = await run_matrix(stack, tell=lambda _: None)
    assert findings.fine, f"{findings.line()}\n{findings.explanation()}"
    assert findings.cases == sum(len(list(every_case(locks))) for locks in Locks)


def test_no_case_is_counted_twice() -> None:
    counted = 0
    for locks in Locks:
        cases = [str(case) for case in every_case(locks)]
        assert len(set(cases)) == len(cases)
        counted += len(cases)
    assert counted >= 5_000
