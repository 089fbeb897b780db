"""What every test of the page is given: the running park, a browser, and somebody who is logged in."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser
from pymongo import AsyncMongoClient

from smoc_service.views.preferences import PREFERENCES
from tests.browser.fleet import Fleet, bring
from tests.neighbours.chromium import Tab, log_in, open_chromium, open_tab
from tests.neighbours.keycloak import Keycloak
from tests.neighbours.stack import RunningStack
from tests.system.conftest import park
from tests.system.park import Park

__all__ = ["park"]


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with open_chromium() as browser:
        yield browser


@pytest.fixture
async def anna(park: Park, chromium: Browser, keycloak: Keycloak) -> AsyncIterator[Tab]:
    """Asset manager of all networks. Each test opens its own view; the first one asks the park for nothing."""
    try:
        async with open_tab(chromium, park.stack.description["bff"]["url"]) as tab:
            await log_in(tab, keycloak, "anna", "/no/such/view")
            yield tab
            assert tab.complaints == []
    finally:
        await forget_choices(park.stack)


async def forget_choices(stack: RunningStack) -> None:
    """Columns, density and page size follow a person: the next test is to find the page as it is at first."""
    async with AsyncMongoClient[dict[str, Any]](stack.mongodb_url) as client:
        await client["smoc"][PREFERENCES].delete_many({})


@pytest.fixture(scope="session")
async def fleet(stack: RunningStack, keycloak: Keycloak) -> Fleet:
    """Three thousand meters, which tests choose and tag; none removes one or changes what it is."""
    return await bring(stack, keycloak)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of the views go: `METERPARK_PICTURES`, else a folder of the run."""
    named = os.environ.get("METERPARK_PICTURES")
    folder = Path(named).absolute() if named else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
