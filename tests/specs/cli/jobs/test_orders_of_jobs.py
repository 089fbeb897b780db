"""What is said wrongly about a job or its devices is told before anybody is asked."""

import pytest
from typer.testing import CliRunner

from meterpark_cli.__main__ import app


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("tag", "--add", "x"), "give conditions as for"),
        (("tag", "--area", "A7"), "--add or --remove: which tags?"),
        (("mark", "--area", "A7"), "--reason: why?"),
        (("assign", "--area", "A7"), "--assignee: which user?"),
        (("unmark", "--area", "A7", "--reason", "x"), "--reason does not apply to unmark"),
        (("unmark", "--area", "A7", "--device", "north/1"), "either devices or conditions"),
        (("unmark", "--lasting", "power=3"), "--lasting: '3' is not an age"),
        (("unmark", "--fresh", "colour=3d"), "--fresh: 'colour=3d' is not FACET=AGE"),
        (("unmark", "--silent-for", "long"), "--silent-for: 'long' is not an age"),
    ],
)
def test_a_wrong_order_is_told_what_is_wrong(words: tuple[str, ...], complaint: str) -> None:
    ended = CliRunner().invoke(app, ["jobs", "start", *words, "--yes"])
    assert (ended.exit_code, ended.stderr.count("\n")) == (2, 1)
    assert complaint in ended.stderr
