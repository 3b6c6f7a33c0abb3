"""The texts of many leads' reasons: each different one is put together once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.reasons.largest import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from models.reasons.groups import Group


def texts_of(
    values: NDArray[np.float64],
    chosen: NDArray[np.int32],
    groups: Sequence[Group],
    said: Callable[[int, list[float]], str],
) -> NDArray[np.object_]:
    """Return the texts, object (n, k), of the groups that were chosen, int32 (n, k), None for NOBODY.

    `values` are the vectors, float64 (n, features). `said` gives the text of a group (by its position) from
    the values of its features; it is asked once for all rows that hold the same bits. Texts of one row may be
    alike.
    """
    texts: NDArray[np.object_] = np.full(chosen.shape, None, object)
    for at in np.unique(chosen):
        if at == NOBODY:
            continue
        rows, places = np.nonzero(chosen == at)
        held = np.ascontiguousarray(values[np.ix_(rows, np.asarray(groups[at].positions))])
        first, which = _distinct(held)
        different: NDArray[Any] = np.empty(len(first), object)
        different[:] = [said(int(at), row) for row in held[first].tolist()]
        texts[rows, places] = different[which]
    return texts


def rows_with_repeats(texts: NDArray[np.object_]) -> list[int]:
    """Return the rows, ascending, in which a text stands twice."""
    return [
        row for row, own in enumerate(texts.tolist()) if len(held := [t for t in own if t]) != len(set(held))
    ]


def _distinct(held: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where each different row stands first, and which of these every row is: rows by their bits."""
    rows = held.view(np.dtype((np.void, held.itemsize * held.shape[1]))).ravel()
    _, first, which = np.unique(rows, return_index=True, return_inverse=True)
    return first, which.ravel()
