"""Code from `proto/`: checked in, so that a clone type-checks without a step; `--check` compares.

The contract only grows: `proto/published.binpb` holds what callers may rely on (all protos, as buf writes them). A
change or removal of its parts is refused. Additions become part of it.
"""

import filecmp
import subprocess
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_SOURCE = _ROOT / "proto"
_GENERATED = _SOURCE / "python"
_PUBLISHED = _SOURCE / "published.binpb"
_BUF = Path(sys.executable).parent / "buf"
_BUF_FOUND = 100


def generate(target: Path) -> None:
    """Generate messages, stubs and their types for every proto file into `target`.

    Raises:
        subprocess.CalledProcessError: a proto file is wrong; protoc has said where.
    """
    target.mkdir(parents=True, exist_ok=True)
    protos = sorted(str(file) for file in (_SOURCE / "meterpark").rglob("*.proto"))
    plugins = Path(sys.executable).parent
    subprocess.run(
        [
            *(sys.executable, "-m", "grpc_tools.protoc", "-I", str(_SOURCE)),
            f"--plugin=protoc-gen-mypy={plugins / 'protoc-gen-mypy'}",
            f"--plugin=protoc-gen-mypy_grpc={plugins / 'protoc-gen-mypy_grpc'}",
            *(f"--{kind}_out={target}" for kind in ("python", "grpc_python")),
            *(f"--{kind}_out=quiet:{target}" for kind in ("mypy", "mypy_grpc")),
            *protos,
        ],
        check=True,
    )
    for folder in [target / "meterpark", *(target / "meterpark").rglob("*/")]:
        if folder.is_dir() and folder.name != "__pycache__":
            (folder / "__init__.py").touch()


def differences(one: Path, other: Path) -> list[str]:
    """Return which files are not the same in both folders, by their path."""
    names = {
        file.relative_to(folder)
        for folder in (one, other)
        for file in folder.rglob("*.py*")
        if file.suffix in {".py", ".pyi"}
    }
    return sorted(
        str(name)
        for name in names
        if not (one / name).is_file()
        or not (other / name).is_file()
        or not filecmp.cmp(one / name, other / name, shallow=False)
    )


def breaks(contract: Path, published: Path) -> list[str]:
    """Return what `contract` lacks or says in another way than `published`; both protos or an image of them.

    Raises:
        subprocess.CalledProcessError: one of them is not there; buf has said so.
    """
    answer = subprocess.run(
        [str(_BUF), "breaking", str(contract), "--against", str(published)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if answer.returncode not in {0, _BUF_FOUND}:
        answer.check_returncode()
    return answer.stdout.splitlines()


def publish(source: Path, published: Path) -> None:
    """Add the present content of `source` to the published contract."""
    subprocess.run(
        [str(_BUF), "build", str(source), "--exclude-source-info", "--output", str(published)],
        check=True,
    )


def main() -> int:
    if broken := breaks(_SOURCE, _PUBLISHED):
        print(*broken, sep="\n", file=sys.stderr)
        print(
            "the contract only grows: deprecate, and add beside it. If it never was on main: "
            "git checkout main -- proto/published.binpb",
            file=sys.stderr,
        )
        return 1
    if sys.argv[1:] != ["--check"]:
        generate(_GENERATED)
        publish(_SOURCE, _PUBLISHED)
        return 0
    with tempfile.TemporaryDirectory() as fresh:
        generate(Path(fresh))
        stale = differences(Path(fresh), _GENERATED)
    for name in stale:
        print(f"proto/python/{name} does not fit its proto file: make proto", file=sys.stderr)
    unpublished = breaks(_PUBLISHED, _SOURCE)
    if unpublished:
        print("proto/published.binpb lacks what was added: make proto", file=sys.stderr)
    return 1 if stale or unpublished else 0


if __name__ == "__main__":
    sys.exit(main())
