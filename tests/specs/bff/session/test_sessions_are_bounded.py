"""Sessions end by idleness, by age, by number and by a word; nobody's session is another's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bearer_tokens.token_endpoint import Granted
from bff.session.session_tokens import SessionTokens
from bff.session.store import Bounds, Session, SessionStore

BOUNDS = Bounds(at_most=5, per_person=2, idle_seconds=1800, life_seconds=36_000)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Stream:
    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> SessionStore:
    return SessionStore(BOUNDS, clock=clock)


async def _never(_: str) -> Granted:
    raise AssertionError


def opened(store: SessionStore, subject: str) -> tuple[str, Session]:
    granted = Granted(access_token="access", life_seconds=300, refresh_token="refresh")  # noqa: S106
    tokens = SessionTokens(granted, 0.0, refresh=_never, clock=lambda: 0.0)
    return store.open(subject=subject, username=subject, tokens=tokens)


def test_a_session_is_found_by_its_number_and_by_no_other(store: SessionStore) -> None:
    number, session = opened(store, "anna")
    other, _ = opened(store, "victor")
    assert store.find(number) is session
    assert number != other
    for wrong in (None, "", number[:-1], number.swapcase(), session.key.hex()):
        assert store.find(wrong) is None


def test_every_session_has_a_csrf_token_of_its_own_that_its_cookie_does_not_tell(
    store: SessionStore,
) -> None:
    number, session = opened(store, "anna")
    _, again = opened(store, "anna")
    assert len({number, session.csrf_token, again.csrf_token}) == 3
    assert number not in repr(session)
    assert session.csrf_token not in repr(session)


def test_a_session_that_is_used_lives_on_to_its_age(store: SessionStore, clock: Clock) -> None:
    number, _ = opened(store, "anna")
    for _ in range(20):
        clock.now += 1799
        assert store.find(number) is not None
    clock.now = 1000.0 + 36_000
    assert store.find(number) is None
    assert len(store) == 0


def test_a_session_that_is_idle_ends(store: SessionStore, clock: Clock) -> None:
    number, session = opened(store, "anna")
    stream = Stream()
    session.streams.add(stream)
    clock.now += 1800
    assert store.find(number) is None
    assert stream.closed


def test_a_session_that_was_ended_is_over_with_its_streams(store: SessionStore) -> None:
    number, session = opened(store, "anna")
    streams = {Stream(), Stream()}
    session.streams |= streams
    store.end(session, why="logged out")
    store.end(session, why="logged out")
    assert store.find(number) is None
    assert session.over
    assert all(stream.closed for stream in streams)


def test_one_person_cannot_put_the_others_out(store: SessionStore) -> None:
    victor, _ = opened(store, "victor")
    numbers = [opened(store, "anna")[0] for _ in range(50)]
    assert store.find(victor) is not None
    assert [store.find(number) is not None for number in numbers] == [False] * 48 + [True] * 2


def test_where_there_are_too_many_the_longest_idle_one_goes(store: SessionStore) -> None:
    numbers = [opened(store, f"person {number}")[0] for number in range(5)]
    assert store.find(numbers[0]) is not None
    opened(store, "one more")
    assert [store.find(number) is not None for number in numbers] == [True, False, True, True, True]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["open", "find", "end"]),
            st.sampled_from("abcdefg"),
            st.floats(0, 3000),
        ),
        max_size=60,
    )
)
def test_whatever_happens_there_are_never_more_than_the_bounds_say(
    deeds: list[tuple[str, str, float]],
) -> None:
    clock = Clock()
    store = SessionStore(BOUNDS, clock=clock)
    last: dict[str, str] = {}
    for deed, who, pause in deeds:
        clock.now += pause
        match deed:
            case "open":
                last[who] = opened(store, who)[0]
            case "find":
                store.find(last.get(who))
            case _:
                session = store.find(last.get(who))
                if session is not None:
                    store.end(session, why="logged out")
        assert len(store) <= BOUNDS.at_most
        held = [session.subject for session in store._sessions.values()]
        assert dict(store._of_person) == {one: held.count(one) for one in held}
        assert all(held.count(one) <= BOUNDS.per_person for one in held)
