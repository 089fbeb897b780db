"""What docs/iec61968.md says in tables is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from device_hub.device.attributes import ATTRIBUTES
from iec_connector.sources.configuration import SourceSettings
from iec_connector.understanding import Reason
from iec_connector.understanding.contact.qualities import NOT_FROM_DEVICE
from iec_connector.understanding.envelope.reply import RESULT_WORDS
from iec_connector.understanding.events.ending import COUNTERPARTS
from iec_connector.understanding.further.controls import OUTCOMES
from iec_connector.understanding.nouns import DEFAULT_IGNORED_NOUNS
from iec_connector.understanding.times import CLOCK_START_DAYS, CLOCK_STARTS

DOC = (Path(__file__).parents[2] / "docs" / "iec61968.md").read_text(encoding="utf-8")
PROSE = " ".join(DOC.split())


def table(header: str) -> dict[str, str]:
    """The rows of the table under this header line."""
    lines = DOC.partition(f"| {header} |\n")[2].splitlines()[1:]
    rows = {}
    for line in lines:
        if not line.startswith("|"):
            break
        first, _, second = line.strip("| ").partition(" | ")
        rows[first] = second
    return rows


def test_the_spellings_of_results_are_told() -> None:
    told = table("result | spellings, as lower-case letters and digits")
    assert told == {result.name: ", ".join(words) for result, words in RESULT_WORDS.items()}


def test_the_qualities_that_prove_no_contact_are_told() -> None:
    told = table("category.index | why it is no contact")
    assert told == {".".join(key): why for key, why in NOT_FROM_DEVICE.items()}


def test_what_the_end_of_an_event_means_is_told() -> None:
    assert table("meaning of the event | of its end") == {
        str(began): str(ended) for began, ended in COUNTERPARTS.items()
    }


def test_what_the_status_of_a_control_means_is_told() -> None:
    told = table("outcome | words of a status, as lower-case letters and digits")
    assert told == {outcome.name: ", ".join(words) for outcome, words in OUTCOMES.items()}


def test_every_attribute_that_describes_a_device_further_is_told_once() -> None:
    told = [word for row in table("attribute | read from") for word in re.findall(r"`(\w+)`", row)]
    assert told == list(dict.fromkeys(told))
    described = ATTRIBUTES[ATTRIBUTES.index("status_reason") :]
    assert set(told) == set(described)


def test_the_nouns_that_are_ignored_by_default_are_told() -> None:
    told = PROSE.partition("Default *(tested)*:")[2].partition(". ")[0]
    assert re.findall(r"`(\w+)`", told) == list(DEFAULT_IGNORED_NOUNS)


def test_the_clock_starts_are_told() -> None:
    told = PROSE.partition("Starts *(tested)*:")[2].partition(".")[0]
    assert re.findall(r"\d{4}-\d\d-\d\d", told) == [day.isoformat() for day in CLOCK_STARTS]
    assert f"in the first {CLOCK_START_DAYS} days after its start" in PROSE


@pytest.mark.parametrize("setting", ["ignored_nouns", "clock_starts", "requests", "time_zone"])
def test_settings_that_are_told_exist(setting: str) -> None:
    assert f"`{setting}" in DOC
    assert setting in SourceSettings.model_fields


def test_reasons_that_are_told_exist() -> None:
    told = set(re.findall(r"\b(?:NOUN|NOT|PAYLOAD|LOCATION|LINKAGE|DEVICE)_[A-Z_]+\b", DOC))
    assert told
    assert told <= {reason.value for reason in Reason}
