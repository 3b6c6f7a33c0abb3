"""What types and properties of events mean, by the very text that they were sent as: learned as they come."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from features.key_book import MOST_KEYS, Codes, KeyBook, codes_of
from features.read_only import read_only

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_PAIRS = 1_024
"""So many texts are kept. A page's address is any text, and each is as long as its sender likes."""

LONGEST_PAIR = 1_000
_SLOTS = 4 * MOST_PAIRS
_OFFSET, _PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, 2**64 - 1


class Pages(NamedTuple):
    """What a book says, as the kernel takes it: `slots` int64 (a power of two,) are positions in `pairs`.

    -1 stands where there is none. `pairs` int64 (n, 5): where the text of a pair starts and stops in `text`,
    uint8, and its codes, see `features.key_book.Codes`.
    """

    slots: NDArray[np.int64]
    pairs: NDArray[np.int64]
    text: NDArray[np.uint8]


class EventBook:
    """Pairs of type and detail by their text. `touches` are the types of touches. Several threads may use it.

    `strangers` counts the texts that found no room, and the bodies whose keys found none.
    """

    def __init__(self, touches: frozenset[str]) -> None:
        self._keys = KeyBook(touches, MOST_KEYS)
        self._learning = threading.Lock()
        self._texts: dict[bytes, Codes] = {}
        self._slots = np.full(_SLOTS, -1)
        self.strangers = 0
        self._pages = self._written()
        self._has_news = False

    @property
    def pages(self) -> Pages:
        """What was learned so far, another object whenever there is more.

        It is written when it is asked for: a body may bring hundreds of new texts.
        """
        if self._has_news:
            with self._learning:
                self._pages, self._has_news = self._written(), False
        return self._pages

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of all codes, the same object until there are more."""
        return self._keys.keys_met()

    def learn(self, text: bytes, kind: str, detail: str | None) -> Codes:
        """Return the codes of a type and a detail, and keep them under the text that means them.

        Raises KeyError where there is no room for more keys.
        """
        codes = codes_of(self._keys[kind, detail])
        with self._learning:
            if text in self._texts:
                return codes
            if len(self._texts) >= MOST_PAIRS or len(text) > LONGEST_PAIR:
                self.strangers += 1
                return codes
            slot = hash_of(text) % _SLOTS
            while self._slots[slot] >= 0:
                slot = (slot + 1) % _SLOTS
            self._slots[slot] = len(self._texts)
            self._texts[text] = codes
            self._has_news = True
        return codes

    def _written(self) -> Pages:
        ends = np.cumsum([0, *map(len, self._texts)])
        pairs = np.zeros((len(self._texts), 5), np.int64)
        if self._texts:
            pairs[:, 0], pairs[:, 1] = ends[:-1], ends[1:]
            pairs[:, 2:] = list(self._texts.values())
        return Pages(*read_only(self._slots.copy(), pairs, np.frombuffer(b"".join(self._texts), np.uint8)))


def hash_of(text: bytes) -> int:
    """Return the hash that `serving.scoring.event_scan.hashed` gives: FNV-1a, RFC 9923."""
    found = _OFFSET
    for byte in text:
        found = (found ^ byte) * _PRIME & _MASK
    return found
