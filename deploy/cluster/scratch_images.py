"""Images of one program that needs nothing else: an archive as `docker save` writes it, made without an engine.

The same program gives the same image: there are no times in it.
"""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Final

# Dapr's own images run as this user, too.
_USER: Final = "65532:65532"
_PEOPLE: Final = (
    "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin\n"
)


def write_scratch_image(archive: Path, tag: str, program: Path, *, user: str = _USER) -> None:
    """Write an image of `program` alone, at `/NAME`, where it is the entry point, too."""
    entry = f"/{program.name}"
    layer = _layer(program, entry)
    configuration = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": {
                "User": user,
                "WorkingDir": "/",
                "Entrypoint": [entry],
                "Env": ["PATH=/"],
            },
            "rootfs": {
                "type": "layers",
                "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"],
            },
        }
    ).encode()
    name = f"{hashlib.sha256(configuration).hexdigest()}.json"
    manifest = [{"Config": name, "RepoTags": [tag], "Layers": ["layer.tar"]}]
    partial = archive.with_suffix(".partial")
    with tarfile.open(partial, "w") as file:
        _add(file, name, configuration, mode=0o644)
        _add(file, "layer.tar", layer, mode=0o644)
        _add(file, "manifest.json", json.dumps(manifest).encode(), mode=0o644)
    partial.replace(archive)


def _layer(program: Path, entry: str) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as file:
        for folder, mode in (("tmp", 0o1777), ("etc", 0o755)):
            described = tarfile.TarInfo(folder)
            described.type, described.mode = tarfile.DIRTYPE, mode
            file.addfile(described)
        _add(file, "etc/passwd", _PEOPLE.encode(), mode=0o644)
        _add(file, "etc/group", b"root:x:0:\nnonroot:x:65532:\n", mode=0o644)
        _add(file, "etc/nsswitch.conf", b"hosts: files dns\n", mode=0o644)
        _add(file, entry.lstrip("/"), program.read_bytes(), mode=0o755)
    return written.getvalue()


def _add(file: tarfile.TarFile, name: str, content: bytes, *, mode: int) -> None:
    described = tarfile.TarInfo(name)
    described.size, described.mode = len(content), mode
    file.addfile(described, io.BytesIO(content))
