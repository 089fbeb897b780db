"""The tables and the last line of a run."""

from faults.checking.check import Finding, Wrong
from faults.kinds.table import TABLE
from faults.plan import Step
from faults.result import Proven, counts_page, last_line, recovery_page
from faults.run import Felt, Outcome, Sizes
from tests.specs.faults.as_stored import taken, traffic

SIZES = Sizes(seed=1, messages=400, devices=20, faults=3, minutes=1)
KINDS = {kind.name: kind for kind in TABLE}


def felt(number: int, seconds: float, *names: str, listening: float | None = None) -> Felt:
    kinds = tuple(KINDS[name] for name in names)
    return Felt(
        step=Step(number=number, pause_seconds=1, seconds=3, kinds=kinds),
        missed=(),
        to_journal=seconds,
        to_register=seconds + 0.5,
        from_listening=listening,
    )


OUTCOME = Outcome(
    sizes=SIZES,
    ledger=taken(traffic()),
    felt=[
        felt(1, 3.0, "kill device-hub", listening=0.5),
        felt(2, 5.0, "kill device-hub", listening=0.75),
        felt(3, 0.25, "freeze mongod"),
        felt(4, 9.0, "kill device-hub", "freeze mongod", listening=4.0),
    ],
    findings=[Finding(Wrong.LOST, "north/1", "message 4 has no commit")],
    sent_again=7,
    seconds=66,
)


def test_the_last_line_holds_all_counts() -> None:
    published = OUTCOME.ledger.published
    assert last_line(OUTCOME) == (
        f"faults: {published} messages, 3 kills, 5 faults, 1 lost, 0 doubled, 0 misordered,"
        " 0 diverged, 0 wrongly quarantined, worst recovery 9.0 s to the journal"
        " (kill device-hub + freeze mongod), 9.5 s to the register (kill device-hub + freeze mongod)"
    )


def test_each_kind_has_a_row_with_what_it_cost_alone_and_in_pairs() -> None:
    assert recovery_page(OUTCOME).rows == [
        ("kill device-hub", "2", "4.0", "5.0", "4.5", "5.5", "0.8", "1", "9.0", "9.5"),
        ("freeze mongod", "1", "0.2", "0.2", "0.8", "0.8", "", "1", "9.0", "9.5"),
    ]


def test_the_counts_tell_what_was_wrong_and_how_much_of_what_was_planted_was_found() -> None:
    proven = [Proven("a", Wrong.LOST, found=True), Proven("b", Wrong.DOUBLED, found=False)]
    rows = {row[0]: row[1] for row in counts_page(OUTCOME, proven).rows}
    assert rows["lost"] == "1"
    assert rows["doubled"] == "0"
    assert rows["errors planted afterwards, and found by the checker"] == "1 of 2"
