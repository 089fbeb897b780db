"""One timeline from several strands, page by page, while they grow and although they do not look at everything."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from smoc_service.history.timeline_merge import NEVER, Found, Strand, merged
from smoc_service.register.device import TimelineEntry

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


def entry(name: str, number: int, seconds: int) -> TimelineEntry:
    return TimelineEntry(
        revision=number, index=0, kind=name, recorded_at=AT + timedelta(seconds=seconds)
    )


class Kept:
    """A strand as a store would keep it, oldest first; it looks at ``patience`` entries for one page."""

    def __init__(self, name: str, fits: list[bool], seconds: list[int], patience: int) -> None:
        self.name = name
        self.patience = patience
        self.kept: list[tuple[bool, int]] = list(zip(fits, sorted(seconds), strict=False))

    def all_that_fits(self) -> list[TimelineEntry]:
        return [
            entry(self.name, number, seconds)
            for number, (fits, seconds) in enumerate(self.kept)
            if fits
        ]

    def strand(self, position: Any, size: int) -> Strand:
        end = len(self.kept) if position is None else position[0]
        start = max(0, end - self.patience)
        found = [
            Found(
                entry=entry(self.name, number, self.kept[number][1]),
                at=AT + timedelta(seconds=self.kept[number][1]),
                position=(number,),
            )
            for number in range(end - 1, start - 1, -1)
            if self.kept[number][0]
        ][: size + 1]
        if len(found) > size:
            return Strand(found=found, begins=(end,), more=True)
        if start == 0:
            return Strand(found=found, begins=(end,))
        horizon = AT + timedelta(seconds=self.kept[start][1])
        return Strand(found=found, begins=(end,), more=True, horizon=horizon, looked_to=(start,))


STRANDS = st.lists(
    st.tuples(
        st.lists(st.tuples(st.booleans(), st.integers(0, 50)), max_size=40), st.integers(1, 9)
    ),
    min_size=1,
    max_size=3,
)


@given(STRANDS, st.integers(1, 7), st.integers(0, 5))
def test_page_by_page_everything_is_shown_once_newest_first_whatever_is_added_meanwhile(
    given_strands: list[tuple[list[tuple[bool, int]], int]], size: int, growth: int
) -> None:
    strands = {
        f"s{number}": Kept(
            f"s{number}", [fits for fits, _ in entries], [at for _, at in entries], patience
        )
        for number, (entries, patience) in enumerate(given_strands)
    }
    wanted = [each for strand in strands.values() for each in strand.all_that_fits()]
    shown: list[TimelineEntry] = []
    positions: Any = {}
    while positions is not None:
        found = {name: strand.strand(positions.get(name), size) for name, strand in strands.items()}
        page, positions = merged(found, positions, size)
        assert len(page) <= size
        shown += page
        # Newer entries come in while somebody reads.
        for strand in strands.values():
            strand.kept += [(True, 60)] * growth
    assert sorted(map(_key, shown)) == sorted(map(_key, wanted))
    times = [each.recorded_at for each in shown]
    assert times == sorted(times, key=lambda at: at or NEVER, reverse=True)


def _key(each: TimelineEntry) -> tuple[str, int]:
    return each.kind, each.revision


def test_nothing_is_shown_that_may_come_after_something_not_yet_found() -> None:
    old = Found(entry=entry("alarm", 1, 10), at=AT + timedelta(seconds=10), position=(1,))
    strands = {
        "alarms": Strand(found=[old], begins=(2,)),
        "reports": Strand(
            begins=(9,), more=True, horizon=AT + timedelta(seconds=30), looked_to=(5,)
        ),
    }
    page, positions = merged(strands, {}, 10)
    assert (page, positions) == ([], {"alarms": (2,), "reports": (5,)})


def test_a_page_ends_where_it_would_be_too_large_and_the_next_one_goes_on() -> None:
    large = [
        TimelineEntry(revision=n, index=0, kind="noted", details={"text": "x" * 400})
        for n in range(5, 0, -1)
    ]
    shown: list[int] = []
    positions: Any = {"reports": (0,)}
    while positions is not None:
        rest = large[positions["reports"][0] :]
        begin = positions["reports"][0]
        found = [
            Found(entry=one, at=AT, position=(begin + number,))
            for number, one in enumerate(rest, start=1)
        ]
        strand = Strand(found=found, begins=(begin,))
        page, positions = merged({"reports": strand}, positions, 10, characters_at_most=900)
        assert len(page) in (1, 2)
        shown += [one.revision for one in page]
    assert shown == [5, 4, 3, 2, 1]
