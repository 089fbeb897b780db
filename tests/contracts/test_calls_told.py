"""The documents tell who may call whom as the access policies allow it."""

import re
from pathlib import Path

import pytest

from tests.denied.table import APPS, METHODS

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (\S+) \| (\S+) \| (.+) \|$", re.MULTILINE)
# The name of a method or of a whole service; "but" takes one out.
WORD = re.compile(r"(but )?(?:\w+/)?\b([A-Z]\w+)")


@pytest.mark.parametrize("document", ["components/README.md", "docs/architecture.md"])
def test_each_caller_is_told_with_the_methods_that_it_may_call_and_no_others(document: str) -> None:
    rows = ROW.findall((ROOT / document).read_text())
    told = {
        (caller, callee): _methods(callee, text)
        for caller, callee, text in rows
        if caller in APPS and callee in APPS
    }
    allowed: dict[tuple[str, str], set[str]] = {}
    for method in METHODS:
        for app in method.apps:
            allowed.setdefault((app, method.callee), set()).add(method.path)
    assert told == allowed


def _methods(callee: str, text: str) -> set[str]:
    """Return the paths of the methods that a row names; a word that names none is one itself."""
    found: set[str] = set()
    for but, word in WORD.findall(text):
        named = {
            method.path
            for method in METHODS
            if method.callee == callee and word in (method.name, method.service.rpartition(".")[2])
        }
        found = found - named if but else found | (named or {word})
    return found
