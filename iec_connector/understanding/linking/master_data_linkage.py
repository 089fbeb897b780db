"""MasterDataLinkageConfig: a device is now at, or no longer at, a usage point; or behind another device.

``created`` and ``changed`` link; ``closed``, ``deleted`` and ``canceled`` unlink. What belongs together is never
guessed (`linking.pairing`): what does not say it leads to a problem with its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iec_connector.understanding.configuration.effect import configuration_moment
from iec_connector.understanding.configuration.meter_config import device_ids, identity_of_id
from iec_connector.understanding.findings.statement import Statement, area_of, items_of, name_of
from iec_connector.understanding.identifiers import LONGEST_IDENTIFIER
from iec_connector.understanding.linking.pairing import Pair, incomplete, pairs_in
from iec_connector.understanding.naming.identity import identify
from iec_connector.understanding.nouns import ENDING_VERBS, ITEMS, Noun, Verb, verb_of
from iec_connector.understanding.report import Linkage, LinkageChange
from iec_connector.understanding.times import UNSAID
from iec_connector.understanding.unreadable import Reason, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iec_connector.understanding.envelope.parts import Part
    from iec_connector.understanding.findings.statement import Finding, Reading
    from iec_connector.understanding.times import Moment


def read_linkages(part: Part, reading: Reading) -> Iterator[Finding]:
    """One statement per device and usage point."""
    try:
        change = _change(part)
        if part.ids:
            yield from _unlinked_ids(part, change)
            return
        moment = configuration_moment(part.element, reading)
        for item in items_of(part, ITEMS[Noun.LINKAGE]):
            if isinstance(item, Unreadable):
                yield item
        pairs = list(pairs_in(part.element, unlinks=change is LinkageChange.UNLINKED))
    except Unreadable as unreadable:
        yield unreadable
        return
    for pair in pairs:
        try:
            if isinstance(pair, Unreadable):
                yield pair
            else:
                yield _linkage(pair, change, moment, reading)
        except Unreadable as unreadable:
            yield unreadable


def _change(part: Part) -> LinkageChange:
    verb = verb_of(part.verb)
    if verb is Verb.MISSING:
        raise Unreadable(
            Reason.VERB_MISSING,
            "without a verb it is not clear whether this links or unlinks",
            at=part.element,
        )
    if verb in (Verb.UNKNOWN, Verb.GET):
        raise Unreadable(
            Reason.VERB_UNKNOWN,
            f"verb {part.verb[:60]!r} neither links nor unlinks",
            at=part.element,
        )
    return LinkageChange.UNLINKED if verb in ENDING_VERBS else LinkageChange.LINKED


def _linkage(pair: Pair, change: LinkageChange, moment: Moment, reading: Reading) -> Statement:
    identifiers = reading.source.device_identifiers
    identity = identify(pair.device, identifiers)
    name = reading.clip(name_of(pair.usage_point))
    if pair.usage_point is not None and change is LinkageChange.LINKED and not name:
        raise incomplete(pair.usage_point, "has no name and no mRID")
    parent = "" if pair.parent is None else identify(pair.parent, identifiers).identifier
    if parent == identity.identifier:
        raise incomplete(pair.device, "is linked behind itself")
    content = Linkage(
        change=change,
        usage_point=name,
        area=reading.clip(area_of(pair.usage_point)),
        parent=parent,
    )
    return Statement(identity, content, moment, pair.device)


def _unlinked_ids(part: Part, change: LinkageChange) -> Iterator[Finding]:
    if change is LinkageChange.LINKED:
        raise incomplete(part.element, "holds only IDs, which do not say what is linked to what")
    points = [each for each in part.ids if "usagepoint" in each.attribute("objecttype").lower()]
    usage_point = points[0].own_text[:LONGEST_IDENTIFIER] if points else ""
    found = False
    for element, value in device_ids(part):
        found = True
        yield Statement(
            identity_of_id(element, value),
            Linkage(change=change, usage_point=usage_point),
            UNSAID,
            element,
        )
    if not found:
        raise incomplete(part.element, "holds no ID of a meter")
