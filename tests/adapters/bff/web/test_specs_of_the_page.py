"""The specs beside the page's sources (`bff/web/src/**/*.spec.ts`), run by Node as a person would run them."""

import os
import subprocess
from pathlib import Path

from deploy.runtime.page import PAGE_SOURCE, QUIET, angular, lay_out_page, types_of_questions
from deploy.runtime.paths import installed_node, installed_page_packages

_PATIENCE_SECONDS = 300


def test_all_specs_of_the_page_hold(tmp_path: Path) -> None:
    web = lay_out_page(tmp_path, installed_page_packages(), with_specs=True)
    _node(web, *types_of_questions(web))
    said = _node(web, *angular(web, "test", "--watch=false"))
    specs = list(PAGE_SOURCE.glob("src/**/*.spec.ts"))
    assert specs
    assert f"{len(specs)} passed" in said, said


def _node(web: Path, *words: str | Path) -> str:
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
