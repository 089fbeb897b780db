"""Feeds in a real mongod: the newest of each connector, of the caller's networks, over restarts."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from device_hub.feeds.feed import known_feeds
from device_hub.feeds.store import FeedStore
from service_chassis.scope import EVERYTHING, Scope
from tests.specs.hub.feeds.test_known_feeds import NOON, TOLD


@pytest.fixture
async def store(mongod_url: str) -> AsyncIterator[FeedStore]:
    async with AsyncMongoClient[dict[str, Any]](mongod_url, tz_aware=True) as client:
        await client.drop_database("test_feeds")
        made = FeedStore(client["test_feeds"]["feeds"])
        await made.prepare()
        yield made


async def test_a_connectors_newest_word_counts_and_its_last_message_outlives_a_restart(
    store: FeedStore,
) -> None:
    await store.store("a", [TOLD])
    started = replace(TOLD, message_count=0, last_message_at=None, last_created_at=None, since=NOON)
    await store.store("a", [started])
    [told], is_cut = await store.told(EVERYTHING)
    assert not is_cut
    assert (told.message_count, told.since) == (0, NOON)
    assert (told.last_message_at, told.last_created_at) == (
        TOLD.last_message_at,
        TOLD.last_created_at,
    )


async def test_a_caller_sees_the_feeds_of_his_networks(store: FeedStore) -> None:
    await store.store("a", [TOLD, replace(TOLD, network="south"), replace(TOLD, network="")])
    told, _ = await store.told(Scope.of(["north"]))
    assert [feed.network for feed in told] == ["north"]
    everything, _ = await store.told(EVERYTHING)
    assert len(everything) == 3


async def test_a_connector_that_said_good_bye_is_no_longer_the_present(store: FeedStore) -> None:
    await store.store("a", [TOLD])
    await store.end("a", NOON + timedelta(seconds=1))
    told, _ = await store.told(EVERYTHING)
    [feed] = known_feeds(told, NOON + timedelta(seconds=2))
    assert (feed.connector_count, feed.messages_per_minute) == (0, None)
    await store.store("a", [replace(TOLD, heard_at=NOON + timedelta(seconds=9))])
    told, _ = await store.told(EVERYTHING)
    [feed] = known_feeds(told, NOON + timedelta(seconds=10))
    assert feed.connector_count == 1
