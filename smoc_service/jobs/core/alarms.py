"""What a job does with alarms: all of one device, or one that was selected itself."""

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from smoc_service.alarms.core.alarm import Alarm
from smoc_service.alarms.core.life import Command, CommandRefused, obey
from smoc_service.jobs.core.actions import AlarmAction, action_on_an_alarm, alarms_for, why_not
from smoc_service.jobs.core.job import Job, Outcome, Result


def alarms_after(
    job: Job, action: AlarmAction, alarms: Sequence[Alarm], now: datetime
) -> tuple[list[Alarm], Result]:
    """Return the alarms of one device that change, as they are then, and what became of the device."""
    changed: list[Alarm] = []
    refusals: list[str] = []
    for alarm in alarms_for(action, alarms):
        try:
            changed.append(obey(alarm, _command(job, action, alarm, now)))
        except CommandRefused as refused:
            refusals.append(str(refused))
    told = f"{len(changed)} alarm{'' if len(changed) == 1 else 's'}"
    if refusals:
        detail = "; ".join([*refusals, f"{told} done"] if changed else refusals)
        return changed, Result(outcome=Outcome.FAILED, detail=detail[:500])
    if changed:
        return changed, Result(outcome=Outcome.DONE, detail=told)
    return [], Result(outcome=Outcome.UNCHANGED, detail="no such alarm")


def alarm_after(job: Job, action: AlarmAction, alarm: Alarm, now: datetime) -> tuple[Alarm, Result]:
    """Return one alarm as it is then, and what became of it."""
    if reason := why_not(action, alarm):
        return alarm, Result(outcome=Outcome.UNCHANGED, detail=reason)
    try:
        return obey(alarm, _command(job, action, alarm, now)), Result(outcome=Outcome.DONE)
    except CommandRefused as refused:
        return alarm, Result(outcome=Outcome.FAILED, detail=str(refused)[:500])


def _command(job: Job, action: AlarmAction, alarm: Alarm, now: datetime) -> Command:
    return Command(
        action=action_on_an_alarm(action),
        who=job.who,
        # The same id each time this job meets this alarm.
        request_id=str(uuid5(NAMESPACE_OID, f"{job.job_id} {alarm.alarm_id}")),
        at=now,
        comment=action.comment,
    )
