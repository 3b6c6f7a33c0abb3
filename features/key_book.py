"""The codes of types and details of events, which stay what they are from one request to the next."""

from __future__ import annotations

import threading
from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

MOST_KEYS = 256
"""Of so many keys the codes are kept; who reads a log looks at all of them. Details are any text."""

MOST_STRANGERS = 1_000
"""After so many logs with keys that were not kept, codes are given anew: what comes now may be what stays."""

_ROW = np.dtype([("key", np.int32), ("detail_key", np.int32), ("is_touch", np.bool_)])
_ROW_OF_ONE = Struct("=ii?")
_pack = _ROW_OF_ONE.pack


class Codes(NamedTuple):
    """One event by codes, as an `EventLog` holds it."""

    key: int
    detail_key: int
    is_touch: bool


class Coded(NamedTuple):
    """Events by codes, as an `EventLog` holds them. The arrays cannot be written to."""

    key: NDArray[np.int32]
    detail_key: NDArray[np.int32]
    is_touch: NDArray[np.bool_]
    keys: tuple[str, ...]


class KeyBook(dict[tuple[str, "str | None"], bytes]):
    """For each pair of type and detail that came its row: two codes, and whether the type is one of touches.

    Where it is full, others raise KeyError. Several threads may use it.
    """

    def __init__(self, touches: frozenset[str], most_keys: int) -> None:
        super().__init__()
        self._touches = touches
        self._most = most_keys
        self._code_of: dict[str, int] = {}
        self._keys: tuple[str, ...] = ()
        self._lock = threading.Lock()
        self.strangers = 0

    def keys_met(self) -> tuple[str, ...]:
        """Return the names of all codes: the same object until there are more."""
        if len(self._keys) < len(self._code_of):
            self._keys = tuple(self._code_of)
        return self._keys

    def __missing__(self, pair: tuple[str, str | None]) -> bytes:
        kind, detail = pair
        code_of = self._code_of
        with self._lock:
            if len(code_of) + 2 > self._most:
                raise KeyError(pair)
            key = code_of.setdefault(kind, len(code_of))
            detail_key = -1 if detail is None else code_of.setdefault(f"{kind}.{detail}", len(code_of))
            row = self[pair] = _pack(key, detail_key, kind in self._touches)
        return row


def codes_of(row: bytes) -> Codes:
    """Return the codes in a row of a book."""
    return Codes(*_ROW_OF_ONE.unpack(row))


def coded(types: Sequence[str], details: Sequence[str | None], touches: frozenset[str]) -> Coded:
    """Return the codes of events, and the names that they stand for, with those of other logs among them.

    `touches` are the types of touches. A log whose keys are not kept has its own codes.
    """
    if not types:
        return _NOTHING
    book = _book(touches)
    try:
        return _coded(book, zip(types, details, strict=True))
    except KeyError:
        book.strangers += 1
        if book.strangers > MOST_STRANGERS:
            _book.cache_clear()
        return _coded(KeyBook(touches, 2 + 2 * len(types)), zip(types, details, strict=True))


def _coded(book: KeyBook, pairs: Iterable[tuple[str, str | None]]) -> Coded:
    rows = np.frombuffer(b"".join(map(book.__getitem__, pairs)), _ROW)
    return Coded(_of(rows, "key"), _of(rows, "detail_key"), _of(rows, "is_touch"), book.keys_met())


def _of(rows: NDArray[np.void], name: str) -> NDArray[Any]:
    column = rows[name].copy()
    column.setflags(write=False)
    return column


@lru_cache(maxsize=16)
def _book(touches: frozenset[str]) -> KeyBook:
    return KeyBook(touches, MOST_KEYS)


_NOTHING = _coded(KeyBook(frozenset(), 0), ())
