"""The endpoint that Prometheus reads: one address, on a port of its own, beside everything that the service serves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from service_metrics.instruments import Instruments

log = structlog.get_logger()

PATH: Final = "/metrics"


@asynccontextmanager
async def told_at(
    host: str, port: int, registry: CollectorRegistry, instruments: Instruments
) -> AsyncIterator[int]:
    """Answer at ``host:port`` (0: a free one) while the block lasts; yields the port."""

    async def metrics(request: web.Request) -> web.Response:
        await instruments.refresh()
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        # In the loop: nothing that is counted changes while it is read.
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})

    application = web.Application()
    application.router.add_get(PATH, metrics)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        bound: int = runner.addresses[0][1]
        log.info("metrics are told", port=bound, path=PATH)
        yield bound
    finally:
        await runner.cleanup()
