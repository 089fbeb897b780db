"""The program that builds images: buildah, podman or docker, whichever is there."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ENGINES = ("buildah", "podman", "docker")
# Whole, as clusters look for it: a name without a host would be one of docker.io to them.
REPOSITORY = "localhost/meterpark"
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


class ImagesFailed(Exception):
    """An image cannot be built; the text says why, or where it says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    name: str

    @classmethod
    def found(cls, environment: Mapping[str, str]) -> "Engine":
        """Return the engine that `ENGINE` names, else the first that is there.

        Raises:
            ImagesFailed: there is none.
        """
        asked = environment.get("ENGINE")
        for name in [asked] if asked else ENGINES:
            if shutil.which(name, path=environment.get("PATH")):
                return cls(name=name)
        raise ImagesFailed(
            f"{asked} is not there"
            if asked
            else f"one of {', '.join(ENGINES)} is needed; none is there"
        )

    def build(self, tag: str, file: Path, context: Path, arguments: Mapping[str, str]) -> None:
        """Build `file` with `context`, and keep the image as `tag`; what is said goes to the terminal."""
        said = [
            word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")
        ]
        run([self.name, "build", *self._of_ours(), *said, "-t", tag, "-f", file, context])

    def _of_ours(self) -> tuple[str, ...]:
        if self.name != "buildah":
            return ()
        # No daemon, no network of its own; and where a company has an authority of its own, the build trusts it.
        trusted = f"{_CERTIFICATES}:{_CERTIFICATES}:ro"
        own = ("--volume", trusted) if _CERTIFICATES.exists() else ()
        return ("--isolation", "chroot", "--layers", "--pull=false", "--timestamp", "0", *own)

    def save(self, tag: str, archive: Path) -> None:
        """Write the image as an archive: of OCI with compressed layers, as registries keep them, or Docker's own."""
        archive.unlink(missing_ok=True)
        if self.name == "docker":
            run(["docker", "save", "-o", archive, tag])
        elif self.name == "podman":
            run(["podman", "save", "--format", "oci-archive", "-o", archive, tag])
        else:
            run(["buildah", "push", "--quiet", tag, f"oci-archive:{archive}:{tag}"])

    def kind_of_archives(self) -> str:
        """Return how syft calls what `save` writes."""
        return "docker-archive" if self.name == "docker" else "oci-archive"

    def answer(self, tag: str, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a command in a container of the image, as the image's user, and return what it said."""
        if self.name != "buildah":
            only = ("--rm", "--read-only", "--network", "none", "--entrypoint", command[0])
            return _said([self.name, "run", *only, tag, *command[1:]])
        container = _said(["buildah", "from", "--pull=false", tag]).stdout.strip()
        try:
            return _said(["buildah", "run", "--isolation", "chroot", container, "--", *command])
        finally:
            _said(["buildah", "rm", container])

    def has(self, tag: str) -> bool:
        words = (
            ["inspect", "--type", "image", tag]
            if self.name != "docker"
            else ["image", "inspect", tag]
        )
        answer = subprocess.run([self.name, *words], capture_output=True, check=False)
        return answer.returncode == 0


def run(command: Sequence[str | Path]) -> None:
    words = [str(word) for word in command]
    if subprocess.run(words, check=False).returncode != 0:
        raise ImagesFailed(f"failed: {' '.join(words)}")


def _said(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)
