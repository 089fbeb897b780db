"""Each package of our programs says in its first words what must never be done in it."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = [
    path.parent.relative_to(ROOT)
    for place in PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    if place != "proto/python/meterpark"
    for path in sorted((ROOT / place).rglob("__init__.py"))
    if "node_modules" not in path.parts
]
NEVER = re.compile(r"\b(?:must never be done here|Never here|Never): \w", re.IGNORECASE)


@pytest.mark.parametrize("package", PACKAGES, ids=str)
def test_a_package_says_what_must_never_be_done_in_it(package: Path) -> None:
    told = ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text()))
    assert told
    assert NEVER.search(" ".join(told.split())), f"{package}: add 'Must never be done here: ...'"
