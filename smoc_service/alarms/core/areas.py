"""One alarm for many devices: an area where many devices lost power at about the same time."""

from collections import OrderedDict
from datetime import datetime
from typing import Final

from smoc_service.alarms.core.alarm import (
    COUNTED_AT_MOST,
    RULES,
    Alarm,
    Counted,
    Deed,
    Entry,
    State,
)
from smoc_service.alarms.core.causes import NewId, ended, woken
from smoc_service.alarms.core.rules import AreaRule

AREAS_REMEMBERED: Final = 10_000


class Margins:
    """How many more devices each area has to lose before it can be an outage; until then it is not counted again.

    Whoever examines an area's devices reports how many of them are lost, each device once per examination. So an area
    is counted too often rather than too late. An unknown area is counted.
    """

    def __init__(self, areas_at_most: int = AREAS_REMEMBERED) -> None:
        self._areas_at_most = areas_at_most
        self._left: OrderedDict[tuple[str, str], int] = OrderedDict()

    def are_used_up(self, area: tuple[str, str], seen: int) -> bool:
        """Take off ``seen``; return whether the area has to be counted."""
        left = self._left.pop(area, 0) - seen
        if left > 0:
            self.note(area, left)
        return left <= 0

    def note(self, area: tuple[str, str], left: int) -> None:
        """Remember that ``left`` are to be lost before it can be an outage."""
        self._left[area] = left
        if len(self._left) > self._areas_at_most:
            self._left.popitem(last=False)


def broken_out(
    rule: AreaRule,
    *,
    network: str,
    area: str,
    since: datetime,
    lost: int,
    now: datetime,
    new_id: NewId,
) -> Alarm:
    """Return the alarm of an area in which ``lost`` devices came under the rule since ``since``."""
    return Alarm(
        alarm_id=new_id(network),
        version=1,
        rule=rule.name,
        category=rule.category,
        severity=rule.severity,
        network=network,
        device_id="",
        area=area,
        state=State.OPEN,
        since=since,
        opened_at=now,
        summary=f"{rule.of}: {lost:,} devices or more within {rule.within_seconds} s",
        look_at=now + rule.within,
        history=(Entry(at=now, who=RULES, deed=Deed.OPENED),),
        counted=(Counted(now, lost),),
    )


def looked_at(
    alarm: Alarm, rule: AreaRule | None, *, lost: int, devices: int, now: datetime
) -> Alarm:
    """Return the area's alarm, given how many of its devices are still ``lost``."""
    if rule is None or rule.name != alarm.rule:
        return ended(alarm, "the rule is off", now) or alarm
    looked = woken(alarm, now)
    if rule.goes_on(lost, devices):
        if looked.cause_over:
            back = Entry(at=now, who=RULES, deed=Deed.CAUSE_BACK)
            looked = looked.after(back, cause_over=False)
    elif rule.auto_resolve:
        return ended(alarm, "the cause is over", now) or alarm
    elif not looked.cause_over:
        looked = looked.after(Entry(at=now, who=RULES, deed=Deed.CAUSE_OVER), cause_over=True)
    counted = (*alarm.counted, Counted(now, lost))[-COUNTED_AT_MOST:]
    return looked.after(look_at=now + rule.within, counted=counted)
