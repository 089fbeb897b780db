"""Images that are made without an engine."""

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from deploy.cluster.scratch_images import write_scratch_image


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "coredns"
    file.write_bytes(b"\x7fELF as far as anybody looks")
    return file


def read(archive: Path, name: str) -> Any:
    with tarfile.open(archive) as opened:
        member = opened.extractfile(name)
        assert member
        return json.load(member)


def test_the_same_program_gives_the_same_image(tmp_path: Path, program: Path) -> None:
    first, second = tmp_path / "first.tar", tmp_path / "second.tar"
    write_scratch_image(first, "localhost/coredns:1", program)
    program.touch()
    write_scratch_image(second, "localhost/coredns:1", program)
    assert first.read_bytes() == second.read_bytes()
    program.write_bytes(b"\x7fELF of another version")
    write_scratch_image(second, "localhost/coredns:1", program)
    assert first.read_bytes() != second.read_bytes()


def test_an_image_has_its_program_as_entry_and_no_root(tmp_path: Path, program: Path) -> None:
    archive = tmp_path / "image.tar"
    write_scratch_image(archive, "localhost/coredns:1", program)
    [manifest] = read(archive, "manifest.json")
    assert manifest["RepoTags"] == ["localhost/coredns:1"]
    said = read(archive, manifest["Config"])["config"]
    assert said["Entrypoint"] == ["/coredns"]
    assert said["User"].partition(":")[0] != "0"
    with tarfile.open(archive) as opened:
        layer = opened.extractfile("layer.tar")
        assert layer
        with tarfile.open(fileobj=layer) as files:
            assert files.getmember("coredns").mode == 0o755
