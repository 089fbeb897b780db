"""Code from `proto/`: checked in, so that a clone type-checks without a step; `--check` compares."""

import filecmp
import subprocess
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_SOURCE = _ROOT / "proto"
_GENERATED = _SOURCE / "python"


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


def main() -> int:
    if sys.argv[1:] != ["--check"]:
        generate(_GENERATED)
        return 0
    with tempfile.TemporaryDirectory() as fresh:
        generate(Path(fresh))
        stale = differences(Path(fresh), _GENERATED)
    for name in stale:
        print(f"proto/python/{name} is not what the proto file says: make proto", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
