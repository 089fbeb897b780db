"""Node's programs, run on a copy of the page's sources as a person would run them."""

import os
import subprocess
from pathlib import Path

from deploy.runtime.page import QUIET, lay_out_page, types_of_questions
from deploy.runtime.paths import installed_node, installed_page_packages

_PATIENCE_SECONDS = 300


def laid_out(tmp_path: Path, *, with_specs: bool = False) -> Path:
    """Return a copy of the page's sources with its packages and the types of its questions."""
    web = lay_out_page(tmp_path, installed_page_packages(), with_specs=with_specs)
    node(web, *types_of_questions(web))
    return web


def node(web: Path, *words: str | Path) -> str:
    """Return what Node said; it must end well."""
    done = subprocess.run(
        [installed_node(os.environ), *words],
        cwd=web,
        env={"HOME": str(web), "PATH": os.environ["PATH"], "NO_COLOR": "1", **QUIET},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=_PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
