"""``meterpark feeds``: the hub's answer, as a table or as a document."""

from collections.abc import AsyncIterator, Sequence
from functools import partial

from meterpark.device_hub.v1.feed_pb2 import KnownFeed, ListFeedsRequest

from meterpark_cli.failures import ExitCode
from meterpark_cli.feeds.tables import feed_table
from meterpark_cli.options import Asking
from meterpark_cli.services.connection import open_park
from meterpark_cli.showing.listing import answer_list
from meterpark_cli.showing.rendering import note, now_here


async def show_feeds(asking: Asking) -> ExitCode:
    """Show the feeds of the caller's networks, by source and network."""
    async with open_park(asking) as park:
        answer = await park.hub.ask(park.hub.calls.ListFeeds, ListFeedsRequest())

    async def only_page() -> AsyncIterator[tuple[Sequence[KnownFeed], str]]:
        yield answer.feeds, ""

    await answer_list(
        only_page(),
        partial(feed_table, now_here()),
        name="feeds",
        as_json=asking.as_json,
        asked_time=answer.asked_time.ToJsonString(),
        is_cut=answer.is_cut,
    )
    if answer.is_cut and not asking.as_json:
        note("there are more feeds than are shown")
    return ExitCode.FINE
