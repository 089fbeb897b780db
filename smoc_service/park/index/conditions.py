"""Conditions on a device; all of them must hold."""

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field

from smoc_service.park.index.places.mercator import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From ``start`` (inclusive) to ``end`` (exclusive), in milliseconds since 1970; None is no limit."""

    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Conditions are combined with "and", the values of one with "or"; an absent one does not count."""

    # None: all; empty: none, and so no device.
    networks: tuple[str, ...] | None = None
    # By category, "tag" among them.
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # By moment; a device without that moment fits no span.
    spans: Mapping[str, Span] = field(default_factory=dict)
    # By moment: whether there is one.
    present: Mapping[str, bool] = field(default_factory=dict)
    # By key (``Rows.keys``): the very text.
    exact: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Of one and the same text of a device.
    beginning: str = ""
    ending: str = ""
    # A device without a place lies in no box.
    box: Box | None = None
    # Whether there is a place.
    placed: bool | None = None
    # Devices by their ids: only these, and all but these.
    among: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()

    def fingerprint(self) -> str:
        """Return a text that is equal for equal conditions, in any order."""
        told: list[object] = [
            None if self.networks is None else sorted(self.networks),
            {name: sorted(words) for name, words in self.words.items()},
            {name: [span.start, span.end] for name, span in self.spans.items()},
            dict(self.present),
            {name: sorted(texts) for name, texts in self.exact.items()},
            self.beginning,
            self.ending,
        ]
        told += [] if self.box is None else [list(astuple(self.box))]
        told += [] if self.placed is None else [self.placed]
        if self.among is not None or self.without:
            told += [self.among and sorted(self.among), sorted(self.without)]
        return json.dumps(told, sort_keys=True)
