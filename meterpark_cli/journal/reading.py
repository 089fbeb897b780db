"""Reads a device's journal through the hub."""

from collections.abc import Sequence
from functools import partial

from meterpark.device_hub.v1.device_hub_service_pb2 import GetDeviceHistoryRequest, HistoryEntry

from meterpark_cli.services.connection import Park
from meterpark_cli.showing.listing import pages


async def commits_of(park: Park, device_id: str) -> list[HistoryEntry]:
    """Return all commits of a device, in the order in which the hub gives them."""
    found: list[HistoryEntry] = []
    async for some, _ in pages(partial(_page, park, device_id), limit=None):
        found += some
    return found


async def _page(
    park: Park, device_id: str, size: int, token: str
) -> tuple[Sequence[HistoryEntry], str]:
    request = GetDeviceHistoryRequest(device_id=device_id, page_size=size, page_token=token)
    answer = await park.hub.ask(park.hub.calls.GetDeviceHistory, request)
    return answer.entries, answer.next_page_token
