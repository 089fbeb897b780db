"""Watching devices change, against a real MongoDB and through a real gRPC connection."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from meterpark.errors.v1.error_reason_pb2 import ErrorReason

from change_streams import changes, point_of_time
from deploy.local.facts.mongod_files import MongodFiles
from deploy.local.processes.mongod import ensure_replica_set, mongod_command
from deploy.local.processes.mongod_access import prepare_mongod
from deploy.runtime.paths import installed_mongod
from service_chassis.pages import seal, unseal
from service_chassis.refusals import reason_of
from service_chassis.scope import EVERYTHING
from smoc_service.changes import recent
from smoc_service.changes.recent import RecentChanges, point_of
from smoc_service.changes.watch import Watch, Watchers
from smoc_service.errors import TooManyWatchers
from smoc_service.park.filter import DeviceFilter as EveryDevice
from smoc_service.watches import DEVICES_FOLLOWED
from tests.neighbours.ports import free_ports
from tests.neighbours.process import start
from tests.neighbours.smoc.running import DeviceFilter, Smoc, running
from tests.specs.smoc.messages import device, provision


async def change(smoc: Smoc, device_id: str, revision: int, **fields: Any) -> None:
    await smoc.provision(provision(device(device_id, revision, **fields), []))


async def next_device(call: Any) -> tuple[str, int]:
    """Read on until a device comes."""
    while not (answer := await call.read()).HasField("device"):
        assert answer.position
    return answer.device.device_id, answer.device.revision


async def refusal(call: Any) -> grpc.aio.AioRpcError:
    """Read on until the call is refused."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await _read_on(call)
    return raised.value


async def _read_on(call: Any) -> None:
    while await call.read() is not grpc.aio.EOF:
        pass


async def test_the_first_answer_comes_at_once_and_is_a_position(mongod_url: str) -> None:
    async with running(mongod_url, sign_of_life_seconds=60) as smoc:
        call = smoc.watch()
        answer = await call.read()
        assert answer.position
        assert not answer.HasField("device")
        await change(smoc, "north/1", 1, power="OFF")
        answer = await call.read()
        assert answer.device == await smoc.device("north/1")
        call.cancel()


