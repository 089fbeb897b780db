"""A folder per component and version: complete or absent, made once, by one run at a time."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.runtime.progress import InstallFailed, Progress


def cache_root(environment: Mapping[str, str]) -> Path:
    """Where everything fetched or built is kept: `$XDG_CACHE_HOME/meterpark`, else `~/.cache/...`.

    Raises:
        InstallFailed: neither is known.
    """
    named = environment.get("XDG_CACHE_HOME")
    if not named and not environment.get("HOME"):
        raise InstallFailed("the folder for programs is not known: set HOME or XDG_CACHE_HOME")
    home = Path(named) if named else Path(environment["HOME"]) / ".cache"
    return home.absolute() / "meterpark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """Something of the runtime; `recipe` is all that decides its content beside the version.

    A changed recipe gives another folder, so that two checkouts on one machine do not undo
    each other's work.
    """

    name: str
    version: str
    recipe: bytes

    def folder(self, cache: Path) -> Path:
        digest = hashlib.sha256(self.recipe).hexdigest()[:8]
        return cache / f"{self.name}-{self.version}-{digest}"

    @property
    def title(self) -> str:
        return f"{self.name} {self.version}"


def install_once(
    component: Component, cache: Path, progress: Progress, install: Callable[[Path], None]
) -> Path:
    """Return the component's folder, after `install` has filled it if it was not there.

    `install` works in a folder beside it, which gets the final name only when it is complete:
    an interrupted run leaves nothing that looks finished.
    """
    folder = component.folder(cache)
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with _only_one(cache / f".{component.name}.lock", component.title, progress):
        if folder.is_dir():
            return folder
        for leftover in cache.glob(f".{component.name}.partial-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{component.name}.partial-", dir=cache))
        try:
            install(partial)
            partial.chmod(0o755)
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return folder


@contextlib.contextmanager
def _only_one(lock: Path, title: str, progress: Progress) -> Iterator[None]:
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say(f"{title}: another run is installing it; waiting")
            fcntl.flock(handle, fcntl.LOCK_EX)
        os.ftruncate(handle.fileno(), 0)
        yield
