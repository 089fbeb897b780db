"""The specs beside the page's sources (`bff/web/src/**/*.spec.ts`)."""

from pathlib import Path

from deploy.runtime.page import PAGE_SOURCE, angular
from tests.adapters.bff.web.programs import laid_out, node


def test_all_specs_of_the_page_hold(tmp_path: Path) -> None:
    web = laid_out(tmp_path, with_specs=True)
    said = node(web, *angular(web, "test", "--watch=false"))
    specs = list(PAGE_SOURCE.glob("src/**/*.spec.ts"))
    assert specs
    assert f"{len(specs)} passed" in said, said
