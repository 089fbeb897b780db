"""What a run of several hubs says of their cost."""

from pathlib import Path

from benchmarks.hubs.result import VERB, by_part, cost_page, last_line, process_page
from benchmarks.hubs.run import HubFigures, HubRound
from benchmarks.hubs.sizes import HubSizes
from benchmarks.result import markers


def _round(hubs: int, milliseconds: float) -> HubRound:
    others = {f"device-hub-{number}": 0.1 for number in range(2, hubs + 1)}
    return HubRound(
        rate=800.0 / hubs,
        to_verdict={"device-hub": milliseconds, "mongod": 0.2},
        to_register={
            "device-hub": milliseconds,
            **others,
            "device-hub-sidecar": 0.05,
            "device-hub-sidecar-2": 0.05,
            "mongod": 0.4,
            "keycloak": 0.01,
        },
    )


FIGURES = HubFigures(
    sizes=HubSizes(hubs=(1, 2), rounds=3),
    rounds={
        1: [_round(1, each) for each in (0.8, 0.9, 0.7)],
        2: [_round(2, each) for each in (1.0, 1.1, 0.9)],
    },
)


def test_the_cost_of_several_is_compared_with_that_of_one() -> None:
    assert cost_page(FIGURES).rows == (
        ("1", "800", "1.00", "0.90 to 1.10", "1.00x", "1.31", "1.21 to 1.41", "1.00x"),
        ("2", "400", "1.20", "1.10 to 1.30", "1.20x", "1.61", "1.51 to 1.71", "1.23x"),
    )


def test_every_hub_counts_and_so_does_every_other_process() -> None:
    rows = {row[0]: row[1:] for row in process_page(FIGURES).rows}
    assert rows["all hubs"] == ("0.80", "1.10")
    assert rows["sidecars of all hubs"] == ("0.10", "0.10")
    assert rows["everything else"] == ("0.01", "0.01")
    one = FIGURES.rounds[2][0].to_register
    assert round(sum(by_part(one).values()), 9) == round(sum(one.values()), 9)


def test_the_last_line_holds_the_figures_of_the_run() -> None:
    assert last_line(FIGURES) == (
        "bench-hubs: cost per report against one hub:"
        " 2 hubs 1.20x to the verdict and 1.23x to the register"
    )


def test_the_document_has_a_place_for_the_tables() -> None:
    text = (Path(__file__).parents[4] / "docs" / "benchmarks.md").read_text()
    assert [text.count(line) for line in markers(VERB)] == [1, 1]
