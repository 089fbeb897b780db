"""A bff of the test's own, a router behind it, and people with browsers before it."""

from collections.abc import AsyncIterator

import pytest

from tests.adapters.bff.session.serving import Served, serving_page
from tests.neighbours.browser import Browser, open_browser
from tests.neighbours.keycloak import Keycloak
from tests.neighbours.router_as_told import Router, running_router
from tests.neighbours.stack import RunningStack


@pytest.fixture
async def router() -> AsyncIterator[Router]:
    async with running_router() as started:
        yield started


@pytest.fixture
async def served(stack: RunningStack, router: Router) -> AsyncIterator[Served]:
    async with serving_page(stack, router.url) as started:
        yield started


@pytest.fixture
async def browser(served: Served, keycloak: Keycloak) -> AsyncIterator[Browser]:
    async with open_browser(served.url, keycloak) as opened:
        yield opened


@pytest.fixture
async def other_browser(served: Served, keycloak: Keycloak) -> AsyncIterator[Browser]:
    async with open_browser(served.url, keycloak) as opened:
        yield opened
