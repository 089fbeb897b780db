"""What a reply says about controls: a failed order is reported as such.

For everything else, a failure is no fact. A failed control is reported as FAILED, with the sender's error. A failed
cancellation says nothing about the control itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iec_connector.understanding.envelope.parts import Part
from iec_connector.understanding.nouns import ENDING_VERBS, Noun, verb_of
from iec_connector.understanding.report import ControlOutcome, Outcome

if TYPE_CHECKING:
    from iec_connector.understanding.envelope.parts import Found
    from iec_connector.understanding.findings.statement import Statement


def is_order(found: Found) -> bool:
    """Whether the part is of controls: not of a cancellation."""
    if not isinstance(found, Part) or found.noun is not Noun.CONTROLS:
        return False
    return verb_of(found.verb) not in ENDING_VERBS


def order_failed(part: Part, statement: Statement, sentence: str) -> Statement | None:
    """That the order failed, with the sender's ``sentence``; ``None`` when the statement is about no order."""
    content = statement.content
    if not isinstance(content, ControlOutcome) or not is_order(part):
        return None
    failed = replace(
        content,
        outcome=Outcome.FAILED,
        reason=sentence or content.reason,
        # Why it was ordered stays beside why it failed.
        remark=content.remark or (content.reason if sentence else ""),
    )
    return replace(statement, content=failed)
