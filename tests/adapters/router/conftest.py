"""What every test of the router is given: an issuer of tokens, and a router that trusts it.

Behind the router is nobody: who is let through is told that the bff does not answer.
"""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from tests.adapters.router.asking import DOCUMENT, HASH, SCHEMA
from tests.neighbours.issuer import Issuer, running_issuer
from tests.neighbours.router import Router, running_router


@pytest.fixture(scope="session")
async def issuer() -> AsyncIterator[Issuer]:
    async with running_issuer() as running:
        yield running


@pytest.fixture(scope="session")
async def router(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Router]:
    folder = tmp_path_factory.mktemp("router")
    documents = folder / "documents.json"
    documents.write_text(json.dumps({HASH: DOCUMENT}))
    with running_router(folder, issuer, SCHEMA, TRUSTED_DOCUMENTS=str(documents)) as running:
        await asyncio.to_thread(running.process.wait_for_page, running.port, "/readyz")
        yield running
