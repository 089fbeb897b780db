"""An event says who made it happen or told it, a remark, its status, and where it happened."""

from __future__ import annotations

from iec_connector.understanding import DeviceEvent, Reason
from tests.specs.connector.understanding.samples import event, event_of, events, names, read

PLACE = "<Location><latitude>47.3769</latitude><longitude>8.5417</longitude></Location>"


def test_the_author_the_remark_and_the_status_of_an_event_are_kept() -> None:
    more = (
        "<userID>field crew 7</userID><issuerID>hes-north</issuerID><reason>storm</reason>"
        "<status><value>closed</value><remark>seen on site</remark></status>"
    )
    content = event_of(events(event(more=more)))
    assert (content.author, content.reason) == ("field crew 7", "storm")
    assert (content.status, content.remark) == ("closed", "seen on site")


def test_without_a_user_the_issuer_is_the_author() -> None:
    assert event_of(events(event(more="<issuerID>hes-north</issuerID>"))).author == "hes-north"


def test_an_event_tells_where_it_happened_wherever_it_says_so() -> None:
    for inside in (
        {"more": PLACE},
        {"more": f"<UsagePoint><mRID>UP-1</mRID>{PLACE}</UsagePoint>"},
        {"device": f"<Assets>{names()}{PLACE}</Assets>"},
    ):
        content = event_of(events(event(**inside)))
        assert (content.latitude, content.longitude) == ("47.3769", "8.5417")


def test_a_place_that_is_none_is_a_problem_beside_the_event() -> None:
    wrong = "<Location><latitude>147.3</latitude><longitude>8.5</longitude></Location>"
    understood = read(events(event(more=wrong)))
    [report], [problem] = understood.reports, understood.problems
    assert isinstance(report.content, DeviceEvent)
    assert report.content.latitude == ""
    assert problem.reason is Reason.LOCATION_INVALID
