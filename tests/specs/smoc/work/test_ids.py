"""Numbers that rise, and names that survive a restart."""

import pytest

from service_chassis.refusals import CallRefused
from smoc_service.work.ids import new_id, new_session, read_id, worker_name


def test_a_later_id_is_greater_and_is_read_as_what_it_is() -> None:
    # Those of one millisecond differ by chance alone.
    made = [new_id() for _ in range(1_000)]
    assert len(set(made)) == 1_000
    assert [each[:12] for each in made] == sorted(each[:12] for each in made)
    assert {read_id(each, "job_id") for each in made} == set(made)


@pytest.mark.parametrize("text", ["", "0" * 19, "0" * 21, "G" * 20, "0" * 20 + "\n"])
def test_an_id_that_was_not_made_here_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(CallRefused, match=r"^import_id: .* is not 20 hexadecimal digits"):
        read_id(text, "import_id")


def test_a_process_has_the_same_name_after_its_restart_and_its_neighbour_another() -> None:
    assert worker_name("", 50061) == worker_name("", 50061)
    assert worker_name("", 50061) != worker_name("", 50062)
    assert worker_name("smoc-0", 50061) == "smoc-0"


def test_a_process_on_a_free_port_has_a_name_of_its_own() -> None:
    assert worker_name("", 0) != worker_name("", 0)
    assert new_session() != new_session()
