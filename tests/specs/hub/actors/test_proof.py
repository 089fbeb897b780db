"""An actor listens only to replicas of the hub."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_hub.actors.proof import Proof, ProofInvalid

SECRET = bytes(range(32))
DEVICE = "north/SN-1"


def test_what_a_replica_sealed_another_replica_opens() -> None:
    assert Proof(SECRET).open(DEVICE, Proof(SECRET).seal(DEVICE, b"turns")) == b"turns"


def test_a_proof_for_one_device_is_no_proof_for_another() -> None:
    sealed = Proof(SECRET).seal(DEVICE, b"turns")
    with pytest.raises(ProofInvalid):
        Proof(SECRET).open("north/SN-2", sealed)


def test_device_and_payload_cannot_be_shifted_into_each_other() -> None:
    sealed = Proof(SECRET).seal("north/SN-1", b"2turns")
    with pytest.raises(ProofInvalid):
        Proof(SECRET).open("north/SN-12", sealed[:32] + b"turns")


@given(st.binary(max_size=200))
def test_nobody_without_the_secret_is_heard(forged: bytes) -> None:
    with pytest.raises(ProofInvalid):
        Proof(SECRET).open(DEVICE, forged)


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    short = tmp_path / "secret"
    short.write_bytes(b"short")
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Proof.from_file(short)