async def test_each_change_is_shown_as_it_was_in_order(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        call = smoc.watch()
        await call.read()
        for revision in (1, 2, 5):
            await change(smoc, "north/1", revision)
        await change(smoc, "north/1", 4)  # older: no change
        await change(smoc, "north/2", 1)
        seen = [await next_device(call) for _ in range(4)]
        assert seen == [("north/1", 1), ("north/1", 2), ("north/1", 5), ("north/2", 1)]
        call.cancel()


async def test_only_what_fits_the_filter_is_shown(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        wanted = DeviceFilter(networks=["north"], powers=["OFF", "PARTIAL"], text_beginning="ZPA-")
        call = smoc.watch(wanted)
        await call.read()
        await change(smoc, "north/1", 1, power="ON", serial_number="ZPA-1")
        await change(smoc, "south/1", 1, power="OFF", serial_number="ZPA-1")
        await change(smoc, "north/2", 1, power="OFF", serial_number="ISK-1")
        await change(smoc, "north/1", 2, power="OFF", serial_number="ZPA-1")
        await change(smoc, "north/ZPA-3", 1, power="PARTIAL")
        assert await next_device(call) == ("north/1", 2)
        assert await next_device(call) == ("north/ZPA-3", 1)
        call.cancel()


async def test_who_breaks_off_resumes_from_any_position_and_misses_nothing(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        call = smoc.watch()
        position = (await call.read()).position
        writing = asyncio.create_task(_write(smoc, 60))
        seen: list[int] = []
        while len(set(seen)) < 60:
            for _ in range(7):
                answer = await call.read()
                position = answer.position
                if answer.HasField("device"):
                    seen.append(answer.device.revision)
                if len(set(seen)) == 60:
                    break
            call.cancel()
            call = smoc.watch(position=position)
        call.cancel()
        await writing
        assert sorted(set(seen)) == list(range(1, 61))


async def _write(smoc: Smoc, count: int) -> None:
    for revision in range(1, count + 1):
        await change(smoc, "north/1", revision)


async def test_a_sign_of_life_moves_the_position_on_though_nothing_fits(mongod_url: str) -> None:
    async with running(mongod_url, sign_of_life_seconds=0.2) as smoc:
        call = smoc.watch(DeviceFilter(networks=["south"]))
        revision = seen = 0
        while seen <= 1:  # until a position lies behind the first change
            revision += 2
            await change(smoc, "north/1", revision - 1)
            answer = await call.read()
            assert not answer.HasField("device")
            await change(smoc, "north/1", revision)
            resumed = smoc.watch(position=answer.position)
            _, seen = await next_device(resumed)
            resumed.cancel()
        call.cancel()


async def test_a_slow_reader_holds_up_nobody_and_nothing_is_queued_for_him(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        call = smoc.watch()
        await call.read()
        text = "x" * 20_000
        for batch in range(30):
            letters = [
                provision(device(f"north/{batch}-{n}", 1, status=text), []) for n in range(50)
            ]
            await smoc.provision(*letters)
        quick = smoc.watch(DeviceFilter(networks=["south"]))
        await quick.read()
        await change(smoc, "south/1", 1)
        assert await next_device(quick) == ("south/1", 1)
        quick.cancel()
        # 30 MB are more than is held for all: the rest comes from the database's log.
        seen = [await next_device(call) for _ in range(1501)]
        assert len(set(seen)) == 1501
        call.cancel()


async def test_who_falls_behind_what_is_held_reads_on_from_the_log_in_order(
    mongod_url: str,
) -> None:
    async with running(mongod_url) as smoc:
        changes = RecentChanges(smoc.database, DEVICES_FOLLOWED, changes_at_most=20)
        following = asyncio.create_task(changes.run())
        everything = EveryDevice().within(EVERYTHING)
        answers = Watch(changes, Watchers(1), "test").follow(everything, "", "anna")
        position = (await anext(answers)).position
        for revision in range(1, 201):
            await smoc.hand_in(provision(device("north/1", revision), []))
        while changes.place_after(unseal("test", position) or "") is not None:
            await changes.moved(1)
        seen: list[int] = []
        while len(seen) < 200:
            answer = await anext(answers)
            assert len(changes) <= 20
            if answer.item is not None:
                seen.append(answer.item.revision)
        assert seen == list(range(1, 201))
        await answers.aclose()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_changes_that_come_with_the_opening_are_held_and_end_nobody(
    mongod_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a busy register one opening in eight brings changes: they are made between its begin and its answer."""
    async with running(mongod_url) as smoc:
        await change(smoc, "north/1", 1)
        before = await point_of_time(smoc.database["devices"])
        await change(smoc, "north/1", 2)
        await change(smoc, "north/1", 3)

        def opened_a_moment_ago(*which: Any, **how: Any) -> Any:
            return changes(*which, **how | {"since": before})

        monkeypatch.setattr(recent, "changes", opened_a_moment_ago)
        held = RecentChanges(smoc.database, DEVICES_FOLLOWED)
        following = asyncio.create_task(held.run())
        async with asyncio.timeout(30):
            while len(held) < 2 and not following.done():
                await held.moved(1)
        assert not following.done()
        end = held.place_after(held.head)
        assert end is not None
        assert [one.item.revision for one in held.piece(end - 2) or ()] == [2, 3]
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_the_database_writes_tokens_as_positions_need_them(mongod_url: str) -> None:
    """Its manual promises texts that rise with its log; that a token begins with its time, only this test does."""
    async with running(mongod_url) as smoc:
        devices = smoc.database["devices"]
        async with await devices.watch() as stream:
            for number in range(30):
                await devices.insert_one({"_id": f"other/{number}"})
            async with smoc.client.start_session() as session, await session.start_transaction():
                for number in range(5):
                    await devices.insert_one({"_id": f"together/{number}"}, session=session)
            events = [await anext(stream) for _ in range(35)]
        tokens = [event["_id"]["_data"] for event in events]
        assert tokens == sorted(set(tokens))
        for event, token in zip(events, tokens, strict=True):
            time = event["clusterTime"]
            assert point_of(token) == f"82{time.time:08X}{time.inc:08X}"


@pytest.mark.parametrize("position", ["x", "826B014C15000000042B0229296E04", "é", "AAAA"])
async def test_a_position_that_was_never_given_is_refused(mongod_url: str, position: str) -> None:
    async with running(mongod_url) as smoc:
        error = await refusal(smoc.watch(position=position))
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert reason_of(error) == ErrorReason.ERROR_REASON_ARGUMENT_INVALID
        assert (error.details() or "").startswith("position: ")


@pytest.mark.parametrize(
    "token",
    [
        "82",
        "826B014C15000000042B0229296E0",
        "826B014C1500000004\0",
        "826B014C1500000004" + "5A" * 999,
    ],
    ids=["short", "half a byte", "no hexadecimal", "long"],
)
async def test_a_forged_position_is_the_caller_s_mistake(mongod_url: str, token: str) -> None:
    async with running(mongod_url) as smoc:
        error = await refusal(smoc.watch(position=seal("watch", token)))
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert (error.details() or "").startswith("position: ")


async def test_a_wrong_filter_is_refused(mongod_url: str) -> None:
    async with running(mongod_url) as smoc:
        error = await refusal(smoc.watch(DeviceFilter(tampers=["MAYBE"])))
        assert (error.details() or "").startswith("filter.tampers: 'MAYBE'")


async def test_a_position_older_than_what_the_database_keeps_is_told_so(tmp_path: Path) -> None:
    [port] = free_ports(1)
    files = MongodFiles(data=tmp_path / "data", secrets=tmp_path / "secrets", tls=False)
    prepare_mongod(files, [], port=port, now=datetime.now(UTC))
    command = mongod_command(
        mongod=installed_mongod(os.environ), files=files, port=port, test_commands=True
    )
    command[command.index("--oplogSize") + 1] = "1"  # MB, so that a test can outlive it
    command += ["--syncdelay", "1"]  # the log is cut off behind a checkpoint only
    mongod = start("mongod", command, folder=tmp_path)
    try:
        mongod.wait_for_port(port)
        ensure_replica_set(port, files, [], timeout_seconds=60)
        async with running(files.operator_url.read_text()) as smoc:
            call = smoc.watch()
            position = (await call.read()).position
            call.cancel()
            oplog = smoc.client["local"]["oplog.rs"]
            first = await oplog.find_one(sort=[("$natural", 1)])
            revision = 0
            while first == await oplog.find_one(sort=[("$natural", 1)]):
                revision += 1
                await change(smoc, "north/1", revision, status="x" * 100_000)
            error = await refusal(smoc.watch(position=position))
            assert error.code() is grpc.StatusCode.OUT_OF_RANGE
            assert reason_of(error) == ErrorReason.ERROR_REASON_POSITION_TOO_OLD
    finally:
        mongod.stop()


async def test_a_register_made_anew_sends_its_watchers_to_list_again(mongod_url: str) -> None:
    async with running(mongod_url, before=[provision(device("north/1"))]) as smoc:
        call = smoc.watch()
        await call.read()
        await smoc.database["devices"].drop()
        error = await refusal(call)
        assert reason_of(error) == ErrorReason.ERROR_REASON_POSITION_TOO_OLD


async def test_no_more_watchers_than_allowed_and_who_leaves_makes_room(mongod_url: str) -> None:
    async with running(mongod_url, watchers_at_most=2, sign_of_life_seconds=0.2) as smoc:
        calls = [smoc.watch() for _ in range(2)]
        for call in calls:
            await call.read()
        error = await refusal(smoc.watch())
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert reason_of(error) is None
        calls[0].cancel()
        while True:
            call = smoc.watch()
            try:
                assert (await call.read()).position
                break
            except grpc.aio.AioRpcError as error_again:
                if error_again.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED:
                    raise
        call.cancel()
        calls[1].cancel()


def test_nobody_keeps_the_others_from_watching() -> None:
    watchers = Watchers(3, of_one_caller_at_most=2)
    with watchers.one_more("anna"), watchers.one_more("anna"):
        with pytest.raises(TooManyWatchers, match="of this caller"), watchers.one_more("anna"):
            pass
        with (
            watchers.one_more("otto"),
            pytest.raises(TooManyWatchers, match="3 watches"),
            watchers.one_more("nora"),
        ):
            pass
        with watchers.one_more("nora"):
            pass
    with watchers.one_more("anna"), watchers.one_more("anna"):
        pass


async def test_a_watcher_does_not_notice_a_broken_connection_to_the_database(
    mongod_url: str,
) -> None:
    async with running(mongod_url, sign_of_life_seconds=0.2) as smoc:
        call = smoc.watch()
        await call.read()
        await smoc.client.admin.command(
            {
                "configureFailPoint": "failCommand",
                "mode": {"times": 2},
                "data": {
                    "failCommands": ["getMore"],
                    "appName": "smoc_service",
                    "closeConnection": True,
                },
            }
        )
        await change(smoc, "north/1", 1)
        assert await next_device(call) == ("north/1", 1)
        call.cancel()
