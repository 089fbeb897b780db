"""Build both images, and say how large they are: `python -m deploy.images`."""

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.images.bases import BUILDER, NODE, PYTHON, debian_bases
from deploy.images.bills import write_bill
from deploy.images.checks import check_image
from deploy.images.context import ROOT, services_context, web_context
from deploy.images.engine import REPOSITORY, Engine, ImagesFailed
from deploy.runtime.paths import RuntimeMissing, installed_syft

_HERE = Path(__file__).parent
_DIST = ROOT / "dist" / "images"
_MEGABYTE = 1_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.images", description=__doc__)
    parser.add_argument(
        "--debian-bases",
        action="store_true",
        help="begin with Debian's packages (mmdebstrap), where no registry can be reached",
    )
    own_bases = parser.parse_args(arguments).debian_bases
    try:
        build_images(Engine.found(os.environ), os.environ, own_bases=own_bases)
    except (ImagesFailed, RuntimeMissing) as failure:
        print(f"images: {failure}", file=sys.stderr)
        return 1
    return 0


def build_images(engine: Engine, environment: Mapping[str, str], *, own_bases: bool) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    labels = {"VERSION": version, "REVISION": _revision()}
    bases: dict[str, dict[str, str]] = {"services": {}, "web": {}}
    if own_bases:
        debian_bases(engine, environment, (BUILDER, PYTHON, NODE))
        bases = {"services": {"BUILDER": BUILDER, "BASE": PYTHON}, "web": {"BASE": NODE}}
    contexts: dict[str, Callable[[Path, Mapping[str, str]], None]] = {
        "services": services_context,
        "web": web_context,
    }
    syft = installed_syft(environment)
    _DIST.mkdir(parents=True, exist_ok=True)
    for name, fill in contexts.items():
        tag = f"{REPOSITORY}/{name}:{version}"
        # Not in the checkout: there it would be a second one for every tool that looks at all code.
        with tempfile.TemporaryDirectory(prefix="meterpark-images-") as folder:
            context = Path(folder) / name
            fill(context, environment)
            engine.build(tag, _HERE / f"{name}.Dockerfile", context, {**labels, **bases[name]})
        looked_at = check_image(engine, name, tag)
        archive = _DIST / f"meterpark-{name}-{version}.tar"
        engine.save(tag, archive)
        bill = write_bill(syft, name, archive, kind=engine.kind_of_archives())
        print(
            f"{tag}: {archive.relative_to(ROOT)}, {_size(archive)}; {looked_at} checks passed; {bill}"
        )


def _revision() -> str:
    return subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def _size(archive: Path) -> str:
    """Return what a registry would hold, and what its largest layers are."""
    with tarfile.open(archive) as opened:

        def read(name: str) -> dict[str, list[dict[str, str | int]]]:
            member = opened.extractfile(name)
            if member is None:
                raise ImagesFailed(f"{archive}: {name} is no file")
            content: dict[str, list[dict[str, str | int]]] = json.load(member)
            return content

        [manifest] = read("index.json")["manifests"]
        layers = read(f"blobs/{str(manifest['digest']).replace(':', '/')}")["layers"]
    sizes = [int(layer["size"]) for layer in layers]
    each = ", ".join(f"{size / _MEGABYTE:.1f}" for size in sizes)
    return f"{sum(sizes) / _MEGABYTE:.1f} MB compressed (layers: {each})"


if __name__ == "__main__":
    sys.exit(main())
