"""Whatever stands in variables, cursors and times: the answer is data or a mistake of the client, never a defect."""

import json
import re
from datetime import timedelta, timezone
from typing import Any

from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from tests.attacks.requests import Answer, send
from tests.examples import examples
from tests.specs.bff.serving import running_bff
from tests.specs.bff.smoc_in_memory import Smoc, device

CLIENTS = {"BAD_USER_INPUT", "TOO_COSTLY"}
# What a register in memory says of a question that it has no answer to.
NO_ANSWER = {"UNAVAILABLE"}
# The name of an exception of Python's.
RAW = re.compile(r"\w(Error|Exception)\b")

QUERY = """
query Q($filter: DeviceFilterInput, $order: [DeviceOrder!], $first: Int! = 5, $after: String,
        $id: ID! = "north/1", $time: DateTime! = "2026-11-21T00:00:00Z", $days: DaysInput!) {
  devices(filter: $filter, orderBy: $order, first: $first, after: $after) { totalCount edges { cursor } }
  device(id: $id) { model at(time: $time) { incomplete } alarms(first: $first, after: $after) { edges { cursor } } }
  rollout(days: $days) { date }
}
"""
CHANGE = """
mutation M($id: ID!, $alarm: ID!, $comment: String! = "", $until: DateTime!, $view: ViewInput!,
           $selection: DeviceSelectionInput!, $action: JobActionInput!) {
  snoozeAlarm(requestId: $id, alarmId: $alarm, until: $until, comment: $comment) { __typename }
  createView(requestId: $id, view: $view) { __typename }
  createJob(requestId: $id, selection: $selection, action: $action) { __typename }
}
"""
WRONG_TEXTS = st.sampled_from(
    [
        "",
        "\ud800",
        "\x00",
        "w400:",
        "dzEyOg==",
        "bjo=",
        "../..",
        "😀",
        "a" * 5_000,
        "%",
        "null",
        "-1",
    ]
)
texts = st.text(st.characters(exclude_categories=()), max_size=20) | WRONG_TEXTS
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(timezones=zones).map(lambda time: time.isoformat()) | st.sampled_from(
    [
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59.999999-23:59",
        "2026-02-30T00:00:00Z",
        "now",
        "10000-01-01",
    ]
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "models": st.lists(texts, max_size=3),
        "powers": st.lists(texts, max_size=3),
        "text": texts,
        "tags": st.lists(texts, max_size=3),
        "facetAges": st.lists(
            st.fixed_dictionaries(
                {
                    "facet": st.sampled_from(["POWER", "SWITCH", "NOTHING"]),
                    "since": st.fixed_dictionaries({}, optional={"start": times, "end": times}),
                }
            ),
            max_size=2,
        ),
    },
)
asked = st.fixed_dictionaries(
    {"days": st.fixed_dictionaries({"start": times | texts, "end": times | texts}) | values},
    optional={
        "filter": filters | values,
        "order": values,
        "first": st.integers(-(2**40), 2**40) | values,
        "after": texts | values,
        "id": texts | values,
        "time": times | values,
    },
)
changed = st.fixed_dictionaries(
    {
        "id": texts,
        "alarm": texts,
        "until": times | values,
        "view": st.fixed_dictionaries({"name": texts, "columns": st.lists(texts, max_size=3)})
        | values,
        "selection": st.fixed_dictionaries(
            {}, optional={"deviceIds": st.lists(texts, max_size=3), "filter": filters}
        )
        | values,
        "action": st.fixed_dictionaries(
            {"kind": st.sampled_from(["TAG", "ACKNOWLEDGE_ALARMS"])},
            optional={"comment": texts, "rules": st.lists(texts, max_size=3)},
        )
        | values,
    },
    optional={"comment": texts | values},
)


NOTHING = Answer(status=200, codes=frozenset({"HTTP 200"}), text='{"data":{}}')


def is_right(answer: Answer, told: Any) -> None:
    """The status and all codes are those of a client's mistake, if there are any."""
    assert answer.status in (200, 400), (answer, told)
    assert answer.codes <= CLIENTS | NO_ANSWER, (answer, told)
    assert "Traceback" not in answer.text, (answer, told)
    assert not RAW.search(answer.text), (answer, told)


def smoc() -> Smoc:
    made = Smoc()
    made.add(device(1))
    return made


async def answers_of(query: str, told: list[dict[str, Any]]) -> None:
    async with running_bff(smoc()) as bff:
        for variables in told:
            body = json.dumps({"query": query, "variables": variables}).encode()
            is_right(await send(f"{bff.url}/graphql", body, bff.token), variables)


FEW = examples(15, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(told=st.lists(asked, min_size=1, max_size=12))
@example(
    told=[
        {"days": {"start": "2026-11-01", "end": "2026-11-21"}, "time": "0001-01-01T00:00:00+01:00"}
    ]
)
@example(told=[{"days": {"start": "\ud800", "end": "2026-11-21"}}])
@example(told=[{"days": {}, "after": "dzEyMzQ6"}, {"days": None, "first": 10**300}])
async def test_no_variable_of_a_question_is_a_defect(told: list[dict[str, Any]]) -> None:
    await answers_of(QUERY, told)


@FEW
@given(told=st.lists(changed, min_size=1, max_size=12))
async def test_no_variable_of_a_change_is_a_defect(told: list[dict[str, Any]]) -> None:
    await answers_of(CHANGE, told)


@FEW
@given(
    bodies=st.lists(
        st.binary(max_size=200) | values.map(lambda value: json.dumps(value).encode()), max_size=12
    )
)
@example(
    bodies=[b"", b"\xef\xbb\xbf{}", b'{"query": ""}', b'{"query": "{"}', b'{"query": "\\ud800"}']
)
async def test_no_body_is_a_defect(bodies: list[bytes]) -> None:
    async with running_bff(smoc()) as bff:
        for body in bodies:
            is_right(await send(f"{bff.url}/graphql", body, bff.token), body)


@FEW
@given(
    documents=st.lists(
        st.text(max_size=100) | st.text('{}()[]:$!"@. aQ1\n', max_size=60), max_size=12
    )
)
@example(
    documents=[
        '{ device(id: "\\ud800") { model } }',
        "{ devices(first: 99999999999999999999) { totalCount } }",
        "{}",
    ]
)
async def test_no_document_is_a_defect(documents: list[str]) -> None:
    async with running_bff(smoc()) as bff:
        for document in documents:
            body = json.dumps({"query": document}).encode()
            answer = await send(f"{bff.url}/graphql", body, bff.token)
            # An empty selection is good GraphQL: who asks for nothing gets nothing.
            if answer != NOTHING:
                is_right(answer, document)
