"""What was done to a device's commits afterwards is found, and said with its place."""

import bson
from bson.binary import Binary

from journal_evidence.seal import digest_in, look_at, sealed
from tests.specs.journal_evidence.commits import (
    DEVICE,
    NOON,
    history,
    looked_through,
    problems,
    unsealed,
)

CHANGED = "it was changed after it was written"
ANOTHER = "the commit before it is another one than when this one was written"


def at(revision: int, what: str) -> str:
    return f"{DEVICE}, revision {revision}: {what}"


def forged(raw: bytes) -> bytes:
    """Return another commit in the place of this one, with a seal of its own that is right."""
    document = bson.decode(raw)
    before = bytes(document.pop("seal")["before"])
    document["origin"] = None
    after = document.pop("after")
    return sealed(document, after, before)[0]


def test_a_flipped_byte_is_found_in_its_commit() -> None:
    commits = history(4)
    commits[1] = commits[1].replace(b"contact-made.1", b"contact-made.2")
    assert problems(commits) == [at(2, CHANGED)]


def test_a_changed_state_is_found_in_its_commit() -> None:
    commits = history(4)
    commits[2] = commits[2].replace(
        b"\x02network\0\x06\0\0\0north", b"\x02network\0\x06\0\0\0south"
    )
    assert problems(commits) == [at(3, "the state beside it was changed after it was written")]


def test_a_removed_commit_is_found_behind_its_place() -> None:
    commits = history(4)
    del commits[1]
    assert problems(commits) == [at(3, "revision 2 should be here"), at(3, ANOTHER)]


def test_a_removed_commit_is_found_when_the_rest_is_numbered_anew() -> None:
    commits = history(3)
    third = bson.decode(commits[2])
    commits[1:] = [bson.encode({**third, "revision": 2})]
    assert problems(commits) == [at(2, ANOTHER), at(2, CHANGED)]


def test_a_reordered_pair_is_found() -> None:
    first, second, third, fourth = (bson.decode(raw) for raw in history(4))
    swapped = [first, {**third, "revision": 2}, {**second, "revision": 3}, fourth]
    found = problems([bson.encode(one) for one in swapped])
    assert found == [
        *(at(2, ANOTHER), at(2, CHANGED)),
        *(at(3, ANOTHER), at(3, CHANGED)),
        at(4, ANOTHER),
    ]


def test_a_forged_commit_is_found_by_the_one_behind_it() -> None:
    commits = history(4)
    commits[1] = forged(commits[1])
    assert problems(commits) == [at(3, ANOTHER)]


def test_a_missing_end_is_found_by_the_head() -> None:
    assert problems(history(4)[:3], head=4) == [
        at(3, "the journal ends here, and its head is at revision 4")
    ]


def test_a_head_that_is_behind_is_none_of_its_business() -> None:
    assert problems(history(4), head=2) == []


def test_a_report_that_counts_twice_is_found() -> None:
    first, second = history(2)
    again = bson.decode(second)
    before = bytes(again.pop("seal")["before"])
    after = again.pop("after")
    raw, _ = sealed({**again, "report_id": "report-1"}, after, before)
    assert problems([first, raw]) == [at(2, "report report-1 counts again")]


def test_commits_that_are_older_than_seals_are_counted_and_valid() -> None:
    old = [unsealed(raw) for raw in history(2)]
    third = bson.decode(history(3)[2])
    del third["seal"]
    after = third.pop("after")
    chain = looked_through([*old, sealed(third, after, b"")[0]])
    assert (chain.problems, chain.unsealed, chain.unsealed_behind) == ([], 2, 0)


def test_a_seal_that_was_taken_away_is_found_by_the_commit_behind_it() -> None:
    commits = history(4)
    commits[1] = unsealed(commits[1])
    chain = looked_through(commits)
    assert [str(one) for one in chain.problems] == [at(3, ANOTHER)]
    assert chain.unsealed_behind == 1, "and it is counted"


def test_a_commit_of_an_older_hub_behind_a_sealed_one_is_counted_and_valid() -> None:
    first, second = history(2)
    third = bson.decode(history(3)[2])
    del third["seal"]
    after = third.pop("after")
    newer_hub = sealed(third, after, digest_in(bson.decode(unsealed(second))))[0]
    chain = looked_through([first, unsealed(second), newer_hub])
    assert (chain.problems, chain.unsealed_behind) == ([], 1)


def test_the_leaf_is_the_last_commit_of_the_day() -> None:
    commits = history(4)
    chain = looked_through(commits, until=NOON.replace(hour=15))
    assert chain.leaf is not None
    assert (chain.leaf.revision, chain.leaf.digest) == (2, look_at(commits[1]).digest)


def test_a_seal_that_says_another_digest_is_found() -> None:
    commits = history(2)
    document = bson.decode(commits[0])
    document["seal"]["digest"] = Binary(bytes(32))
    commits[0] = bson.encode(document)
    assert problems(commits) == [at(1, CHANGED), at(2, ANOTHER)]
