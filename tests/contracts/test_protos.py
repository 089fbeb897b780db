"""The contracts say what they promise: every service and every method has a comment above it."""

import re
from pathlib import Path

import pytest

PROTOS = Path(__file__).parents[2] / "proto"
FILES = sorted(PROTOS.glob("meterpark/**/*.proto"))
DECLARED = re.compile(r"^\s*(service|rpc)\s+(\w+)")


def uncommented(text: str) -> list[str]:
    """Return what is declared without a comment in the line before."""
    lines = text.splitlines()
    found = []
    for number, line in enumerate(lines):
        declared = DECLARED.match(line)
        if declared and not (number and lines[number - 1].lstrip().startswith("//")):
            found.append(f"line {number + 1}: {declared[1]} {declared[2]}")
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PROTOS)))
def test_every_service_and_method_says_what_it_does(file: Path) -> None:
    assert uncommented(file.read_text()) == []


def test_there_are_contracts_to_look_at() -> None:
    names = {file.name for file in FILES}
    assert {"device_hub_service.proto", "device_service.proto", "error_reason.proto"} <= names
    assert uncommented("service A {\n  rpc B(C) returns (D);\n}") == [
        "line 1: service A",
        "line 2: rpc B",
    ]
