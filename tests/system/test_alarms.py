"""An alarm's whole way: from what a meter says, through people with their own tokens, to its end."""

import uuid
from typing import Any

from meterpark.smoc.v1 import alarm_service_pb2 as contract
from meterpark.smoc.v1.alarm_service_pb2_grpc import AlarmServiceStub

from bearer_tokens.token_calls import bearer
from tests.neighbours.keycloak import Keycloak
from tests.system.messages import NOON, events
from tests.system.park import Park, until
from tests.system.test_who_sees_what import ROLE_MISSING, refusal

METER = "north/ALARM-1"
TAMPERED, CLEARED = "3.12.43.257", "3.12.43.291"


async def test_a_tamper_becomes_an_alarm_that_anna_acknowledges_and_that_ends_when_it_is_cleared(
    park: Park, keycloak: Keycloak
) -> None:
    stub: Any = AlarmServiceStub(park.channel)
    anna, victor = [
        (*park.to_register, *bearer(await keycloak.person_token(name)))
        for name in ("anna", "victor")
    ]
    mine = contract.AlarmFilter(device_id=METER)

    async def listed() -> list[contract.Alarm]:
        request = contract.ListAlarmsRequest(filter=mine)
        return list((await stub.ListAlarms(request, metadata=victor)).alarms)

    await park.publish(events(("ALARM-1", TAMPERED, NOON)))
    [alarm] = await until(listed, bool)
    assert (alarm.rule, alarm.state) == ("tamper-detected", contract.ALARM_STATE_OPEN)

    request = contract.AcknowledgeAlarmRequest(
        alarm_id=alarm.alarm_id, request_id=str(uuid.uuid4()), comment="on my way"
    )
    # He may look, and no more.
    assert await refusal(stub.AcknowledgeAlarm(request, metadata=victor)) == ROLE_MISSING
    for _ in range(2):
        done = (await stub.AcknowledgeAlarm(request, metadata=anna)).alarm
        assert (done.state, done.version) == (contract.ALARM_STATE_ACKNOWLEDGED, 2)

    await park.publish(events(("ALARM-1", CLEARED, NOON.replace(minute=30))))
    await until(listed, lambda found: not found)
    got = contract.GetAlarmRequest(alarm_id=alarm.alarm_id)
    ended = (await stub.GetAlarm(got, metadata=victor)).alarm
    assert ended.state == contract.ALARM_STATE_RESOLVED
    assert [(each.deed, each.username, each.comment) for each in ended.history] == [
        ("OPENED", "", ""),
        ("ACKNOWLEDGED", "anna", "on my way"),
        ("RESOLVED", "", ""),
    ]
