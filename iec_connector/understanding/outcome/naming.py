"""Which statements of a message an ``Error`` names.

By ``ID`` or ``relatedID``: any identification that stands with the device, its reading or its event. By
``operationId``: all of that operation. By ``xpath``: all at, within or around that place; prefixes do not matter, a
number in brackets does, and a quoted text in brackets counts as an ID.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from iec_connector.understanding.element import local_name, value_of
from iec_connector.understanding.report import ControlOutcome, DeviceEvent, Linkage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from iec_connector.understanding.envelope.parts import Part
    from iec_connector.understanding.findings.statement import Statement
    from iec_connector.understanding.report import Content

_IDENTIFYING = frozenset(
    {"mrid", "name", "serialnumber", "meterutilityserialnumber", "utilitynumber", "utcnumber"}
    | {"id", "issuertrackingid", "electronicaddress", "amraddress"}
)
_LONGEST_XPATH = 2_000
_MOST_STEPS = 64
_MOST_LOOKED_AT = 400
_STEP = re.compile(r"(?:[\w.-]+:)?([\w.*-]+)((?:\(\))?(?:\[[^\[\]]*\])*)")
_LOCAL_NAME = re.compile(r"""local-name\(\)\s*=\s*["']([^"']*)["']""")
_INDEX = re.compile(r"\[\s*(?:position\(\)\s*=\s*)?([0-9]{1,9})\s*\]")
_BRACKET = re.compile(r"\[([^\[\]]*)\]")
_QUOTED = re.compile(r"""["']([^"']*)["']""")
_SEPARATOR = re.compile(r"/+(?=(?:[^\[\]]*\[[^\[\]]*\])*[^\[\]]*$)")
_ABOVE_PAYLOAD = frozenset({"requestmessage", "responsemessage", "eventmessage", "message"})


class Step(NamedTuple):
    """One step of a path: the local name in lower case (``*`` is any), and which of several, if it says so."""

    name: str
    number: int = 0


class Path(NamedTuple):
    """An ``xpath`` as far as it is understood: its steps, and the texts in its brackets."""

    steps: tuple[Step, ...]
    ids: tuple[str, ...]


def plain_id(text: str) -> str:
    """An identification as it is compared: without ``urn:uuid:``, braces and case."""
    return value_of(text).lower().removeprefix("urn:uuid:").strip("{}").strip()


def identifications(part: Part, statement: Statement) -> Iterator[str]:
    """Everything by which the sender may name the statement's device, reading or event."""
    yield statement.identity.identifier
    yield from _ids_of(statement.content)
    node = statement.element.node
    for number, below in enumerate(node.iter()):
        if number >= _MOST_LOOKED_AT:
            break
        if _name(below) in _IDENTIFYING and below.text:
            yield below.text
    # An event lies in its reading, whose mRID names both.
    above = node.getparent()
    while above is not None and above is not part.element.node:
        for number, child in enumerate(above):
            if number >= _MOST_LOOKED_AT:
                break
            if _name(child) == "mrid" and child.text:
                yield child.text
        above = above.getparent()


def _ids_of(content: Content) -> tuple[str, ...]:
    match content:
        case Linkage():
            return (content.usage_point,)
        case DeviceEvent():
            return (content.event_mrid, content.issuer_tracking_id)
        case ControlOutcome():
            return (content.control_mrid, content.issuer_tracking_id)
        case _:
            return ()


def path_of(xpath: str) -> Path | None:
    """The path of an ``Error``; ``None`` when it is none, or leads to the header."""
    if len(xpath) > _LONGEST_XPATH or "/" not in xpath:
        return None
    steps: list[Step] = []
    ids: list[str] = []
    for written in _SEPARATOR.split(xpath.strip())[:_MOST_STEPS]:
        if written in ("", ".", "..") or written.startswith("@"):
            continue
        match = _STEP.fullmatch(written)
        if match is None:
            return None
        name, brackets = match.groups()
        if not brackets.startswith("()"):
            steps.append(_step(name, brackets))
            ids += _ids_in(brackets)
    names = [step.name for step in steps]
    if "header" in names:
        return None
    if "payload" in names:
        steps = steps[names.index("payload") + 1 :]
    elif names and names[0] in _ABOVE_PAYLOAD:
        steps = steps[1:]
    return Path(tuple(steps), tuple(ids))


def _step(name: str, brackets: str) -> Step:
    local = _LOCAL_NAME.search(brackets)
    index = _INDEX.search(brackets)
    written = local.group(1) if local is not None else name
    return Step(written.lower(), int(index.group(1)) if index is not None else 0)


def _ids_in(brackets: str) -> Iterator[str]:
    """The texts in quotes that are compared with something else than a name."""
    for bracket in _BRACKET.findall(brackets):
        if "name(" not in bracket and "namespace-uri(" not in bracket:
            yield from filter(None, map(plain_id, _QUOTED.findall(bracket)))


def leads_to(path: Path, own: list[Step]) -> bool:
    """Whether the path ends at the element of these steps, at what it is in, or at something within it."""
    steps = path.steps
    if not steps:
        return True
    last, length = steps[-1], len(steps)
    for end, mine in enumerate(own, 1):
        # Most paths end elsewhere: that is seen at their last step.
        if last.number not in (0, mine.number) or last.name not in (mine.name, "*"):
            continue
        if end >= length and _same(own[end - length : end], steps):
            return True
    return any(
        _same(own[-shorter:], steps[:shorter]) for shorter in range(1, min(length, len(own) + 1))
    )


class Places:
    """Where elements stand, as steps; the children of each element are counted once."""

    def __init__(self) -> None:
        self._numbers: dict[etree._Element, dict[etree._Element, int]] = {}

    def steps_to(self, element: etree._Element) -> list[Step]:
        """The steps from the root to the element."""
        steps: list[Step] = []
        node: etree._Element | None = element
        while node is not None:
            above = node.getparent()
            steps.append(Step(_name(node), 1 if above is None else self._number(above, node)))
            node = above
        steps.reverse()
        return steps

    def _number(self, above: etree._Element, node: etree._Element) -> int:
        numbers = self._numbers.get(above)
        if numbers is None:
            numbers = self._numbers[above] = {}
            seen: dict[object, int] = {}
            for child in above:
                number = seen[child.tag] = seen.get(child.tag, 0) + 1
                numbers[child] = number
        return numbers[node]


def _same(own: list[Step], wanted: tuple[Step, ...]) -> bool:
    return all(
        step.name in (mine.name, "*") and step.number in (0, mine.number)
        for mine, step in zip(own, wanted, strict=True)
    )


def _name(node: etree._Element) -> str:
    tag: str = node.tag  # type: ignore[assignment]
    return local_name(tag).lower()
