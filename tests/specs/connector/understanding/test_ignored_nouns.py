"""Nouns that nobody wants are counted; a noun that is known is never called unknown."""

from __future__ import annotations

import pytest

from iec_connector.understanding import Reason
from tests.specs.connector.understanding.samples import (
    NORTH,
    event,
    events,
    header,
    message,
    read,
    refused,
    source,
)

IGNORED = {"ignored_nouns": 1}


@pytest.mark.parametrize("noun", NORTH.ignored_nouns)
def test_nouns_of_customers_prices_and_schedules_are_counted_and_not_refused(noun: str) -> None:
    for body in (
        message(f"<{noun}><x/></{noun}>", noun=noun),
        message(f"<{noun}/>", noun="?"),
        f"<RequestMessage>{header('get', noun)}</RequestMessage>",
        f"<EventMessage>{header('created', noun.upper())}</EventMessage>",
    ):
        understood = read(body)
        assert (understood.reports, understood.problems) == ((), ())
        assert understood.passed_over == IGNORED


def test_a_source_chooses_what_it_ignores() -> None:
    readings = message("<MeterReadings><MeterReading/></MeterReadings>", noun="MeterReadings")
    assert read(readings, source(ignored_nouns=("meter readings",))).passed_over == IGNORED
    prices = message("<PanPricing/>", noun="PanPricing")
    assert refused(prices, source(ignored_nouns=())).reason is Reason.NOUN_NOT_READ


def test_what_is_ignored_in_an_operation_set_hinders_nothing_beside_it() -> None:
    operations = "".join(
        f"<Operation>{each}</Operation>"
        for each in ("<CustomerConfig><x/></CustomerConfig>", events())
    )
    body = message(
        f"<OperationSet>{operations}</OperationSet>", verb="executed", noun="OperationSet"
    )
    assert len(read(body).reports) == 1


def test_a_payload_that_is_wanted_is_read_whatever_the_header_says() -> None:
    assert read(message(events(event()), noun="CustomerConfig")).reports


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (message("<MeterServiceRequests/>", noun="MeterServiceRequests"), Reason.NOUN_NOT_READ),
        (
            f"<EventMessage>{header(noun='MeterServiceRequests')}</EventMessage>",
            Reason.PAYLOAD_MISSING,
        ),
        (f"<EventMessage>{header(noun='OperationSet')}</EventMessage>", Reason.PAYLOAD_MISSING),
        (message("<Weather/>", noun="EndDeviceEvents"), Reason.PAYLOAD_UNKNOWN),
        (message("<Weather/>", noun="Weather"), Reason.NOUN_UNKNOWN),
    ],
)
def test_a_noun_of_the_standard_is_never_called_unknown(body: str, reason: Reason) -> None:
    assert refused(body).reason is reason
