"""The quarantine keeps messages until a person has dealt with them; a real mongod holds it."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from device_hub.quarantine.bodies import QuarantinedBodies
from device_hub.quarantine.store import (
    Quarantine,
    QuarantinedMessageUnknown,
    Requester,
)
from service_chassis.pages import PageTokenInvalid
from service_chassis.scope import EVERYTHING, Scope

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def quarantine(mongod_url: str) -> AsyncIterator[Quarantine]:
    async with AsyncMongoClient[dict[str, Any]](mongod_url, tz_aware=True) as client:
        await client.drop_database("test_quarantine")
        database = client["test_quarantine"]
        made = Quarantine(
            database["quarantine"],
            QuarantinedBodies(database["quarantine_bodies"]),
            resolved_kept=timedelta(days=90),
        )
        await made.prepare()
        yield made


def message(quarantine_id: str, reason: str = "XML_MALFORMED", **more: object) -> dict[str, object]:
    return {
        "_id": quarantine_id,
        "source": "hes-north",
        "network": "north",
        "reason": reason,
        "detail": "mismatched tag",
        "place": "line 3",
        "received_at": NOON,
        "body": b"<a>",
        "body_size_bytes": 3,
        "truncated": False,
        **more,
    }


async def test_the_same_message_again_is_the_same_entry(quarantine: Quarantine) -> None:
    await quarantine.store([message("q1")], NOON)
    await quarantine.store([message("q1", reason="NOUN_UNKNOWN")], NOON + MINUTE)
    page = await quarantine.page(EVERYTHING, state=None, reason=None, page_size=10, page_token="")
    [entry] = page.messages
    assert (entry["reason"], entry["quarantined_at"], entry["changed_at"]) == (
        "NOUN_UNKNOWN",
        NOON,
        NOON + MINUTE,
    )
    assert "body" not in entry


async def test_pages_hold_every_message_once_newest_first(quarantine: Quarantine) -> None:
    for number in range(7):
        await quarantine.store([message(f"q{number}")], NOON + number * MINUTE)
    seen: list[str] = []
    token = ""
    while True:
        page = await quarantine.page(
            EVERYTHING, state="OPEN", reason=None, page_size=3, page_token=token
        )
        assert page.total_count == 7
        seen += [entry["_id"] for entry in page.messages]
        token = page.next_page_token
        if not token:
            break
    assert seen == [f"q{number}" for number in reversed(range(7))]


async def test_a_foreign_page_token_is_refused(quarantine: Quarantine) -> None:
    forged = (
        "2026-03-01T12:00:00 q1",
        "0001-01-01T00:00:00+14:00 q1",
        "9999-12-31T23:59:59-14:00 q1",
    )
    for token in ("xx", "Zm9v", "🙂", *(base64.b64encode(one.encode()).decode() for one in forged)):
        with pytest.raises(PageTokenInvalid):
            await quarantine.page(
                EVERYTHING, state=None, reason=None, page_size=3, page_token=token
            )


async def test_a_replay_is_claimed_by_one_connector_at_a_time(quarantine: Quarantine) -> None:
    await quarantine.store([message("q1")], NOON)
    assert await quarantine.request_replay(
        ["q1"], EVERYTHING, all_open=False, reason="", at=NOON
    ) == (1, 0)
    [claimed] = await quarantine.claim(5, NOON)
    assert await quarantine.claim(5, NOON) == []
    [again] = await quarantine.claim(5, NOON + 2 * MINUTE)
    assert not await quarantine.complete("q1", claimed["lease"], NOON + 2 * MINUTE)
    assert await quarantine.complete("q1", again["lease"], NOON + 2 * MINUTE)
    resolved = await quarantine.get("q1", EVERYTHING)
    assert (resolved["state"], resolved["replay_count"]) == ("RESOLVED", 1)


async def test_a_message_that_still_fails_is_open_again_with_the_new_reason(
    quarantine: Quarantine,
) -> None:
    await quarantine.store([message("q1")], NOON)
    await quarantine.request_replay([], EVERYTHING, all_open=True, reason="", at=NOON)
    [claimed] = await quarantine.claim(5, NOON)
    assert await quarantine.fail_again(
        "q1", claimed["lease"], reason="DEVICE_MISSING", detail="no name", place="line 9", at=NOON
    )
    entry = await quarantine.get("q1", EVERYTHING)
    assert (entry["state"], entry["reason"], entry["replay_count"]) == ("OPEN", "DEVICE_MISSING", 1)


async def test_all_open_with_a_reason_asks_for_those_only(quarantine: Quarantine) -> None:
    await quarantine.store(
        [message("q1"), message("q2", reason="NOUN_UNKNOWN"), message("q3", truncated=True)], NOON
    )
    asked = await quarantine.request_replay(
        [], EVERYTHING, all_open=True, reason="XML_MALFORMED", at=NOON
    )
    assert asked == (1, 1)
    assert (await quarantine.get("q2", EVERYTHING))["state"] == "OPEN"
    assert (await quarantine.get("q3", EVERYTHING))["state"] == "OPEN"


async def test_an_unknown_id_asks_for_nothing(quarantine: Quarantine) -> None:
    await quarantine.store([message("q1")], NOON)
    with pytest.raises(QuarantinedMessageUnknown, match="q9"):
        await quarantine.request_replay(
            ["q1", "q9"], EVERYTHING, all_open=False, reason="", at=NOON
        )
    assert (await quarantine.get("q1", EVERYTHING))["state"] == "OPEN"


async def test_a_resolved_message_that_fails_again_is_opened_and_no_longer_forgotten(
    quarantine: Quarantine,
) -> None:
    await quarantine.store([message("q1")], NOON)
    await quarantine.request_replay(["q1"], EVERYTHING, all_open=False, reason="", at=NOON)
    [claimed] = await quarantine.claim(1, NOON)
    await quarantine.complete("q1", claimed["lease"], NOON)
    assert (await quarantine.get("q1", EVERYTHING))["forgotten_at"] == NOON + timedelta(days=90)
    await quarantine.store([message("q1")], NOON + MINUTE)
    entry = await quarantine.get("q1", EVERYTHING)
    assert entry["state"] == "OPEN"
    assert "forgotten_at" not in entry


NORTH = Scope.of(["north"])


@pytest.fixture
async def of_all_networks(quarantine: Quarantine) -> Quarantine:
    """Return a quarantine that holds q-north, q-south, and q-unknown of a network that nobody knows."""
    await quarantine.store(
        [
            message("q-north"),
            message("q-south", network="south"),
            message("q-unknown", network=""),
        ],
        NOON,
    )
    return quarantine


@pytest.mark.parametrize(
    ("networks", "seen"),
    [
        (["*"], {"q-north", "q-south", "q-unknown"}),
        (["north"], {"q-north"}),
        (["north", "south"], {"q-north", "q-south"}),
        (["", "south"], {"q-south"}),
        (["east"], set()),
        ([], set()),
    ],
)
async def test_a_person_sees_counts_and_replays_the_messages_of_his_networks_only(
    of_all_networks: Quarantine, networks: list[str], seen: set[str]
) -> None:
    scope = Scope.of(networks)
    page = await of_all_networks.page(scope, state=None, reason=None, page_size=9, page_token="")
    assert {entry["_id"] for entry in page.messages} == seen
    assert page.total_count == len(seen)
    for quarantine_id in ("q-north", "q-south", "q-unknown"):
        if quarantine_id in seen:
            assert (await of_all_networks.get(quarantine_id, scope))["state"] == "OPEN"
        else:
            with pytest.raises(QuarantinedMessageUnknown):
                await of_all_networks.get(quarantine_id, scope)
    asked = await of_all_networks.request_replay([], scope, all_open=True, reason="", at=NOON)
    assert asked == (len(seen), 0)
    assert {one["_id"] for one in await of_all_networks.claim(9, NOON)} == seen


async def test_another_network_s_message_is_as_unknown_as_one_that_does_not_exist(
    of_all_networks: Quarantine,
) -> None:
    for ids in (["q-south"], ["q-north", "q-south"], ["q-unknown"], ["q-never"]):
        with pytest.raises(QuarantinedMessageUnknown):
            await of_all_networks.request_replay(ids, NORTH, all_open=False, reason="", at=NOON)
    assert await of_all_networks.claim(9, NOON) == []
    asked = await of_all_networks.request_replay(
        ["q-north"], NORTH, all_open=False, reason="", at=NOON
    )
    assert asked == (1, 0)


async def test_another_s_page_token_shows_no_more_than_one_s_own_messages(
    quarantine: Quarantine,
) -> None:
    for number in range(6):
        network = "north" if number % 2 else "south"
        await quarantine.store([message(f"q{number}", network=network)], NOON + number * MINUTE)
    first = await quarantine.page(EVERYTHING, state=None, reason=None, page_size=2, page_token="")
    rest = await quarantine.page(
        NORTH, state=None, reason=None, page_size=9, page_token=first.next_page_token
    )
    assert [entry["_id"] for entry in rest.messages] == ["q3", "q1"]


async def test_messages_are_counted_by_reason_the_most_open_ones_first(
    quarantine: Quarantine,
) -> None:
    await quarantine.store([message("q1"), message("q2", reason="NOUN_UNKNOWN")], NOON)
    await quarantine.store([message("q3", reason="NOUN_UNKNOWN")], NOON + MINUTE)
    await quarantine.store(
        [message("q4", reason="NOUN_UNKNOWN", network="south")], NOON + 2 * MINUTE
    )
    await quarantine.request_replay(["q1"], EVERYTHING, all_open=False, reason="", at=NOON)
    first, second = await quarantine.count_by_reason(EVERYTHING)
    assert (first.reason, first.open_count, first.oldest_at, first.newest_at) == (
        "NOUN_UNKNOWN",
        3,
        NOON,
        NOON + 2 * MINUTE,
    )
    assert (second.reason, second.open_count, second.replay_requested_count) == (
        "XML_MALFORMED",
        0,
        1,
    )
    assert (second.oldest_at, second.newest_at) == (None, None)
    [seen, _] = await quarantine.count_by_reason(NORTH)
    assert (seen.open_count, seen.newest_at) == (2, NOON + MINUTE)


async def test_a_request_that_comes_twice_asks_once_and_tells_how_far_it_is(
    quarantine: Quarantine,
) -> None:
    ingrid = Requester(username="ingrid", replay_id="r1")
    await quarantine.store([message("q1"), message("q2"), message("q3")], NOON)

    async def ask() -> tuple[int, int]:
        return await quarantine.request_replay(
            [], EVERYTHING, all_open=True, reason="", at=NOON, by=ingrid
        )

    assert await ask() == (3, 0)
    assert await ask() == (0, 0)
    good, bad = await quarantine.claim(2, NOON)
    await quarantine.complete(good["_id"], good["lease"], NOON)
    again = {"reason": "XML_MALFORMED", "detail": "as before", "place": "line 3"}
    await quarantine.fail_again(bad["_id"], bad["lease"], at=NOON, **again)
    # The request that is sent once more, as its answer was lost, does not begin anew with what failed.
    assert await ask() == (0, 0)
    progress = await quarantine.replay_progress("r1", EVERYTHING)
    assert (progress.waiting_count, progress.resolved_count, progress.failed_count) == (1, 1, 1)
    assert progress.username == "ingrid"
    nothing = await quarantine.replay_progress("r1", Scope(networks=frozenset({"south"})))
    assert (nothing.waiting_count, nothing.resolved_count, nothing.username) == (0, 0, "")


async def test_how_far_a_replay_is_reads_one_message_however_many_it_asks_for(
    mongod_url: str, quarantine: Quarantine
) -> None:
    await quarantine.store([message(f"q{number}") for number in range(20)], NOON)
    await quarantine.store([message(f"s{number}", network="south") for number in range(5)], NOON)
    by = Requester(username="ingrid", replay_id="r1")
    await quarantine.request_replay([], EVERYTHING, all_open=True, reason="", at=NOON, by=by)
    async with AsyncMongoClient[dict[str, Any]](mongod_url, tz_aware=True) as client:
        database = client["test_quarantine"]
        await database["system.profile"].drop()
        await database.command({"profile": 2})
        try:
            assert (await quarantine.replay_progress("r1", EVERYTHING)).waiting_count == 25
            assert (await quarantine.replay_progress("r1", NORTH)).waiting_count == 20
        finally:
            await database.command({"profile": 0})
        done = await database["system.profile"].find({"ns": "test_quarantine.quarantine"}).to_list()
        read = [
            (name, each["docsExamined"])
            for each in done
            for name in ("aggregate", "find")
            if name in each["command"]
        ]
    assert sorted(read) == [("aggregate", 0), ("aggregate", 0), ("find", 1), ("find", 1)]


async def test_an_index_of_an_earlier_version_goes(mongod_url: str, quarantine: Quarantine) -> None:
    async with AsyncMongoClient[dict[str, Any]](mongod_url, tz_aware=True) as client:
        messages = client["test_quarantine"]["quarantine"]
        await messages.create_index([("replay_id", 1), ("state", 1)], name="by_replay", sparse=True)
        for _ in range(2):
            await quarantine.prepare()
        assert "by_replay" not in await messages.index_information()


async def test_another_request_takes_up_what_failed(quarantine: Quarantine) -> None:
    await quarantine.store([message("q1")], NOON)
    for number in range(2):
        by = Requester(username="ingrid", replay_id=f"r{number}")
        asked = await quarantine.request_replay(
            ["q1"], EVERYTHING, all_open=False, reason="", at=NOON, by=by
        )
        assert asked == (1, 0)
        [claimed] = await quarantine.claim(1, NOON)
        again = {"reason": "XML_MALFORMED", "detail": "as before", "place": "line 3"}
        await quarantine.fail_again("q1", claimed["lease"], at=NOON, **again)
    assert (await quarantine.replay_progress("r0", EVERYTHING)).failed_count == 0
    assert (await quarantine.replay_progress("r1", EVERYTHING)).failed_count == 1
