"""Alarms as they lie in the register's database, without their past."""

from datetime import datetime
from typing import Any

from smoc_service.alarms.core.alarm import Alarm, State
from smoc_service.alarms.core.rules import Severity
from tests.specs.smoc.alarming import START


def opened_alarm(
    alarm_id: str,
    opened_at: datetime | None,
    *,
    device: str = "",
    area: str = "",
    rule: str = "power-lost",
    state: State = State.OPEN,
    **more: Any,
) -> Alarm:
    """Return an alarm that was opened then; one that was never opened waits."""
    return Alarm(
        alarm_id=alarm_id,
        version=1,
        rule=rule,
        category="POWER",
        severity=Severity.MAJOR,
        network=alarm_id.partition("/")[0],
        device_id=device,
        area=area,
        state=State.WAITING if opened_at is None else state,
        since=opened_at or START,
        opened_at=opened_at,
        resolved_at=opened_at if state is State.RESOLVED else None,
        summary="no power",
        look_at=None,
        **more,
    )
