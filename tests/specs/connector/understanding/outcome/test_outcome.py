"""Replies: what failed is never a fact; what a PARTIAL leaves unnamed is; success is not mistaken for failure."""

from __future__ import annotations

import pytest

from iec_connector.understanding import Configuration, Reason, Understood
from tests.specs.connector.understanding.outcome.replies import METERS, answer, named, reply
from tests.specs.connector.understanding.samples import (
    compressed,
    event,
    events,
    linkage,
    message,
    meter_config,
    names,
    only,
    read,
    readings,
    refused,
)

READ = readings(
    *(f"<Meter>{names(each)}</Meter><Readings><value>1</value></Readings>" for each in ("S1", "S2"))
)


def devices(understood: Understood) -> list[str]:
    return [report.device_identifier for report in understood.reports]


@pytest.mark.parametrize(
    "root",
    [
        *("ResponseMessage", "EventMessage", "RequestMessage", "Message", "CreatedMeterConfig"),
        *("MeterConfigResponseMessage", "DeleteMeterConfigResponseMessage"),
    ],
)
@pytest.mark.parametrize(
    "payload",
    [
        *(METERS, READ, events(), '<ID idType="serial">S1</ID>', meter_config(), ""),
        linkage("<Meter><mRID>S1</mRID></Meter><UsagePoint><mRID>U</mRID></UsagePoint>"),
    ],
)
@pytest.mark.parametrize("verb", ["reply", "delete", "created"])
def test_what_failed_is_no_fact_in_any_envelope_and_the_senders_words_are_the_reason(
    root: str, payload: str, verb: str
) -> None:
    unreadable = refused(answer(reply("FAILED", named()), payload, verb=verb, root=root))
    assert unreadable.reason is Reason.NOT_A_REPORT
    assert "2.1 FATAL still linked" in unreadable.detail
    assert "/Reply, line 1" in unreadable.place


@pytest.mark.parametrize("place", ["payload", "noun", "operation set", "soap", "compressed"])
def test_a_failure_is_found_wherever_its_reply_stands(place: str) -> None:
    failed = reply("FAILED", named())
    bodies = {
        "payload": answer("", failed + METERS),
        "noun": answer("", METERS.replace("<Meter>", failed + "<Meter>", 1)),
        "operation set": answer(
            "",
            f"<OperationSet>{failed}<Operation><noun>MeterConfig</noun>{METERS}</Operation></OperationSet>",
        ),
        "soap": (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
            f"{answer(failed)}</e:Body></e:Envelope>"
        ),
        "compressed": message(compressed(answer(failed)), noun="MeterConfig"),
    }
    unreadable = refused(bodies[place])
    assert (unreadable.reason, "still linked" in unreadable.detail) == (Reason.NOT_A_REPORT, True)


@pytest.mark.parametrize(
    "written", ["FAILED", "Failed", " failure ", "ERROR", "NOK", "Rejected", "not-ok", "timed out"]
)
def test_failure_is_understood_in_any_spelling(written: str) -> None:
    assert refused(answer(reply(written))).reason is Reason.NOT_A_REPORT


@pytest.mark.parametrize("field", ["Result", "replyCode", "resultCode", "RESULT"])
def test_the_result_is_found_under_the_names_of_other_editions(field: str) -> None:
    said = f"<Reply><{field}>failed</{field}></Reply>"
    assert refused(answer(said)).reason is Reason.NOT_A_REPORT
    assert refused(answer(f'<Reply {field}="failed"/>')).reason is Reason.NOT_A_REPORT


@pytest.mark.parametrize(
    ("written", "word"),
    [("?!", "known word"), ("Accepted", "received"), ("PENDING", "received"), ("42", "known")],
)
def test_what_is_only_received_or_not_known_is_no_success(written: str, word: str) -> None:
    unreadable = refused(answer(reply(written)))
    assert (unreadable.reason, word in unreadable.detail) == (Reason.NOT_A_REPORT, True)


def test_a_simple_acknowledgement_is_no_success() -> None:
    said = reply("OK", "<Error><code>0.3</code><level>INFORM</level></Error>")
    assert refused(answer(said)).reason is Reason.NOT_A_REPORT


@pytest.mark.parametrize(
    "said",
    [
        *("", "<Reply/>", reply("OK"), reply("ok"), reply("Success"), reply("0")),
        reply("OK", "<Error><code>0.0</code></Error>"),
        reply("OK", "<Error><code>0.0</code><level>FATAL</level><reason>none</reason></Error>"),
        reply("OK", "<Error><code>1.7</code><level>INFORM</level></Error>"),
        reply("OK", "<Error><code>1.7</code><level>Warning</level><ID>S1</ID></Error>"),
        reply("", "<Error><code>0.0</code></Error>"),
        reply("OK", "<Error/>"),
        reply("PARTIAL", "<Error><code>0.1</code></Error>"),
    ],
)
def test_success_with_an_error_that_is_none_is_taken(said: str) -> None:
    assert devices(read(answer(said))) == ["S1", "S2"]


@pytest.mark.parametrize("error", [named(), "<Error><code>5.3</code></Error>"])
def test_an_error_without_a_result_is_a_failure(error: str) -> None:
    assert refused(answer(reply("", error))).reason is Reason.NOT_A_REPORT


def test_a_deletion_that_was_carried_out_removes() -> None:
    report = only(read(answer(reply("OK"), "<ID>S1</ID>", verb="delete")))
    assert isinstance(report.content, Configuration)
    assert report.content.removal


