"""What metrics tell of alarms: how many are shown, by severity, and how many were opened."""

from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp
from meterpark.smoc.v1 import alarm_service_pb2 as contract

from smoc_service.alarms.core.rules import Severity
from smoc_service.alarms.documents import OPEN, SNOOZED
from smoc_service.alarms.store import AlarmStore
from tests.neighbours.smoc.kept_alarms import request_id, watched


async def test_shown_alarms_are_counted_by_severity_and_opened_ones_once(mongod_url: str) -> None:
    async with watched(mongod_url) as park:
        store = AlarmStore(park.smoc.client, park.smoc.database.name)
        settling = park.settling()
        nothing = {(shelf, each): 0 for shelf in (OPEN, SNOOZED) for each in Severity}
        assert await store.count_shown() == nothing

        devices = ["north/1", "south/2"]
        for device_id in devices:
            await park.change(device_id, tamper="DETECTED")
        # The second time finds them open already.
        for _ in range(2):
            await settling.settle(devices)
        assert await store.count_shown() == {**nothing, (OPEN, Severity.CRITICAL): 2}
        assert settling.opened == {("tamper-detected", Severity.CRITICAL): 2}

        [first, _] = await park.listed()
        until = Timestamp()
        until.FromDatetime(datetime.now(UTC) + timedelta(hours=1))
        await park.anna.SnoozeAlarm(
            contract.SnoozeAlarmRequest(
                alarm_id=first.alarm_id, request_id=request_id(), until_time=until
            )
        )
        counted = {**nothing, (OPEN, Severity.CRITICAL): 1, (SNOOZED, Severity.CRITICAL): 1}
        assert await store.count_shown() == counted

        await park.change(first.device_id, tamper="CLEAR", since=950)
        await settling.settle(devices)
        assert await store.count_shown() == {**nothing, (OPEN, Severity.CRITICAL): 1}
        assert settling.opened.total() == 2
