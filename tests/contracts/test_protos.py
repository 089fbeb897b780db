"""The contracts say what they promise: every service and every method has a comment above it."""

import re
import subprocess
from pathlib import Path

import pytest

from deploy.protos import breaks, publish

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


FIRST = """syntax = "proto3";
package example.v1;
message Reading { string meter = 1; int64 value = 2; }
"""


@pytest.fixture
def published(tmp_path: Path) -> Path:
    image = tmp_path / "published.binpb"
    publish(_contract(tmp_path / "first", FIRST), image)
    return image


def _contract(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "reading.proto").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (" int64 value = 2;", "", 'field "2" with name "value" on message "Reading" was deleted'),
        ("int64 value = 2", "int64 value = 3", 'field "2" with name "value"'),
        ("int64 value", "string value", 'changed type from "int64" to "string"'),
        ("value", "amount", 'changed name from "value" to "amount"'),
    ],
)
def test_what_takes_from_the_contract_or_changes_it_is_found(
    tmp_path: Path, published: Path, old: str, new: str, finding: str
) -> None:
    changed = _contract(tmp_path / "second", FIRST.replace(old, new))
    assert finding in "\n".join(breaks(changed, published))


def test_what_is_added_breaks_nothing_and_is_published_from_then_on(
    tmp_path: Path, published: Path
) -> None:
    added = _contract(tmp_path / "second", FIRST.replace("}", "string unit = 3; }"))
    assert breaks(added, published) == []
    assert breaks(published, added), "the image lacks what was added"
    publish(added, published)
    assert breaks(published, added) == []
    assert breaks(tmp_path / "first", published)


def test_a_contract_that_cannot_be_read_is_not_called_good(tmp_path: Path, published: Path) -> None:
    assert "missing name" in breaks(_contract(tmp_path / "second", "message {"), published)[0]
    with pytest.raises(subprocess.CalledProcessError):
        breaks(tmp_path / "first", tmp_path / "absent.binpb")
