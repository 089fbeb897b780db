"""The devices for which an area's alarm stands, as the park's index counts them now.

They are the devices that a list finds with the same conditions, so the number and what it leads to agree.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from smoc_service.alarms.core.alarm import Alarm, Counted, State
from smoc_service.alarms.core.rules import FacetRule, Rules
from smoc_service.errors import ParkNotLoaded, TooManyQuestions
from smoc_service.park.index import Conditions, ParkIndex
from smoc_service.park.park import Park


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    facet: str
    values: tuple[str, ...]
    devices: int
    # That the area has, affected or not.
    in_area: int
    earlier: tuple[Counted, ...]


class AffectedDevices:
    """Counts for all alarms of an answer at once; without the index there is no count, and the alarms are shown."""

    def __init__(self, park: Park, rules: Rules) -> None:
        self._park = park
        self._rule = _counted_rule(rules)
        self._area_rule = "" if rules.area is None else rules.area.name

    async def of(self, alarms: Iterable[Alarm]) -> Mapping[str, Affected]:
        """Return by alarm id what each area's alarm among ``alarms`` stands for now."""
        rule = self._rule
        areas = [alarm for alarm in alarms if self._is_counted(alarm)]
        if rule is None or not areas or not self._park.is_loaded:
            return {}
        by_network: dict[str, list[str]] = {}
        for alarm in areas:
            by_network.setdefault(alarm.network, []).append(alarm.area)
        words = {rule.facet: rule.values}
        try:
            lost, whole = await self._park.ask(
                lambda index: (_count(index, by_network, words), _count(index, by_network, {}))
            )
        except (ParkNotLoaded, TooManyQuestions):
            return {}
        return {
            alarm.alarm_id: Affected(
                facet=rule.facet,
                values=rule.values,
                devices=lost.get((alarm.network, alarm.area), 0),
                in_area=whole.get((alarm.network, alarm.area), 0),
                earlier=alarm.counted,
            )
            for alarm in areas
        }

    def _is_counted(self, alarm: Alarm) -> bool:
        return (
            not alarm.device_id
            and alarm.rule == self._area_rule
            and alarm.state is not State.RESOLVED
        )


def _counted_rule(rules: Rules) -> FacetRule | None:
    if rules.area is None:
        return None
    return next(rule for rule in rules.facets if rule.name == rules.area.of)


def _count(
    index: ParkIndex, areas: Mapping[str, Sequence[str]], words: Mapping[str, tuple[str, ...]]
) -> dict[tuple[str, str], int]:
    """Return how many devices with ``words`` there are, by network and area."""
    return {
        (network, area): count
        for network, names in areas.items()
        for area, count in index.select(
            Conditions(networks=(network,), words={**words, "area": tuple(names)})
        )
        .counts(["area"])["area"]
        .values
    }
