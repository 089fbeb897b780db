"""Replies about controls: that an order failed is what is reported of it."""

from __future__ import annotations

import pytest

from iec_connector.understanding import ControlOutcome, Outcome, Reason, Understood
from tests.specs.connector.understanding.samples import header, meter_config, read, refused

FATAL = "<Error><code>5.4</code><level>FATAL</level><details>relay stuck</details>{}</Error>"


def control(mrid: str, device: str, more: str = "") -> str:
    return (
        f'<EndDeviceControl><mRID>{mrid}</mRID>{more}<EndDeviceControlType ref="3.31.0.23"/>'
        f"<EndDevices><mRID>{device}</mRID></EndDevices></EndDeviceControl>"
    )


def controls(*each: str) -> str:
    return f"<EndDeviceControls>{''.join(each)}</EndDeviceControls>"


BOTH = controls(control("order-1", "D1"), control("order-2", "D2"))


def answer(
    said: str, payload: str = BOTH, *, verb: str = "reply", noun: str = "EndDeviceControls"
) -> str:
    head = header(verb, noun)
    return f"<ResponseMessage>{head}<Reply>{said}</Reply><Payload>{payload}</Payload></ResponseMessage>"


def told(understood: Understood) -> dict[str, tuple[Outcome, str]]:
    """Outcome and reason by device."""
    found = {}
    for report in understood.reports:
        assert isinstance(report.content, ControlOutcome)
        found[report.device_identifier] = (report.content.outcome, report.content.reason)
    return found


@pytest.mark.parametrize("verb", ["reply", "created", "changed", "executed"])
@pytest.mark.parametrize("result", ["<Result>FAILED</Result>", "<Result>timed out</Result>", ""])
def test_controls_that_failed_are_told_with_the_senders_error(verb: str, result: str) -> None:
    understood = read(answer(result + FATAL.format(""), verb=verb))
    assert understood.problems == ()
    assert [outcome for outcome, _ in told(understood).values()] == [Outcome.FAILED] * 2
    assert all("5.4 FATAL relay stuck" in reason for _, reason in told(understood).values())


@pytest.mark.parametrize(
    "name",
    [
        "<ID>D2</ID>",
        "<relatedID>order-2</relatedID>",
        "<xpath>//EndDeviceControl[2]</xpath>",
    ],
)
@pytest.mark.parametrize("result", ["PARTIAL", "OK"])
def test_of_a_partial_success_the_named_control_failed(name: str, result: str) -> None:
    understood = read(answer(f"<Result>{result}</Result>{FATAL.format(name)}"))
    assert understood.problems == ()
    assert told(understood) == {
        "D1": (Outcome.ORDERED, ""),
        "D2": (Outcome.FAILED, "5.4 FATAL relay stuck"),
    }


def test_operations_of_controls_that_are_done_together_fail_together() -> None:
    operations = "".join(
        f"<Operation><operationId>{number}</operationId><noun>EndDeviceControls</noun>"
        f"<verb>create</verb>{controls(control(f'order-{number}', f'D{number}'))}</Operation>"
        for number in (1, 2)
    )
    payload = (
        "<OperationSet><enforceTransactionalIntegrity>true</enforceTransactionalIntegrity>"
        f"{operations}</OperationSet>"
    )
    said = f"<Result>PARTIAL</Result>{FATAL.format('<operationId>2</operationId>')}"
    understood = read(answer(said, payload, verb="executed", noun="OperationSet"))
    assert [outcome for outcome, _ in told(understood).values()] == [Outcome.FAILED] * 2


def test_the_reason_of_the_order_stands_beside_the_senders_error() -> None:
    payload = controls(control("order-1", "D1", "<reason>non-payment</reason>"))
    (report,) = read(answer(f"<Result>FAILED</Result>{FATAL.format('')}", payload)).reports
    assert isinstance(report.content, ControlOutcome)
    assert "relay stuck" in report.content.reason
    assert report.content.remark == "non-payment"


@pytest.mark.parametrize(
    ("said", "payload", "verb"),
    [
        ("<Result>FAILED</Result>", BOTH, "canceled"),
        ("<Result>FAILED</Result>", "<EndDeviceControls/>", "reply"),
        ("<Result>FAILED</Result>", controls("<EndDeviceControl/>"), "reply"),
        ("<Result>FAILED</Result>", "<Compressed>no text of a payload</Compressed>", "reply"),
        ("<Result>PARTIAL</Result>", BOTH, "reply"),
        ("<Result>Accepted</Result>", BOTH, "reply"),
        ("<Result>never heard of</Result>", BOTH, "reply"),
    ],
)
def test_a_failure_of_which_nobody_knows_what_became_of_an_order_is_no_report(
    said: str, payload: str, verb: str
) -> None:
    unreadable = refused(answer(said + FATAL.format(""), payload, verb=verb))
    assert unreadable.reason is Reason.NOT_A_REPORT
    assert "relay stuck" in unreadable.detail


def test_beside_controls_that_failed_nothing_else_is_a_fact() -> None:
    meters = meter_config("<serialNumber>S1</serialNumber><status><value>Active</value></status>")
    understood = read(answer(f"<Result>FAILED</Result>{FATAL.format('')}", BOTH + meters))
    assert [*told(understood)] == ["D1", "D2"]
    (problem,) = understood.problems
    assert problem.reason is Reason.NOT_A_REPORT
    assert "MeterConfig/Meter" in problem.place
