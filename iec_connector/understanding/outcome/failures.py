"""What of a message failed, and which of its statements that is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iec_connector.understanding.outcome.naming import (
    Path,
    Places,
    identifications,
    leads_to,
    path_of,
    plain_id,
)

if TYPE_CHECKING:
    from iec_connector.understanding.element import Element
    from iec_connector.understanding.envelope.parts import Part
    from iec_connector.understanding.envelope.reply import Error, Reply
    from iec_connector.understanding.findings.statement import Statement

MOST_PATHS = 20
"""Errors that are looked for by a path; of more it is not known what they are about."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that failed: an error with what it names, or an operation (``error`` is ``None`` then)."""

    sentence: str
    element: Element
    operations: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    paths: tuple[Path, ...] = ()

    def is_within(self, part: Part) -> bool:
        """Whether it may be about the part: of its operation, or of none."""
        return not self.operations or part.operation in self.operations


class Looking:
    """Which failures are about a statement: found by its identifications, and by where it stands."""

    def __init__(self, failures: list[Failure]) -> None:
        self._failures = failures
        self._by_id: dict[str, list[int]] = {}
        self._places = Places()
        for number, failure in enumerate(failures):
            for each in failure.ids:
                self._by_id.setdefault(each, []).append(number)
        self._unnamed = [n for n, each in enumerate(failures) if not (each.ids or each.paths)]
        self._by_path = [n for n, each in enumerate(failures) if each.paths]

    def concerning(self, part: Part, statement: Statement) -> set[int]:
        """The numbers of the failures."""
        failures = self._failures
        numbers = {
            number
            for known in map(plain_id, identifications(part, statement))
            for number in self._by_id.get(known, ())
        }
        if self._by_path:
            own = self._places.steps_to(statement.element.node)
            numbers |= {
                number
                for number in self._by_path
                if any(leads_to(path, own) for path in failures[number].paths)
            }
        # Without a name it is about all of its operation.
        numbers |= {number for number in self._unnamed if failures[number].operations}
        return {number for number in numbers if failures[number].is_within(part)}


def failure_of(error: Error, reply: Reply) -> Failure:
    """That the error happened, with what it names."""
    operations = error.operations or ((reply.operation,) if reply.operation else ())
    paths = paths_in(error)
    return Failure(
        error.text or reply.sentence,
        error.element,
        frozenset(operations),
        frozenset(map(plain_id, error.ids)) | {each for path in paths for each in path.ids},
        tuple(path for path in paths if not path.ids),
    )


def paths_in(error: Error) -> tuple[Path, ...]:
    """The paths by which the error names something in the payload."""
    return tuple(path for xpath in error.xpaths if (path := path_of(xpath)) is not None)
