"""The seal: whatever is changed in a commit shows, and bytes that are no commit are refused."""

import bson
import pytest
from bson.binary import Binary
from hypothesis import given
from hypothesis import strategies as st

from journal_evidence.seal import (
    DIGEST_BYTES,
    NOTHING,
    SEAL_VERSION,
    NoCommit,
    digest_in,
    look_at,
    sealed,
)
from tests.specs.journal_evidence.commits import DEVICE, commit, history, looked_through, unsealed

RAW, DIGEST = commit(7, b"b" * DIGEST_BYTES)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=5)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def test_a_commit_is_one_document_with_its_seal_last() -> None:
    document = bson.decode(RAW)
    assert list(document)[-2:] == ["after", "seal"]
    assert document["seal"].keys() == {"version", "before", "after", "digest"}
    assert (document["seal"]["version"], document["seal"]["digest"]) == (SEAL_VERSION, DIGEST)
    assert document["seal"]["before"] == b"b" * DIGEST_BYTES
    assert bson.encode(document) == RAW
    assert digest_in(document) == DIGEST


def test_a_commit_is_read_as_it_was_written() -> None:
    looked = look_at(RAW)
    assert (looked.device_id, looked.revision, looked.report_id) == (DEVICE, 7, "report-7")
    assert looked.seal is not None
    assert (looked.digest, looked.seal.digest, looked.after) == (DIGEST, DIGEST, looked.seal.after)


def test_the_first_commit_follows_nothing() -> None:
    seal = look_at(commit(1)[0]).seal
    assert seal is not None
    assert seal.before == NOTHING


@given(
    st.dictionaries(NAMES.filter(lambda name: name not in ("after", "seal")), VALUES, max_size=5)
)
def test_whatever_a_commit_holds_its_digest_is_computed_again(content: dict[str, object]) -> None:
    fields = dict.fromkeys(("device_id", "revision", "report_id", "committed_at"))
    known = {name: bson.decode(RAW)[name] for name in fields}
    raw, digest = sealed({**content, **known}, {"version": 2}, DIGEST)
    assert look_at(raw).digest == digest
    assert bson.encode(bson.decode(raw)) == raw


def test_each_flipped_bit_shows() -> None:
    for at in range(8 * len(RAW)):
        flipped = bytearray(RAW)
        flipped[at // 8] ^= 1 << at % 8
        assert _shows(bytes(flipped)), f"bit {at % 8} of byte {at // 8}"


def _shows(changed: bytes) -> bool:
    try:
        looked = look_at(changed)
    except NoCommit:
        return True
    seal = looked.seal
    # A seal with another digest does not fit the commit behind it, nor the root.
    return (
        seal is None
        or seal.digest != DIGEST
        or looked.digest != seal.digest
        or looked.after != seal.after
    )


def test_a_state_may_be_dropped_and_the_commit_stays_sealed() -> None:
    document = bson.decode(RAW)
    del document["after"]
    looked = look_at(bson.encode(document))
    assert looked.seal is not None
    assert (looked.after, looked.digest) == (None, looked.seal.digest)


def test_a_commit_that_is_older_than_seals_has_none() -> None:
    looked = look_at(unsealed(RAW))
    assert looked.seal is None
    assert digest_in(bson.decode(unsealed(RAW))) == b""
    assert looked.digest != DIGEST, "it is covered by a root all the same"


def test_a_seal_of_a_version_that_is_not_known_is_not_taken_for_one() -> None:
    document = bson.decode(RAW)
    document["seal"]["version"] = SEAL_VERSION + 1
    assert digest_in(document) == b""
    with pytest.raises(NoCommit, match="its seal is of version 2, which is not known here"):
        look_at(bson.encode(document))


@pytest.mark.parametrize("part", ["before", "after", "digest"])
def test_a_seal_with_a_short_digest_is_broken(part: str) -> None:
    document = bson.decode(RAW)
    document["seal"][part] = Binary(b"short")
    with pytest.raises(NoCommit, match="its seal is broken"):
        look_at(bson.encode(document))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_commit_or_are_refused(raw: bytes) -> None:
    with pytest.raises(NoCommit):
        look_at(raw)


def test_a_history_of_sealed_commits_is_whole() -> None:
    chain = looked_through(history(5), head=5)
    assert (chain.problems, chain.revision, chain.unsealed) == ([], 5, 0)
