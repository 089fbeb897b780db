"""The rules of alerts rest on metrics that are told; each alert is tried, and has an entry for who is woken."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from service_metrics.declared import Kind, Metric
from service_metrics.page import declared_by

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "observability"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FOLDER / "rules.yaml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
TRIED = [
    each
    for case in yaml.safe_load((FOLDER / "rules.test.yaml").read_text(encoding="utf-8"))["tests"]
    for each in case["alert_rule_test"]
]
DECLARED = {
    metric.prometheus_name: metric
    for service in ("iec_connector", "device_hub", "smoc_service", "bff")
    for metric in declared_by(service)
}
# Of others: Prometheus' own, and Dapr's.
OTHERS = {"up", "dapr_sentry_issuercert_expiry_timestamp"}
OURS = re.compile(r"\b(?:meterpark|messaging|process|rpc|db|http|dapr)_[a-z0-9_]+")
LABEL = re.compile(r"([a-z_]+)\s*(?:=~|!~|!=|=)\s*\"")


def metrics_in(expression: str) -> set[str]:
    without_labels = re.sub(r"\{[^}]*\}", "", expression)
    without_groups = re.sub(r"\bby\s*\([^)]*\)", "", without_labels)
    return set(OURS.findall(without_groups))


def declared(name: str) -> Metric | None:
    ending = re.compile(r"_(?:bucket|count|sum)$")
    metric = DECLARED.get(name) or DECLARED.get(ending.sub("", name))
    if metric is not None and (metric.kind is Kind.HISTOGRAM) != bool(ending.search(name)):
        return None
    return metric


def test_a_rule_names_only_metrics_that_are_told() -> None:
    named = {name for rule in RULES for name in metrics_in(rule["expr"])}
    assert named
    assert {name for name in named - OTHERS if declared(name) is None} == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_selects_by_labels_that_its_metrics_have(rule: dict[str, Any]) -> None:
    labels = {
        label
        for inside in re.findall(r"\{([^}]*)\}", rule["expr"])
        for label in LABEL.findall(inside)
    }
    known = {"job", "service", "le"}
    for name in metrics_in(rule["expr"]) - OTHERS:
        metric = declared(name)
        assert metric is not None
        known |= {attribute.replace(".", "_") for attribute in metric.attributes}
    assert labels <= known


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_bucket_that_a_rule_asks_for_is_there(rule: dict[str, Any]) -> None:
    for name, end in re.findall(r"([a-z_]+_seconds)_bucket\{le=\"([\d.]+)\"\}", rule["expr"]):
        assert float(end) in DECLARED[name].bounds
        assert end == str(float(end))


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_is_tried_once_raised_and_once_quiet(alert: str) -> None:
    outcomes = {bool(each["exp_alerts"]) for each in TRIED if each["alertname"] == alert}
    assert outcomes == {True, False}


def test_every_alert_has_an_entry_in_the_handbook_with_its_severity_and_no_other_has() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = page.partition("## Alerts\n")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and "---" not in line][1:]
    told = [pair for row in rows for pair in re.findall(r"(\w+) \((\w+)\)", row.split("|")[1])]
    severities = {name: rule["labels"]["severity"] for name, rule in ALERTS.items()}
    assert dict(told) == severities
    assert all(len([cell for cell in row.split("|") if cell.strip()]) == 4 for row in rows)
