"""One word of an enum of the contract: read by name, or refused by its number."""

import pytest
from meterpark.device_hub.v1.identity_service_pb2 import IdentityConflict
from meterpark.device_hub.v1.quarantine_pb2 import QuarantineState

from device_hub.identities.conflicts.conflict_list import STATES as CONFLICT_STATES
from device_hub.quarantine.states import STATES
from service_chassis.refusals import CallRefused
from service_chassis.words import read_word, write_word


def test_each_state_is_written_and_read_again() -> None:
    for state in STATES:
        number = write_word(QuarantineState, state)
        assert read_word(QuarantineState, number, STATES, "state") == state
    for state in CONFLICT_STATES:
        number = write_word(IdentityConflict.State, state)
        assert read_word(IdentityConflict.State, number, CONFLICT_STATES, "state") == state


def test_unspecified_asks_for_all() -> None:
    assert read_word(QuarantineState, 0, STATES, "state") is None


@pytest.mark.parametrize("number", [99, -1])
def test_a_word_of_a_newer_contract_is_refused_by_its_number(number: int) -> None:
    with pytest.raises(CallRefused, match=f"state: {number} is not known here"):
        read_word(QuarantineState, number, STATES, "state")


def test_a_word_that_cannot_be_asked_for_is_refused() -> None:
    number = write_word(QuarantineState, "RESOLVED")
    with pytest.raises(CallRefused, match=f"state: {number} is not known here"):
        read_word(QuarantineState, number, ("OPEN",), "state")
