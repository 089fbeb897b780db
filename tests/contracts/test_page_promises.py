"""docs/page.md: each quality of the page has a test that is there, or a figure that `make bench-page` writes."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROMISES = (ROOT / "docs" / "page.md").read_text(encoding="utf-8")
FIGURES = (ROOT / "benchmarks" / "page" / "result.py").read_text(encoding="utf-8")
QUALITIES = 25

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PROMISES.splitlines()
    if line.startswith("|") and "---" not in line
]
PROOFS = [row[-1] for row in ROWS if row[-1] != "proof"]
TESTS = sorted({name for proof in PROOFS for name in re.findall(r"`([^`]+)`", proof)})
MEASURED = sorted(
    {
        name.strip()
        for proof in PROOFS
        for said in re.findall(r"figure: ([^;]+)", proof)
        for name in said.split(",")
    }
)


def test_every_quality_has_a_row_and_a_proof() -> None:
    numbered = [int(row[0]) for row in ROWS if row[0].isdecimal()]
    assert numbered == list(range(1, QUALITIES + 1))
    assert [proof for proof in PROOFS if not re.search(r"`|figure: ", proof)] == []


@pytest.mark.parametrize("name", TESTS)
def test_a_test_that_is_named_is_there(name: str) -> None:
    path, _, wanted = name.partition("::")
    file = ROOT / path
    assert file.is_file()
    if wanted:
        defined = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        functions = [
            one for one in defined if isinstance(one, ast.AsyncFunctionDef | ast.FunctionDef)
        ]
        assert wanted in [one.name for one in functions]


@pytest.mark.parametrize("name", MEASURED)
def test_a_figure_that_is_named_is_written_by_the_benchmark(name: str) -> None:
    assert name in FIGURES
