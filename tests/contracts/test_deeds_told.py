"""The page's audit has a title for each thing that a person can ask of a service, to say it in German."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from device_hub.doors.deeds import HUB
from service_deeds.words import Words
from smoc_service.deeds.words import REGISTER

ROOT: Final = Path(__file__).resolve().parents[2]
TITLES: Final = ROOT / "bff" / "web" / "src" / "app" / "device" / "fact-titles.ts"


def asked(words: Words, package: str) -> Iterator[str]:
    """Yield the fields of all requests that are deeds."""
    for file in (ROOT / "proto" / "meterpark" / package / "v1").glob("*_service.proto"):
        contract = import_module(f"meterpark.{package}.v1.{file.stem}_pb2")
        for service in contract.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                if words.kind_of(f"/{service.full_name}/{method.name}"):
                    yield from (each.name for each in method.input_type.fields)


@pytest.mark.parametrize(("words", "package"), [(REGISTER, "smoc"), (HUB, "device_hub")])
def test_the_page_has_a_title_for_each_field_of_a_request_that_is_a_deed(
    words: Words, package: str
) -> None:
    source = TITLES.read_text(encoding="utf-8")
    known = set(re.findall(r"\b([a-z_]+): \$localize", source))
    fields = re.findall(r"\['(\w+)', ", source)
    known |= {re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", each) for each in fields}
    # A deed says these in places of their own.
    elsewhere = {*words.about, *words.request_ids, "device_id"}
    said = set(asked(words, package)) - elsewhere
    assert said
    assert said <= known
