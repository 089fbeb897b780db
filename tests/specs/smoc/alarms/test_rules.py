"""Rules are data, and a mistake in them is found before anything is decided by them."""

from pathlib import Path

import pytest

from smoc_service.__main__ import alarm_rules
from smoc_service.alarms.core.rules import RulesInvalid, read_rules
from tests.specs.smoc.alarming import RULES, rules_with


def test_the_rules_that_come_with_the_service_are_those_that_were_asked_for() -> None:
    assert [rule.name for rule in RULES.facets] == [
        "tamper-detected",
        "power-lost",
        "silent",
        "error-state",
        "firmware-failed",
    ]
    assert RULES.storm is not None
    assert RULES.area is not None
    assert RULES.area.of == "power-lost"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("values: [DETECTED]", "values: [SEEN]", "facets.0: Value error, 'SEEN' is not one of"),
        ("facet: tamper", "facet: colour", "facets.0: Value error, 'colour' is not one of"),
        ("severity: CRITICAL", "severity: BAD", "facets.0.severity: Input should be 'INFO'"),
        ("name: silent", "name: power-lost", "rules: Value error, the name power-lost is given"),
        ("of: power-lost", "of: darkness", "rules: Value error, area_outage.of: no enabled rule"),
        ("more_than_percent: 20", "more_than_percent: 120", "area_outage.more_than_percent: "),
        ("longer_than_seconds: 300", "longer_than: 300", "facets.1.longer_than_seconds: "),
        ("storm: {", "storm: [", "not YAML: "),
        ('values: ["OFF"]', "values: [OFF]", "facets.1.values.0: Input should be a valid string"),
    ],
)
def test_a_mistake_is_told_with_its_place(old: str, new: str, complaint: str) -> None:
    with pytest.raises(RulesInvalid) as refused:
        read_rules(rules_with([(old, new)]))
    assert str(refused.value).startswith(complaint)


def test_no_rules_at_all_are_a_mistake() -> None:
    with pytest.raises(RulesInvalid):
        read_rules("")


def test_a_rule_that_is_off_is_not_there() -> None:
    off = "auto_resolve: true, enabled: false"
    text = rules_with([("auto_resolve: true, enabled: true", off)])
    assert "tamper-detected" not in {rule.name for rule in read_rules(text).facets}


def test_other_rules_have_another_fingerprint_and_the_same_the_same() -> None:
    other = read_rules(rules_with([("longer_than_seconds: 300", "longer_than_seconds: 301")]))
    assert other.fingerprint != RULES.fingerprint
    assert read_rules(rules_with([])).fingerprint == RULES.fingerprint


def test_a_rules_file_that_is_no_text_ends_the_start_with_one_line(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes(b"storm: \xd0\x00")
    with pytest.raises(SystemExit, match=r"smoc-service: rules of alarms \(rules.yaml\): .*utf-8"):
        alarm_rules(file)
