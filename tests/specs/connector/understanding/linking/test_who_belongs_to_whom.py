"""A linkage: which device is at which usage point, and behind which other device. Nothing is guessed."""

from __future__ import annotations

import pytest

from iec_connector.understanding import Linkage, LinkageChange, Reason, Understood
from iec_connector.understanding.identifiers import Spelling
from tests.specs.connector.understanding.samples import linkage, message, read, refused, source


def link(inside: str, verb: str = "created") -> str:
    return message(linkage(inside), verb=verb, noun="MasterDataLinkageConfig")


def meter(name: str, inside: str = "") -> str:
    return f"<Meter><mRID>{name}</mRID>{inside}</Meter>"


def end_device(name: str, inside: str = "") -> str:
    return f"<EndDevice><mRID>{name}</mRID>{inside}</EndDevice>"


def point(name: str, inside: str = "") -> str:
    return f"<UsagePoint><mRID>{name}</mRID>{inside}</UsagePoint>"


def told(understood: Understood) -> list[tuple[str, str, str]]:
    return [
        (report.device_identifier, report.content.usage_point, report.content.parent)
        for report in understood.reports
        if isinstance(report.content, Linkage)
    ]


@pytest.mark.parametrize(
    ("inside", "wrong"),
    [
        (meter("G1") + meter("M2") + end_device("S1") + point("UP2"), "2 devices and 1 usage"),
        (meter("M1") + meter("M2") + point("UP1"), "2 devices and 1 usage points"),
        (meter("M1") + point("UP1") + point("UP2"), "1 devices and 2 usage points"),
        (meter("M1") + meter("M2") + end_device("S1"), "1 EndDevices beside 2 meters"),
        (end_device("S1") + end_device("S2") + point("UP1"), "2 devices and 1 usage points"),
    ],
)
def test_what_could_belong_to_several_leads_to_a_problem_with_its_place(
    inside: str, wrong: str
) -> None:
    problem = refused(link(inside))
    assert problem.reason is Reason.LINKAGE_INCOMPLETE
    assert wrong in problem.detail
    assert problem.place.startswith("/EventMessage/Payload/MasterDataLinkageConfig")


def test_an_end_device_beside_a_meter_is_behind_it() -> None:
    understood = read(link(meter("M1") + end_device("G1") + end_device("W1") + point("UP1")))
    assert told(understood) == [("M1", "UP1", ""), ("G1", "", "M1"), ("W1", "", "M1")]
    assert understood.problems == ()


def test_an_end_device_that_is_unlinked_leaves_its_meter_where_it_is() -> None:
    [report] = read(link(meter("M1") + end_device("G1"), "closed")).reports
    assert report.device_identifier == "G1"
    assert report.content == Linkage(change=LinkageChange.UNLINKED, parent="M1")


def test_what_stands_inside_of_another_belongs_to_it() -> None:
    understood = read(
        link(
            meter("M1", point("UP1") + end_device("G1"))
            + meter("M2", point("UP2"))
            + point("UP1", "<Names><name>7</name></Names>")
        )
    )
    assert told(understood) == [("M1", "UP1", ""), ("G1", "", "M1"), ("M2", "UP2", "")]


def test_a_usage_point_may_name_its_devices() -> None:
    inside = meter("M1") + meter("M2") + point("UP1", meter("M2")) + point("UP2", meter("M1"))
    assert told(read(link(inside))) == [("M2", "UP1", ""), ("M1", "UP2", "")]


def test_an_end_device_may_name_its_parent() -> None:
    inside = (
        meter("M1") + meter("M2") + end_device("S1", "<Gateway><mRID>M2</mRID></Gateway>")
    ) + (point("UP1") + point("UP2"))
    assert told(read(link(inside))) == [("S1", "", "M2"), ("M1", "UP1", ""), ("M2", "UP2", "")]


def test_as_many_end_devices_as_meters_belong_together_in_order() -> None:
    inside = meter("M1") + meter("M2") + end_device("S1") + end_device("S2")
    assert told(read(link(inside))) == [("S1", "", "M1"), ("S2", "", "M2")]


def test_what_is_told_is_read_beside_what_is_not() -> None:
    understood = read(link(meter("M1") + meter("M2") + end_device("S1") + point("A") + point("B")))
    assert told(understood) == [("M1", "A", ""), ("M2", "B", "")]
    assert [problem.reason for problem in understood.problems] == [Reason.LINKAGE_INCOMPLETE]


def test_a_device_is_never_behind_itself() -> None:
    assert refused(link(meter("M1") + end_device("M1"))).reason is Reason.LINKAGE_INCOMPLETE


def test_a_parent_is_spelled_as_its_own_messages_are() -> None:
    strips = source(identifier_spelling=(Spelling.STRIP_LEADING_ZEROS,))
    understood = read(link(meter("0001") + end_device("007")), strips)
    assert told(understood) == [("7", "", "1")]
