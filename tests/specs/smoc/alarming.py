"""Examples for the specs of alarms."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

from smoc_service.alarms.core.alarm import Alarm
from smoc_service.alarms.core.causes import Change, Drop, Put, Seen, decide
from smoc_service.alarms.core.life import Action, Command
from smoc_service.alarms.core.rules import Rules, read_rules
from smoc_service.register.device import FACETS, Device, Facet
from smoc_service.who import Who

RULES_FILE = files("smoc_service.alarms.core") / "rules.yaml"
RULES: Rules = read_rules(RULES_FILE.read_text(encoding="utf-8"))
START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ANNA = Who(subject="7f0c", username="anna")


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def meter(*, revision: int = 1, area: str = "", since: float = 0, **facets: Any) -> Device:
    """Return a device whose given facets have been as they are since ``since`` seconds after the start."""
    return Device(
        device_id="north/1",
        network="north",
        device_identifier="1",
        revision=revision,
        facets={
            name: Facet(value=facets[name], as_of=after(since), cause="3.26.0.85")
            if name in facets
            else Facet(value=values[0])
            for name, values in FACETS.items()
        },
        attributes={"area": area} if area else {},
        first_seen_at=START,
        updated_at=after(since),
    )


def meter_with(facet: str, value: str, since: float = 0) -> Device:
    told: dict[str, Any] = {facet: value}
    return meter(since=since, **told)


_NUMBERS = itertools.count(1)


def new_id(network: str) -> str:
    return f"{network}/{next(_NUMBERS):020x}"


class Alarms:
    """The alarms of one device, as they would be stored."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.rules = rules
        self.stored: dict[str, Alarm] = {}

    def look(self, device: Device, seconds: float, **seen: Any) -> list[Change]:
        """Look at the device and store what follows."""
        held = {alarm.rule: alarm for alarm in self.unresolved()}
        by_hand = {(each.rule, each.since) for each in self.stored.values() if each.by_hand}
        known = Seen(device=device, held=held, by_hand=by_hand, **seen)
        changes = decide(known, self.rules, after(seconds), new_id)
        for change in changes:
            match change:
                case Put(alarm, before):
                    assert alarm.version == (before.version + 1 if before else 1)
                    self.stored[alarm.alarm_id] = alarm
                case Drop(alarm):
                    del self.stored[alarm.alarm_id]
        return changes

    def unresolved(self) -> list[Alarm]:
        return [alarm for alarm in self.stored.values() if alarm.state != "RESOLVED"]

    def only(self) -> Alarm:
        [alarm] = self.stored.values()
        return alarm

    def put(self, alarm: Alarm) -> None:
        self.stored[alarm.alarm_id] = alarm


def deeds(alarm: Alarm) -> list[str]:
    return [entry.deed.value for entry in alarm.history]


def command(
    action: Action, seconds: float = 10, *, comment: str = "", request: str = "r1"
) -> Command:
    return Command(action=action, who=ANNA, request_id=request, at=after(seconds), comment=comment)


def rules_with(replacing: Iterable[tuple[str, str]]) -> str:
    text = RULES_FILE.read_text(encoding="utf-8")
    for old, new in replacing:
        assert old in text
        text = text.replace(old, new, 1)
    return text
