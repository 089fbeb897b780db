"""`python -m iec_connector read`: what an integration engineer sees of messages of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
CONFIGURATION = """
sources:
  - name: hes-north
    broker: {url: "amqp://127.0.0.1:61616"}
    destinations: queue://IEC20_PUSH
    network: north
"""
METER = "<Meter><Names><name>LG-7</name></Names></Meter>"


def message(root: str, verb: str, noun: str, payload: str, reply: str = "") -> str:
    return (
        f'<{root} xmlns="http://iec.ch/TC57/2011/schema/message"><Header><Verb>{verb}</Verb><Noun>{noun}</Noun>'
        "<Timestamp>2026-03-01T10:00:00Z</Timestamp><MessageID>m-1</MessageID></Header>"
        f'{reply}<Payload><{noun} xmlns="http://iec.ch/TC57/2011/{noun}#">{payload}</{noun}></Payload></{root}>'
    )


def event(time: str) -> str:
    return (
        f"<EndDeviceEvent><createdDateTime>{time}</createdDateTime><Assets><mRID>LG-7</mRID></Assets>"
        '<EndDeviceEventType ref="3.26.0.85"/></EndDeviceEvent>'
    )


FAILED = (
    "<Reply><Result>Failed</Result><Error><code>2.9</code><details>busy</details></Error></Reply>"
)
MESSAGES = {
    "refused": message("ResponseMessage", "change", "MeterConfig", METER, FAILED),
    "asked": message("RequestMessage", "delete", "MeterConfig", METER),
    "unwanted": message("EventMessage", "created", "PanPricing", "<x/>"),
    "gap": message(
        "EventMessage",
        "created",
        "MeterReadings",
        f"<MeterReading>{METER}<Readings><timeStamp>2026-03-01T09:00:00Z</timeStamp></Readings></MeterReading>",
    ),
    "clock": message("EventMessage", "created", "EndDeviceEvents", event("2000-01-01T00:03:00Z")),
    "announced": message(
        "EventMessage",
        "changed",
        "MeterConfig",
        "<Meter><serialNumber>LG-7</serialNumber><ConfigurationEvents>"
        "<effectiveDateTime>2999-01-01T00:00:00Z</effectiveDateTime></ConfigurationEvents>"
        "<status><value>Removed</value></status></Meter>",
    ),
    "misdated": message("EventMessage", "created", "EndDeviceEvents", event("at noon")),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("messages")
    (folder / "connector.yaml").write_text(CONFIGURATION)
    files = []
    for name, body in MESSAGES.items():
        files.append(folder / f"{name}.xml")
        files[-1].write_text(body)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "iec_connector",
            "read",
            str(folder / "connector.yaml"),
            *map(str, files),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    decoder, found, text = json.JSONDecoder(), {}, done.stdout.strip()
    while text:
        answer, end = decoder.raw_decode(text)
        found[Path(answer["file"]).stem] = answer
        text = text[end:].strip()
    return found


@pytest.mark.parametrize(("name", "word"), [("refused", "2.9 busy"), ("asked", "order")])
def test_what_is_no_fact_is_told_with_its_reason(
    answers: dict[str, dict[str, Any]], name: str, word: str
) -> None:
    assert answers[name]["unreadable"] == "NOT_A_REPORT"
    assert word in answers[name]["detail"]


@pytest.mark.parametrize(
    ("name", "what"), [("unwanted", "ignored_nouns"), ("gap", "readings_without_contact")]
)
def test_what_nobody_wants_is_counted(
    answers: dict[str, dict[str, Any]], name: str, what: str
) -> None:
    assert (answers[name]["reports"], answers[name]["problems"]) == ([], [])
    assert answers[name]["passed_over"] == {what: 1}


def test_what_a_lost_clock_said_is_shown_and_dates_nothing(
    answers: dict[str, dict[str, Any]],
) -> None:
    (report,) = answers["clock"]["reports"]
    assert report["occurred_at"] is None
    assert report["stated_at"].startswith("2000-01-01 00:03")


def test_an_unreadable_date_stands_beside_its_report(answers: dict[str, dict[str, Any]]) -> None:
    (report,) = answers["misdated"]["reports"]
    assert report["occurred_at"].startswith("2026-03-01 10:00")
    (problem,) = answers["misdated"]["problems"]
    assert "createdDateTime, line 1" in problem["place"]


def test_what_takes_effect_later_is_told_to_be_planned(answers: dict[str, dict[str, Any]]) -> None:
    [report] = answers["announced"]["reports"]
    assert (report["planned"], report["occurred_at"]) == (True, "2999-01-01 00:00:00+00:00")
    [now] = answers["misdated"]["reports"]
    assert "planned" not in now