@pytest.mark.parametrize(
    "name",
    [
        *("<ID>S2</ID>", '<ID kind="name" idType="serial"> s2 </ID>', "<relatedID>S2</relatedID>"),
        *("<ID><mRID>S2</mRID></ID>", "<mRID>S2</mRID>", "<Object><mRID>S2</mRID></Object>"),
        *(f"<ID>{names('S2')}</ID>", f"<Meter>{names('S2')}</Meter>", names("S2")),
        "<xpath>/RequestMessage/Payload/MeterConfig/Meter[2]</xpath>",
        "<xpath>//m:Meter[2]/m:serialNumber</xpath>",
        "<xpath>/*[local-name()='MeterConfig']/*[local-name()='Meter'][2]</xpath>",
        "<xpath>//Meter[serialNumber='S2']</xpath>",
    ],
)
@pytest.mark.parametrize("result", ["PARTIAL", "OK", "partially failed"])
def test_of_a_partial_success_what_is_named_is_a_problem_and_the_rest_a_fact(
    name: str, result: str
) -> None:
    understood = read(answer(reply(result, named(name)), verb="delete"))
    assert devices(understood) == ["S1"]
    (problem,) = understood.problems
    assert problem.reason is Reason.NOT_A_REPORT
    assert "2.1 FATAL still linked" in problem.detail
    assert problem.place == "/ResponseMessage/Payload/MeterConfig/Meter[2], line 1"


def test_errors_may_stand_in_a_list() -> None:
    said = reply("PARTIAL", f"<Errors>{named('<ID>S2</ID>')}</Errors>")
    assert devices(read(answer(said))) == ["S1"]


def test_deletions_that_were_refused_in_part_remove_the_others() -> None:
    payload = "<ID>S1</ID><ID>S2</ID><ID>S3</ID>"
    said = reply("PARTIAL", named("<ID>S1</ID>"), named("<ID>S3</ID>"))
    understood = read(answer(said, payload, verb="deleted"))
    assert devices(understood) == ["S2"]
    assert len(understood.problems) == 2


def test_a_reading_that_failed_is_no_contact_beside_one_that_came() -> None:
    understood = read(answer(reply("PARTIAL", named("<ID>S1</ID>")), READ, noun="MeterReadings"))
    assert devices(understood) == ["S2"]


def test_a_device_that_failed_and_is_not_in_the_payload_is_told_and_hinders_nobody() -> None:
    understood = read(answer(reply("PARTIAL", named("<ID>S9</ID>")), READ, noun="MeterReadings"))
    assert devices(understood) == ["S1", "S2"]
    (problem,) = understood.problems
    assert problem.place.startswith("/ResponseMessage/Reply/Error")


@pytest.mark.parametrize(
    "error",
    [
        *("", named(), named("<xpath>/RequestMessage/Header/Verb</xpath>")),
        *(named("<xpath>//Meter[7]</xpath>"), named("<operationId>4</operationId>")),
        *(named("<xpath>count(//x)</xpath>"), named('<ID kind="transaction">T-1</ID>')),
    ],
)
def test_when_nobody_knows_what_failed_nothing_is_a_fact(error: str) -> None:
    assert refused(answer(reply("PARTIAL", error))).reason is Reason.NOT_A_REPORT


def test_an_event_is_named_by_its_own_id_or_by_its_device() -> None:
    first = event(more="<mRID>e-1</mRID>")
    second = event(device=f"<Assets>{names('2')}</Assets>", more="<mRID>e-2</mRID>")
    for name in ("e-1", "100200300"):
        said = reply("PARTIAL", named(f"<ID>{name}</ID>"))
        understood = read(answer(said, events(first, second), noun="EndDeviceEvents"))
        assert devices(understood) == ["2"]


def operations(*inside: str, more: str = "") -> str:
    return "".join(
        (
            f"<OperationSet>{more}",
            *(
                f"<Operation><operationId>{number}</operationId><noun>MeterConfig</noun>"
                f"<verb>delete</verb>{each}</Operation>"
                for number, each in enumerate(inside, 1)
            ),
            "</OperationSet>",
        )
    )


ONE, TWO = (meter_config(f"<serialNumber>S{each}</serialNumber>") for each in (1, 2))


@pytest.mark.parametrize(
    ("said", "payload"),
    [
        (reply("PARTIAL", named("<operationId>1</operationId>")), operations(ONE, TWO)),
        (reply("OK", operation="2") + reply("FAILED", operation="1"), operations(ONE, TWO)),
        (reply("FAILED", named(), operation="1"), operations(ONE, TWO)),
        ("", operations(ONE + reply("FAILED", named()), TWO + reply("OK"))),
        (reply("PARTIAL", named("<ID>S1</ID>"), operation="1"), operations(ONE, TWO)),
    ],
)
def test_an_operation_that_failed_is_no_fact_and_the_others_are(said: str, payload: str) -> None:
    understood = read(answer(said, payload, noun="OperationSet"))
    assert devices(understood) == ["S2"]
    assert [problem.reason for problem in understood.problems] == [Reason.NOT_A_REPORT]


def test_operations_that_are_done_together_fail_together() -> None:
    together = "<enforceTransactionalIntegrity>true</enforceTransactionalIntegrity>"
    said = reply("FAILED", named(), operation="1")
    body = answer(said, operations(ONE, TWO, more=together), noun="OperationSet")
    assert refused(body).reason is Reason.NOT_A_REPORT


def test_a_secret_in_an_errors_text_is_not_kept() -> None:
    unreadable = refused(answer(reply("FAILED", named("<details>password=hunter2</details>"))))
    assert "hunter2" not in unreadable.detail
