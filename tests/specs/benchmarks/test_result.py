"""What a run writes: the document between its markers, and the last line."""

from pathlib import Path

import pytest

from benchmarks.instruments.database_work import DatabaseWork, Writes
from benchmarks.instruments.figures import Delays, Spread
from benchmarks.result import (
    VERB,
    Page,
    database_page,
    last_line,
    markers,
    memory_page,
    processor_page,
    put_between_markers,
    rates_page,
)
from benchmarks.run import Figures
from benchmarks.sizes import STANDARD
from benchmarks.trouble import BenchFailed

BEGIN, END = markers(VERB)


FIGURES = Figures(
    sizes=STANDARD,
    to_journal=Spread(median=812.4, least=790.0, most=830.0),
    to_register=Spread(median=790.2, least=770.0, most=801.0),
    several_to_journal=Spread(median=1500.0, least=1400.0, most=1600.0),
    several_to_register=Spread(median=1450.0, least=1350.0, most=1550.0),
    delays=Delays(p50=0.0449, p90=0.1, p99=0.18, p999=0.24, most=0.25, samples=1500),
    door_batches=Spread(median=1910.0, least=1900.0, most=1950.0),
    door_single=Spread(median=382.0, least=380.0, most=390.0),
    bare_insert=Spread(median=16248.0, least=15000.0, most=17000.0),
    stock_door=Spread(median=191.0, least=180.0, most=200.0),
    stock_chain=Spread(median=158.04, least=150.0, most=160.0),
    call_single=Delays(p50=0.3, p90=0.4, p99=0.5, p999=0.6, most=0.7, samples=100),
    call_stock=Delays(p50=0.6, p90=0.7, p99=0.8, p999=0.9, most=1.0, samples=100),
    milliseconds={
        "whole chain": {"device-hub": 0.5, "mongod": 0.25},
        "stock chain": {"mongod": 1.0},
    },
    memory={"ours": {"device-hub": 114.4}, "stock": {"mongod": 1024.0}},
    database=DatabaseWork(
        writes={
            "smoc.devices": Writes(documents=1.0, index_entries=0.5, bytes=900.0),
            "device_hub.commits": Writes(documents=1.0, index_entries=3.0, bytes=1200.0),
            "device_hub.feeds": Writes(documents=0.001, index_entries=0.001, bytes=1.0),
        },
        requests={"insert": 0.5, "update": 0.25},
        change_streams={"device_hub.commits": 2},
    ),
    repeated=0,
    samples={},
)


def test_the_last_line_holds_the_figures_of_the_run() -> None:
    assert last_line(FIGURES) == (
        "bench: 812 reports/s, 0.75 ms per report, 5.0x the stock chain, 10.0x at the door"
    )


def test_a_door_is_compared_with_a_door_and_a_whole_chain_with_a_whole_chain() -> None:
    compared = {row[0].split(" (")[0]: row[3] for row in rates_page(FIGURES).rows if row[3]}
    assert compared == {
        "broker to register": "5.0x",
        "stock chain: broker to register": "1.0x",
        "our door, batches of 500": "10.0x",
        "our door, one report per call": "2.0x",
        "stock door: one report per call, Dapr actor state": "1.0x",
    }


def test_what_is_stored_is_compared_with_what_the_database_can_do() -> None:
    shares = [row[4] for row in rates_page(FIGURES).rows if row[4]]
    assert shares == ["5.0 %", "100.0 %"]


def test_memory_stands_by_process_ours_beside_the_stock_ones() -> None:
    rows = {row[0]: row[1:] for row in memory_page(FIGURES).rows}
    assert rows["device-hub"] == ("114", "")
    assert rows["mongod"] == ("", "1,024")


def test_processor_time_of_a_process_that_did_not_run_is_left_empty() -> None:
    rows = {row[0]: row[1:] for row in processor_page(FIGURES).rows}
    assert rows["device-hub"] == ("0.50", "")
    assert rows["all of them"] == ("0.75", "1.00")


def test_what_is_written_stands_by_collection_the_most_bytes_first() -> None:
    page = database_page(FIGURES)
    assert page.rows == (
        ("device_hub.commits", "1.00", "3.00", "1,200"),
        ("smoc.devices", "1.00", "0.50", "900"),
        ("all of them", "2.00", "3.50", "2,100"),
    )
    assert "insert 0.50, update 0.25; open change streams: 2 on device_hub.commits" in page.title


def test_the_section_between_the_markers_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(f"# Figures\n\nabove\n\n{BEGIN}\nold\n{END}\n\nbelow\n")
    put_between_markers(document, "new")
    put_between_markers(document, "newer")
    assert document.read_text() == f"# Figures\n\nabove\n\n{BEGIN}\n\nnewer\n\n{END}\n\nbelow\n"


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}\n{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}"])
def test_a_document_without_one_pair_of_markers_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(text)
    with pytest.raises(BenchFailed, match=r"benchmarks\.md needs the lines"):
        put_between_markers(document, "new")
    assert document.read_text() == text


def test_the_document_of_this_project_has_its_markers() -> None:
    text = (Path(__file__).parents[3] / "docs" / "benchmarks.md").read_text()
    assert text.count(BEGIN) == 1
    assert text.count(END) == 1


def test_a_table_in_the_document_has_a_ruler_and_its_rows() -> None:
    page = Page(title="Rates", head=("what", "median"), rows=(("stock", "191"),))
    assert page.as_markdown() == ("**Rates**\n\n| what | median |\n| --- | ---: |\n| stock | 191 |")


def test_a_long_title_is_broken_where_an_editor_ends() -> None:
    page = Page(title=" ".join(["requests"] * 30), head=("what",), rows=[("a",)])
    title = page.as_markdown().partition("\n\n")[0]
    assert max(map(len, title.splitlines())) <= 120
    assert " ".join(title.splitlines()) == f"**{page.title}**"
