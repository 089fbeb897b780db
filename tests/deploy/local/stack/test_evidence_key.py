"""The key with which the hub of a stack signs its roots."""

from pathlib import Path

from deploy.local.facts.state_directory import StateDirectory
from deploy.local.stack.prepare import prepare_evidence_key
from journal_evidence.roots import fingerprint, read_public_keys, read_signing_key


def test_a_stack_has_one_key_for_good_and_its_private_half_is_for_its_owner(
    tmp_path: Path,
) -> None:
    state = StateDirectory(root=tmp_path)
    prepare_evidence_key(state)
    key = read_signing_key(state.evidence_key)
    [(name, public)] = read_public_keys([state.evidence_public_key])
    assert (name, public) == (fingerprint(key.public_key()), key.public_key())
    assert state.evidence_key.stat().st_mode & 0o077 == 0
    before = state.evidence_key.read_bytes()
    prepare_evidence_key(state)
    assert state.evidence_key.read_bytes() == before
