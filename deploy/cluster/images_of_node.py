"""What lies in the node's image store before the first pod: there is no registry that it could ask."""

import hashlib
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.cluster.node.places import NodePlaces
from deploy.cluster.node.programs import PAUSE_IMAGE, NodePrograms
from deploy.cluster.park import DAPR_VERSION
from deploy.cluster.scratch_images import write_scratch_image

COREDNS_IMAGE: Final = "localhost/meterpark/coredns:1"
_DAPR_IMAGES: Final = "ghcr.io/dapr"
_DAPR_PROGRAMS: Final = ("daprd", "placement", "scheduler", "sentry", "injector", "operator")

Tell = Callable[[str], None]


class LoadFailed(Exception):
    """An image did not get into the store; the text says which, and what was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageStore:
    """The node's containerd, and notes of what was loaded into it."""

    places: NodePlaces
    programs: NodePrograms

    def load_programs(self, dapr: Mapping[str, Path], tell: Tell) -> None:
        """Load what Kubernetes and Dapr themselves need; `dapr` names Dapr's programs."""
        for tag, program, user in self._of_programs(dapr):
            mark = hashlib.sha256(program.read_bytes()).hexdigest()
            if self._is_loaded(tag, mark):
                continue
            with tempfile.TemporaryDirectory(prefix="meterpark-image-") as folder:
                archive = Path(folder) / "image.tar"
                write_scratch_image(archive, tag, program, user=user)
                self._import(tag, archive, mark)
            tell(f"image {tag}")

    def load(self, tag: str, archive: Path, tell: Tell) -> None:
        """Load an archive of `make images` that holds the image `tag`."""
        with archive.open("rb") as content:
            mark = hashlib.file_digest(content, "sha256").hexdigest()
        if not self._is_loaded(tag, mark):
            self._import(tag, archive, mark)
            tell(f"image {tag}")

    def _of_programs(self, dapr: Mapping[str, Path]) -> Iterator[tuple[str, Path, str]]:
        folder = self.programs.kubernetes
        nobody, root = "65532:65532", "0:0"
        yield PAUSE_IMAGE, folder / "pause", nobody
        yield COREDNS_IMAGE, folder / "coredns", root
        for name in _DAPR_PROGRAMS:
            yield f"{_DAPR_IMAGES}/{name}:{DAPR_VERSION}", dapr[name], nobody

    def _note(self, tag: str) -> Path:
        return self.places.root / "loaded" / tag.replace("/", "_")

    def _is_loaded(self, tag: str, mark: str) -> bool:
        note = self._note(tag)
        return note.exists() and note.read_text() == mark and tag in self._ctr("list", "-q").split()

    def _import(self, tag: str, archive: Path, mark: str) -> None:
        self._ctr("import", str(archive))
        if tag not in (held := self._ctr("list", "-q").split()):
            raise LoadFailed(f"{archive} holds no {tag}; the store has {', '.join(held)}")
        note = self._note(tag)
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(mark)

    def _ctr(self, *words: str) -> str:
        done = subprocess.run(
            [
                str(self.programs.distribution / "usr" / "bin" / "ctr"),
                *("--address", str(self.places.containerd_socket), "--namespace", "k8s.io"),
                *("images", *words),
            ],
            env=self.programs.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise LoadFailed(f"ctr images {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout
