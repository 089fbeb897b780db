"""The bff in this process, before the stack's Keycloak and sidecar, and a router that answers as the test says."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bff.app import make_app
from bff.export.doors import ExportDoors
from bff.graph.asking.services import open_services
from bff.graph.limits.slots import SubscriptionSlots
from bff.graph.schema import make_schema
from bff.session.assembly import add_page, open_page
from bff.session.settings import PageSettings
from bff.session.store import SessionStore
from bff.settings import BffSettings
from bff.trusted import read_trusted_documents
from service_chassis.settings import SidecarSettings
from tests.neighbours.http_server import serving
from tests.neighbours.stack import RunningStack


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    url: str
    store: SessionStore


@asynccontextmanager
async def serving_page(
    stack: RunningStack, router_url: str, **settings: Any
) -> AsyncIterator[Served]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://localhost:{listener.getsockname()[1]}"
        described = stack.description["keycloak"]
        told = PageSettings(
            **{
                "token_issuer": described["issuer"],
                "token_jwks_url": described["jwks_url"],
                "client_secret_file": Path(described["client_secret_files"]["bff"]),
                "public_url": url,
                "router_url": router_url,
                **settings,
            }
        )
        own = SidecarSettings(
            dapr_grpc_port=stack.description["sidecars"]["bff"]["grpc"],
            dapr_api_token=dict(stack.sidecar_metadata("bff"))["dapr-api-token"],
        )
        slots = SubscriptionSlots(at_most=10, per_user=10)
        async with open_services(own, 10) as services, open_page(told) as doors:
            schema = make_schema(BffSettings(), read_trusted_documents(only=False))
            app = make_app(
                BffSettings(), schema, services, slots, doors.callers, doors.subgraph_requests
            )
            add_page(app, doors, told)
            ExportDoors(page=doors.page, register=services.register).add_to(app)
            async with serving(app, listener, BffSettings()):
                try:
                    yield Served(url=url, store=doors.store)
                finally:
                    doors.store.close_streams()
