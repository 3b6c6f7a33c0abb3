"""Arrays in one array: each array that a kernel is called with costs a fifth of a microsecond.

The packed array is int64. It begins with two numbers for each of the arrays: where it starts in the packed
one, and how many elements it has. Each starts at a whole number of eight bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.contributions.kernels import kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WORD = 8
"""Bytes of an element of the packed array."""


def packed(arrays: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """Return arrays as one, which is read-only. What they are of, and their shapes, whoever unpacks knows."""
    words = [_words(array) for array in arrays]
    starts = 2 * len(arrays) + np.cumsum([0, *map(len, words)])[:-1]
    head = np.stack([starts, [array.size for array in arrays]], axis=1).astype(np.int64)
    held = np.concatenate([head.ravel(), *words])
    held.flags.writeable = False
    return held


def _words(array: NDArray[Any]) -> NDArray[np.int64]:
    content = np.ascontiguousarray(array).tobytes()
    return np.frombuffer(content + bytes(-len(content) % WORD), np.int64)


@kernel(inline="always")
def wholes_at(held: Any, place: int) -> Any:
    """Return the array in a place, which is int64 and flat."""
    return held[held[2 * place] : held[2 * place] + held[2 * place + 1]]


@kernel(inline="always")
def doubles_at(held: Any, place: int) -> Any:
    """Return the array in a place, which is float64 and flat."""
    return held[held[2 * place] : held[2 * place] + held[2 * place + 1]].view(np.float64)


@kernel(inline="always")
def sizes_at(held: Any, place: int) -> Any:
    """Return the array in a place, which is uint64 and flat."""
    return held[held[2 * place] : held[2 * place] + held[2 * place + 1]].view(np.uint64)


@kernel(inline="always")
def words_at(held: Any, place: int) -> Any:
    """Return the array in a place, which is uint32 and flat."""
    start, size = held[2 * place], held[2 * place + 1]
    return held[start : start + (size + 1) // 2].view(np.uint32)[:size]


@kernel(inline="always")
def shorts_at(held: Any, place: int) -> Any:
    """Return the array in a place, which is uint16 and flat."""
    start, size = held[2 * place], held[2 * place + 1]
    return held[start : start + (size + 3) // 4].view(np.uint16)[:size]


@kernel(inline="always")
def bytes_at(held: Any, place: int) -> Any:
    """Return the array in a place, which is uint8 and flat."""
    start, size = held[2 * place], held[2 * place + 1]
    return held[start : start + (size + 7) // 8].view(np.uint8)[:size]
