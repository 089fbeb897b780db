"""All columns of the park, each under the name by which conditions, dimensions and orders speak of it."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from smoc_service.park.index.arrays import Mask, Ordinals, with_room
from smoc_service.park.index.categories import Category
from smoc_service.park.index.conditions import Conditions
from smoc_service.park.index.counting import AREA, NETWORK, TAG
from smoc_service.park.index.moments import Moments
from smoc_service.park.index.numbers import WholeNumbers
from smoc_service.park.index.packed import PackedTexts, packed
from smoc_service.park.index.parts import Part
from smoc_service.park.index.places.column import Places
from smoc_service.park.index.places.middles import Middles
from smoc_service.park.index.rows import Rows
from smoc_service.park.index.text_rows import TextRows

DEVICE_ID: Final = "device_id"

# By dimension: its words, in their order. All others are sorted behind them, by the alphabet.
WordOrder: TypeAlias = Mapping[str, Sequence[str]]
# Dimensions that share one column: those with few combinations.
Groups: TypeAlias = Sequence[tuple[str, ...]]


class Columns:
    """A device's ordinal is its place in all columns. A column is made with the first rows that have it."""

    def __init__(self, groups: Groups, word_order: WordOrder) -> None:
        self.ids: list[str] = []
        self._ordinals: dict[str, int] = {}
        # Those that have a place and are not to be found: they may come back.
        self._gone = np.zeros(0, np.bool_)
        self._gone_count = 0
        self._groups = groups
        # By each dimension that lies in it.
        self.categories: dict[str, Category] = {}
        for group in ((NETWORK,), *groups):
            category = Category({name: _part(name, word_order.get(name, ())) for name in group})
            self.categories.update(dict.fromkeys(group, category))
        self.moments: dict[str, Moments] = {}
        self.numbers: dict[str, WholeNumbers] = {}
        # Of device ids, what follows the network.
        self.keys: dict[str, PackedTexts] = {DEVICE_ID: PackedTexts()}
        # Of the keys, for conditions on the very text: 64 bits, of which two among millions are not the same.
        self._digests: dict[str, WholeNumbers] = {}
        self._texts = TextRows()
        self.places = Places()
        # Made when they are asked for; None: since then something moved.
        self._middles: Middles | None = None

    @property
    def count(self) -> int:
        """The number of places, those of removed devices included."""
        return len(self.ids)

    @property
    def device_count(self) -> int:
        return self.count - self._gone_count

    def put(self, rows: Rows) -> None:
        """Store ``rows``, at the place that each device has, or at a new one."""
        self._drop(rows.gone)
        if not rows.device_ids:
            return
        before = self.count
        ordinals = self._places(rows.device_ids)
        self._gone = with_room(self._gone, self.count)
        known = (ordinals < before) & ~self._gone[ordinals]
        self._gone_count -= int(np.count_nonzero(self._gone[ordinals]))
        self._gone[ordinals] = False
        category = self.categories[NETWORK]
        networks = category.codes([(network,) for network in rows.networks])
        category.put(ordinals, networks, networks, known)
        words: dict[str, Sequence[Hashable]] = {**rows.words, TAG: rows.tags}
        areas_before = self.categories[AREA].at(ordinals[known])
        for group in self._groups:
            category = self.categories[group[0]]
            codes = category.codes(list(zip(*(words[name] for name in group), strict=True)))
            category.put(ordinals, codes, networks, known)
        moved = self.places.put(ordinals, rows.places)
        there = self.places.there(self.count)[ordinals]
        areas = self.categories[AREA].at(ordinals[known])
        if (moved | (there & ~known)).any() or (areas != areas_before)[there[known]].any():
            self._middles = None
        for name, moments in rows.moments.items():
            self.moments.setdefault(name, Moments()).put(ordinals, moments)
        for name, numbers in rows.numbers.items():
            self.numbers.setdefault(name, WholeNumbers()).put(ordinals, numbers)
        for name, keys in rows.keys.items():
            key = self.keys.setdefault(name, PackedTexts())
            key.put(ordinals, packed([text.encode() for text in keys]))
            digests = self._digests.setdefault(name, WholeNumbers())
            digests.put(ordinals, [hash(text) for text in keys])
        identifiers = [identifier_of(device_id) for device_id in rows.device_ids]
        self.keys[DEVICE_ID].put(ordinals, packed(identifiers))
        self._texts.put(ordinals, rows.texts)

    def mask(self, wanted: Conditions) -> Mask | None:
        """Return which devices fit; None: all of them."""
        found: Mask | None = self.there if self._gone_count else None
        for mask in self._masks(wanted):
            if found is None:
                found = mask
            else:
                found &= mask
        return found

    @property
    def there(self) -> Mask:
        """Return which devices are to be found at all."""
        return ~self._gone[: self.count]

    def moment(self, name: str) -> Moments:
        """Return a column of times; an empty one when no row had it yet."""
        moments = self.moments.get(name)
        return Moments.of_nothing(self.count) if moments is None else moments

    def middles(self) -> Middles:
        """Return the middles of areas, of all devices that have a place."""
        if self._middles is None:
            placed = np.flatnonzero(self.places.there(self.count) & self.there)
            area, network = self.categories[AREA], self.categories[NETWORK]
            self._middles = Middles.of(
                *self.places.at(placed),
                network.values(NETWORK, placed),
                area.values(AREA, placed),
                len(area.parts[AREA].words),
            )
        return self._middles

    def _drop(self, device_ids: Sequence[str]) -> None:
        places = [place for each in device_ids if (place := self._ordinals.get(each)) is not None]
        ordinals = np.array(places, dtype=np.intp)
        ordinals = ordinals[~self._gone[ordinals]]
        if not len(ordinals):
            return
        networks = self.categories[NETWORK].at(ordinals)
        for category in dict.fromkeys(self.categories.values()):
            category.drop(ordinals, networks)
        self._gone[ordinals] = True
        self._gone_count += len(ordinals)
        self._middles = None

    def _masks(self, wanted: Conditions) -> Iterator[Mask]:
        count = self.count
        for category, codes in self._codes(wanted).items():
            yield category.mask(codes, count)
        for name, span in wanted.spans.items():
            yield self.moment(name).mask(span, count)
        for name, there in wanted.present.items():
            mask = self.moment(name).present(count)
            yield mask if there else ~mask
        for name, texts in wanted.exact.items():
            yield self._exactly(name, texts)
        if wanted.box is not None:
            yield self.places.mask(wanted.box, count)
        if wanted.placed is not None:
            mask = self.places.there(count)
            yield mask.copy() if wanted.placed else ~mask
        if wanted.beginning or wanted.ending:
            yield self._texts.mask(wanted.beginning, wanted.ending, count)
        if wanted.among is not None:
            yield self._of_ids(wanted.among)
        if wanted.without:
            yield ~self._of_ids(wanted.without)

    def _codes(self, wanted: Conditions) -> dict[Category, dict[str, list[int]]]:
        """Return the conditions on words as codes, by column."""
        conditions = dict(wanted.words)
        if wanted.networks is not None:
            conditions[NETWORK] = wanted.networks
        found: dict[Category, dict[str, list[int]]] = {}
        for name, words in conditions.items():
            part = self.categories[name].parts[name]
            if name == TAG:
                codes = [
                    n for n, tags in enumerate(part.words) if not set(words).isdisjoint(tags or ())
                ]
            else:
                codes = [code for word in words if (code := part.code(word)) is not None]
            found.setdefault(self.categories[name], {})[name] = codes
        return found

    def _exactly(self, name: str, texts: Sequence[str]) -> Mask:
        mask = np.zeros(self.count, np.bool_)
        if name in self._digests:
            for text in texts:
                mask |= self._digests[name].column(self.count) == hash(text)
        return mask

    def _of_ids(self, device_ids: Sequence[str]) -> Mask:
        mask = np.zeros(self.count, np.bool_)
        places = [place for each in device_ids if (place := self._ordinals.get(each)) is not None]
        mask[np.array(places, dtype=np.intp)] = True
        return mask

    def _places(self, device_ids: Sequence[str]) -> Ordinals:
        places = self._ordinals
        for device_id in device_ids:
            if device_id not in places:
                places[device_id] = len(self.ids)
                self.ids.append(device_id)
        return np.array([places[device_id] for device_id in device_ids], dtype=np.intp)


def identifier_of(device_id: str) -> bytes:
    return device_id.partition("/")[2].encode()


def _part(name: str, words: Sequence[str]) -> Part[Any]:
    if name == NETWORK:
        # As in a device id.
        return Part(lambda network: f"{network}/")
    order = {word: place for place, word in enumerate(words)}
    return Part(lambda word: (order.get(word, len(order)), word))
