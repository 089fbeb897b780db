"""Rules as data: what raises an alarm, checked when they are read."""

import math
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from smoc_service.register.device import FACETS


class RulesInvalid(Exception):
    """The rules cannot be used; the text says where and why."""


class Severity(StrEnum):
    INFO = "INFO"
    WARNING = "WARNING"
    MAJOR = "MAJOR"
    CRITICAL = "CRITICAL"


_Seconds = Annotated[int, Field(gt=0, le=366 * 86_400)]


class Rule(BaseModel):
    """What every rule says about its alarms."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    category: str = Field(pattern=r"^[A-Z][A-Z0-9_]{0,39}$")
    severity: Severity
    auto_resolve: bool
    enabled: bool


class FacetRule(Rule):
    facet: str
    values: tuple[str, ...] = Field(min_length=1)
    longer_than_seconds: int = Field(ge=0, le=366 * 86_400)

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.facet not in FACETS:
            raise ValueError(f"{self.facet!r} is not one of {', '.join(FACETS)}")
        for value in self.values:
            if value not in FACETS[self.facet]:
                raise ValueError(f"{value!r} is not one of {', '.join(FACETS[self.facet])}")
        return self

    @property
    def longer_than(self) -> timedelta:
        return timedelta(seconds=self.longer_than_seconds)

    def holds(self, values: Mapping[str, str]) -> bool:
        """Whether a device with these facet values has what the rule looks for."""
        return values[self.facet] in self.values


class StormRule(Rule):
    more_than_changes: int = Field(gt=0)
    within_seconds: _Seconds

    @property
    def within(self) -> timedelta:
        return timedelta(seconds=self.within_seconds)


class AreaRule(Rule):
    of: str
    more_than_percent: float = Field(gt=0, lt=100)
    within_seconds: _Seconds
    at_least_devices: int = Field(gt=0)

    @property
    def within(self) -> timedelta:
        return timedelta(seconds=self.within_seconds)

    def breaks_out_at(self, devices: int) -> int:
        """Return how many of an area's ``devices``, lost within the time, are an outage."""
        return max(self.at_least_devices, math.floor(self.more_than_percent * devices / 100) + 1)

    def goes_on(self, lost: int, devices: int) -> bool:
        """Whether it is not over yet; half of what began it, so that it does not come and go."""
        return lost * 200 > self.more_than_percent * devices


class Rules(BaseModel):
    """All rules; ``facets`` and the two properties hold those that are enabled."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    all_facets: tuple[FacetRule, ...] = Field(alias="facets")
    any_storm: StormRule | None = Field(alias="storm", default=None)
    any_area: AreaRule | None = Field(alias="area_outage", default=None)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        alone = [rule for rule in (self.any_storm, self.any_area) if rule is not None]
        names = [rule.name for rule in (*self.all_facets, *alone)]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"the name {min(twice)} is given twice")
        if self.area is not None and self.area.of not in {rule.name for rule in self.facets}:
            raise ValueError(f"area_outage.of: no enabled rule of facets is {self.area.of!r}")
        return self

    @property
    def facets(self) -> tuple[FacetRule, ...]:
        return tuple(rule for rule in self.all_facets if rule.enabled)

    @property
    def storm(self) -> StormRule | None:
        return self.any_storm if self.any_storm is not None and self.any_storm.enabled else None

    @property
    def area(self) -> AreaRule | None:
        return self.any_area if self.any_area is not None and self.any_area.enabled else None

    @property
    def fingerprint(self) -> str:
        """Return a text that is another one when any rule is."""
        return blake2b(self.model_dump_json().encode(), digest_size=12).hexdigest()

    def concern(self, values: Mapping[str, str]) -> bool:
        """Whether any rule looks for one of these facet values."""
        return any(rule.holds(values) for rule in self.facets)


def read_rules(text: str) -> Rules:
    """Return the rules that ``text`` (YAML) holds; raise ``RulesInvalid`` with the place of the first mistake."""
    try:
        return Rules.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise RulesInvalid(f"not YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "rules"
        raise RulesInvalid(f"{place}: {first['msg']}") from None
