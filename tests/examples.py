"""How many examples a law draws: so many in a full run, and its share of them in a quick one."""

from typing import Any

from hypothesis import settings

_DRAWN_UNLESS_TOLD = 100


def examples(count: int, **more: Any) -> settings:
    """Return settings with `count` examples, or fewer in the same measure as the profile draws fewer.

    pytest loads the profile before it imports the tests: `--hypothesis-profile=quick`.
    """
    share = settings().max_examples / _DRAWN_UNLESS_TOLD
    return settings(max_examples=max(1, round(count * share)), **more)
