"""The web page, built from bff/web: once per content of its source, by the Node that the router runs on."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from deploy.runtime.cache import Component, install_once
from deploy.runtime.node import NODE_VERSION, node, npm_packages, packages_component
from deploy.runtime.progress import Progress

_CHECKOUT: Final = Path(__file__).resolve().parents[2]
_WEB: Final = Path("bff/web")
PAGE_SOURCE: Final = _CHECKOUT / _WEB
# For Angular's programs: no questions on the terminal, and no reports to their makers.
QUIET: Final = {"NG_CLI_ANALYTICS": "false", "CI": "true"}
# The page itself, and what its questions are written in and checked against.
_SOURCES: Final = (_WEB, Path("bff/page_documents"))
_PACKAGES: Final = "page-packages"
_SCHEMA: Final = Path("bff/schema.graphql")
# What a build or an editor leaves in the checkout.
_NO_SOURCE: Final = frozenset({"node_modules", "dist", "out", ".angular", "generated.ts"})
# Specs do not change the built page.
_OF_SPECS: Final = (".spec.ts", ".spec.json")


def page_component() -> Component:
    """Return the built page: another source, another folder."""
    recipe = b"".join(
        str(path).encode() + b"\0" + (_CHECKOUT / path).read_bytes() for path in _source()
    )
    return Component(name="page", version=f"node{NODE_VERSION}", recipe=recipe)


def page_packages_component() -> Component:
    """Return what the page is built with, and what its tests run in it."""
    return packages_component(_PACKAGES, PAGE_SOURCE)


def page(cache: Path, progress: Progress, environment: Mapping[str, str]) -> Path:
    """Return the folder of the built page, one folder in it per language.

    Raises:
        InstallFailed: the build's packages are not to be had, or the page does not build.
    """

    def install(folder: Path) -> None:
        expect = "550 small packages, 410 MB unpacked"
        packages = npm_packages(_PACKAGES, PAGE_SOURCE, cache, progress, environment, expect=expect)
        web = lay_out_page(folder / "work", packages)
        for what, words in (
            ("page: types of its questions", types_of_questions(web)),
            ("page: build", angular(web, "build")),
            ("page: pack", (web / "pack.mjs", "dist", folder)),
        ):
            progress.run(
                what,
                [node(cache, progress, environment) / "node", *words],
                environment={**environment, **QUIET},
                cwd=web,
            )
        shutil.rmtree(folder / "work")

    return install_once(page_component(), cache, progress, install)


def lay_out_page(work: Path, packages: Path, *, with_specs: bool = False) -> Path:
    """Copy the page's source into `work`, with its packages beside it; return where its programs run."""
    for path in [*_source(), *(_specs() if with_specs else ())]:
        copy = work / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_CHECKOUT / path, copy)
    web = work / _WEB
    (web / "node_modules").symlink_to(packages / "node_modules")
    return web


def types_of_questions(web: Path) -> tuple[str | Path, ...]:
    """Return the words, for Node, that write `generated.ts`."""
    codegen = web / "node_modules" / "@graphql-codegen" / "cli" / "cjs" / "bin.js"
    return codegen, "--config", "codegen.mjs"


def angular(web: Path, *words: str) -> tuple[str | Path, ...]:
    """Return the words, for Node, of a command of Angular's."""
    return web / "node_modules" / "@angular" / "cli" / "bin" / "ng.js", *words


def _source() -> list[Path]:
    """Return the files that decide what the page is, from the checkout's top, in order."""
    files = (path for top in _SOURCES for path in _files(_CHECKOUT / top))
    return sorted([_SCHEMA, *(path for path in files if not path.name.endswith(_OF_SPECS))])


def _specs() -> list[Path]:
    files = _files(PAGE_SOURCE)
    return sorted(path for path in files if path.name.endswith(_OF_SPECS))


def _files(top: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders if name not in _NO_SOURCE]
        for name in names:
            if name not in _NO_SOURCE and not name.startswith("."):
                yield (Path(folder) / name).relative_to(_CHECKOUT)
