"""The park that the register is measured with, and what is asked of it."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from benchmarks.register.population import NETWORKS, Population
from benchmarks.register.questions import Questions
from smoc_service.park.questions import read_dimensions, read_filter, read_order
from smoc_service.register.documents import device_from
from smoc_service.register.milestones import past_from

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.mark.slow
def test_a_park_is_as_large_as_asked_for_and_can_be_made_in_pieces_by_anyone() -> None:
    population = Population(size=2_000, at=AT)
    whole = [document for document, _ in population.documents(0, 2_000)]
    assert len({each["_id"] for each in whole}) == 2_000
    pieces = [
        document
        for begin in range(0, 2_000, 300)
        for document, _ in Population(size=2_000, at=AT).documents(begin, min(begin + 300, 2_000))
    ]
    assert pieces == whole
    by_network = Counter(each["network"] for each in whole)
    assert by_network == {name: 2_000 * share // 100 for name, share in NETWORKS}


def test_its_devices_are_read_as_the_register_reads_them() -> None:
    made = list(Population(size=1_000, at=AT).documents(0, 1_000))
    for document, entries in made:
        device = device_from(document)
        assert device.attributes["area"]
        assert [entry["_id"]["device_id"] for entry in entries] == [device.device_id]
        assert (past_from(document).contact_days is None) == (device.last_contact_at is None)
    lifecycles = Counter(document["lifecycle"]["value"] for document, _ in made)
    assert lifecycles.most_common(1)[0][0] == "IN_OPERATION"
    assert len(lifecycles) > 5


def test_every_question_is_one_of_three_facets_that_the_register_takes() -> None:
    questions = Questions()
    for _ in range(200):
        wanted = questions.three_facets()
        assert len(wanted) == 3
        request = questions.page(wanted)
        assert request.page_size == 50
        read_filter(request.filter)
        read_order(request.order_by)
        read_dimensions(questions.counts(wanted).dimensions)
