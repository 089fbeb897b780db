"""Reading qualities: whether a value came from the device when it says.

A quality is ``system.category.index`` (``2.5.259``; the system says who judged, and does not matter here). It stands at
``ReadingQualityType/@ref``, as nested parts, as a text, in a definition that is referred to, or as a word in a comment
or status. A value may have several: one that says that it did not come from the device is enough.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iec_connector.understanding.element import Element, Vocabulary
from iec_connector.understanding.naming.identity import names_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iec_connector.understanding.source import Source

ANY = "*"

NOT_FROM_DEVICE: dict[tuple[str, str], str] = {
    ("4", "129"): "failed probe: the device did not answer",
    ("4", "130"): "read by the customer",
    ("4", "131"): "read or entered by hand",
    ("5", "259"): "known to be missing",
    ("7", ANY): "edited, added or rejected by a person or system",
    ("8", ANY): "estimated",
    ("11", ANY): "derived from other values",
    ("12", ANY): "projected",
}
"""Category and index of values that did not come from the device now. All others did: valid (0), with diagnostics (1),
power quality (2), tamper (3), collected in some way (4), unreasonable (5), failed validation (6), questionable (10)."""

WORDS_NOT_FROM_DEVICE = frozenset(
    {
        *("missing", "knownmissing", "knownmissingread", "missingread", "missingvalue", "nodata"),
        *("novalue", "notavailable", "unavailable", "noread", "notread", "gap"),
        *("estimated", "estimate", "estimation", "estimatedvalue", "interpolated", "substituted"),
        *("substitute", "replaced", "projected", "derived", "calculated", "edited", "manual"),
        *("manualread", "manualreading", "manuallyentered", "manualentry", "manuallyedited"),
        *("manualedit", "manualadd", "customerread", "customerreading", "failedprobe"),
        *("failedprobeattempt", "communicationfailed", "communicationfailure", "commfailure"),
        *("commsfailure", "readfailed", "failed", "timeout"),
    }
)
"""What qualities, comments and status say in words: lower-case letters and digits."""

_CODE = re.compile(r"(?:[0-9]{1,4}\.)?([0-9]{1,4})\.([0-9]{1,6})", re.ASCII)
_URI = re.compile(r"[\w.+-]{0,40}:(?:[^\s]{0,400}[:/#])?|#")
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")
_HOLDERS = ("readingqualities", "readingquality", "readingqualitytype", "quality", "qualities")
_TYPES = ("readingqualitytype", "readingqualities", "readingquality", "type")
_WORDS = ("comment", "quality", "status", "source", "name", "description")
_MOST_DEFINITIONS = 10_000
_MOST_REMEMBERED = 1_000
_DEEPEST = 4


class Qualities:
    """The qualities of one document."""

    def __init__(self, element: Element, source: Source) -> None:
        self._element = element
        self._source = source
        self._defined: Mapping[str, str] | None = None
        self._known: dict[str, bool] = {}

    def spoil(self, *holders: Element) -> bool:
        """Whether a quality at one of the elements (a reading, its block) says that the value is not the device's."""
        return any(self.spoils(said) for holder in holders for said in _said_at(holder))

    def spoils(self, said: str) -> bool:
        """Return whether one code, reference or word says so; results are cached."""
        known = self._known.get(said)
        if known is None:
            known = self._is_not_from_device(said)
            if len(self._known) < _MOST_REMEMBERED:
                self._known[said] = known
        return known

    def _is_not_from_device(self, said: str) -> bool:
        # Some refer by a URI: urn:x:2.5.259, #2.5.259, http://.../2.5.259.
        ref = _URI.sub("", said.strip())
        match = _CODE.fullmatch(ref)
        if match is None:
            code = self._definitions().get(ref)
            match = _CODE.fullmatch(code) if code else None
        if match is None:
            return _NOT_ALPHANUMERIC.sub("", said.lower()) in WORDS_NOT_FROM_DEVICE
        category, index = (part.lstrip("0") or "0" for part in match.groups())
        return (category, index) in NOT_FROM_DEVICE or (category, ANY) in NOT_FROM_DEVICE

    def _definitions(self) -> Mapping[str, str]:
        """The codes of ``ReadingQualityType`` definitions anywhere in the document, by mRID and name."""
        if self._defined is not None:
            return self._defined
        found: dict[str, str] = {}
        vocabulary = Vocabulary(self._source.namespaces)
        tree = self._element.node.getroottree()
        for number, node in enumerate(tree.iter("{*}ReadingQualityType", "{*}readingQualityType")):
            if number >= _MOST_DEFINITIONS:
                break
            if not len(node):
                continue
            definition = Element(node, vocabulary)
            code = _code_of(definition)
            for key in (definition.text("mrid"), definition.text("name")):
                if key and code:
                    found.setdefault(key, code)
        self._defined = found
        return found


def _said_at(holder: Element) -> Iterator[str]:
    """Codes and words at a reading: its qualities, and its own status and source."""
    for name in _HOLDERS:
        for quality in holder.all(name):
            yield from _said_in(quality, 0)
    for name in ("status", "source", "readingsource"):
        for element in holder.all(name):
            yield element.text("value") or element.own_text


def _said_in(quality: Element, depth: int) -> Iterator[str]:
    for text in (
        quality.attribute("ref"),
        quality.text("ref"),
        quality.own_text,
        _code_of(quality),
    ):
        if text:
            yield text
    for name in _WORDS:
        text = quality.text(name)
        if text:
            yield text
    if depth < _DEEPEST:
        for name in _TYPES:
            for kind in quality.all(name):
                yield from _said_in(kind, depth + 1)


def _code_of(kind: Element) -> str:
    """A code given in parts: ``systemId``, ``category``, ``subCategory`` (or ``index``)."""
    category, index = kind.text("category"), kind.text("subcategory", "index", "categoryindex")
    if category and index:
        return f"{category}.{index}"
    texts = (kind.text("mrid"), kind.text("code"), *(name.value for name in names_in(kind)))
    return next(filter(_CODE.fullmatch, texts), "")
