"""Where in a text is the place that the connector names? Found by reading tags, not XML: the text may be anything.

A place is "line 3, column 7" or "/EventMessage/Payload/MeterConfig/Meter[2], line 41". A message of a machine is often
one long line, so a line alone tells nothing: the path is followed through the tags.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

_PLACE: Final = re.compile(
    r"(?P<path>/.*?)?(?:(?:^|, )line (?P<line>\d{1,9}))?(?:, column (?P<column>\d{1,9}))?",
    re.DOTALL,
)
_STEP: Final = re.compile(r"(?P<name>[^\[\]]+)(?:\[(?P<number>\d{1,9})\])?")
# A comment, a CDATA section, an instruction, or a tag. Each alternative ends at its first end: the walk is linear.
_TAG: Final = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
    r"|<(?P<end>/)?(?P<name>[^\s<>/!?]{1,200})(?P<more>[^<>]*)>",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """From one character of the text to another, the end excluded."""

    start: int
    end: int


def find_place(text: str, place: str) -> Mark | None:
    """Return where in ``text`` the place is; None when the text does not have it."""
    told = _PLACE.fullmatch(place)
    if told is None:
        return None
    found = _by_path(text, told["path"]) if told["path"] else None
    if found is None and told["line"]:
        found = _by_line(text, int(told["line"]), int(told["column"] or 0))
    return found


def _by_path(text: str, path: str) -> Mark | None:
    """Return the tag to which a path of local names leads."""
    wanted = [_step(step) for step in path.strip("/").split("/")]
    # How many of the wanted steps the open elements fulfil, and what each open element has had of each name.
    matched: list[bool] = []
    seen: list[Counter[str]] = [Counter()]
    for tag in _TAG.finditer(text):
        name = tag["name"]
        if name is None:
            continue
        if tag["end"]:
            if matched:
                matched.pop()
                seen.pop()
            continue
        seen[-1][name] += 1
        depth = len(matched)
        fits = (
            all(matched[-1:])
            and depth < len(wanted)
            and wanted[depth] == (name.rpartition(":")[2], seen[-1][name])
        )
        if fits and depth + 1 == len(wanted):
            return Mark(start=tag.start(), end=tag.end())
        if not tag["more"].endswith("/"):
            matched.append(fits)
            seen.append(Counter())
    return None


def _step(step: str) -> tuple[str, int]:
    told = _STEP.fullmatch(step)
    if told is None:
        return step, 1
    return told["name"], int(told["number"] or 1)


def _by_line(text: str, line: int, column: int) -> Mark | None:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
        if start == 0:
            return None
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    if column:
        # The parser tells where it stopped, which is behind what it did not take.
        at = min(start + column - 1, end)
        return Mark(start=max(start, at - 1), end=max(at, start))
    return Mark(start=start, end=end)
