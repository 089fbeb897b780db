"""All columns of the park, each under the name by which conditions, dimensions and orders speak of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from smoc_service.park_index.arrays import Mask, Ordinals
from smoc_service.park_index.categories import Category, held
from smoc_service.park_index.conditions import Conditions
from smoc_service.park_index.counting import TAG
from smoc_service.park_index.moments import Moments
from smoc_service.park_index.numbers import WholeNumbers
from smoc_service.park_index.packed import PackedTexts, packed
from smoc_service.park_index.rows import Rows
from smoc_service.park_index.text_rows import TextRows

NETWORK: Final = "network"
DEVICE_ID: Final = "device_id"

# By category: its words, in their order. All others are sorted behind them, by the alphabet.
WordOrder: TypeAlias = Mapping[str, Sequence[str]]


class Columns:
    """Every device's place in them is its ordinal. A column comes into being with the first rows that tell of it."""

    def __init__(self, word_order: WordOrder) -> None:
        self.ids: list[str] = []
        self._ordinals: dict[str, int] = {}
        self.categories: dict[str, Category[Any]] = {
            # By "network/", as in a device id.
            NETWORK: Category((), lambda network: f"{network}/"),
            TAG: Category(((),), lambda tags: tags),
            **{name: _category(words) for name, words in word_order.items()},
        }
        self.moments: dict[str, Moments] = {}
        self.numbers: dict[str, WholeNumbers] = {}
        # Of device ids, what follows the network.
        self.keys: dict[str, PackedTexts] = {DEVICE_ID: PackedTexts()}
        # Of the keys, for conditions on the very text: 64 bits, of which two among millions are not the same.
        self._digests: dict[str, WholeNumbers] = {}
        self._texts = TextRows()

    @property
    def count(self) -> int:
        return len(self.ids)

    def put(self, rows: Rows) -> None:
        """Take in what ``rows`` tell, in the place that each device has, or in a new one."""
        if not rows.device_ids:
            return
        before = self.count
        ordinals = self._places(rows.device_ids)
        known = ordinals < before
        category = self.categories[NETWORK]
        networks = category.numbers(rows.networks)
        category.put(ordinals, rows.networks, networks, known)
        for name, words in (*rows.words.items(), (TAG, rows.tags)):
            category = self.categories.setdefault(name, _category(()))
            category.put(ordinals, words, networks, known)
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
        found: Mask | None = None
        for mask in self._masks(wanted):
            if found is None:
                found = mask
            else:
                found &= mask
        return found

    def moment(self, name: str) -> Moments:
        """Return a moment's column, also one of which nobody told yet."""
        moments = self.moments.get(name)
        return Moments.of_nothing(self.count) if moments is None else moments

    def _masks(self, wanted: Conditions) -> Iterator[Mask]:
        count = self.count
        if wanted.networks is not None:
            yield self.categories[NETWORK].mask(wanted.networks, count)
        for name, words in wanted.words.items():
            yield self._worded(name, words)
        for name, span in wanted.spans.items():
            yield self.moment(name).mask(span, count)
        for name, there in wanted.present.items():
            mask = self.moment(name).present(count)
            yield mask if there else ~mask
        for name, texts in wanted.exact.items():
            yield self._exactly(name, texts)
        if wanted.beginning or wanted.ending:
            yield self._texts.mask(wanted.beginning, wanted.ending, count)

    def _worded(self, name: str, words: Sequence[str]) -> Mask:
        if name == TAG:
            return self._tagged(frozenset(words))
        if name in self.categories:
            return self.categories[name].mask(words, self.count)
        return np.zeros(self.count, np.bool_)

    def _tagged(self, tags: frozenset[str]) -> Mask:
        category = self.categories[TAG]
        codes = [code for code, own in held(category) if not tags.isdisjoint(own)]
        return category.mask_of_codes(codes, self.count)

    def _exactly(self, name: str, texts: Sequence[str]) -> Mask:
        mask = np.zeros(self.count, np.bool_)
        if name in self._digests:
            for text in texts:
                mask |= self._digests[name].column(self.count) == hash(text)
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


def _category(words: Sequence[str]) -> Category[str]:
    order = {word: place for place, word in enumerate(words)}
    return Category(words, lambda word: (order.get(word, len(order)), word))
