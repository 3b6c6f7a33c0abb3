"""The texts of many leads' reasons as columns, each text once: what `Score.reasons` says, without scores."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from features.words.plain import sentence
from models.reasons.apart import distinct
from models.reasons.largest import NOBODY, Largest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from models.reasons.telling import Reasoning

UNTOLD = -1
"""Stands for a text where there is none."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What n rows are told, in `told`, which holds each text once.

    `text` int32 (n, k) are positions in `told`, UNTOLD where a row has fewer reasons; `rest` int32 (n,) those
    of the last reasons. Of rows that were left out all are UNTOLD.
    """

    told: tuple[str, ...]
    text: NDArray[np.int32]
    rest: NDArray[np.int32]


class Told:
    """Texts by their positions: the same text has one."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def at(self, text: str) -> int:
        """Return the position of a text, which is new or was told before."""
        return self._places.setdefault(text, len(self._places))

    @property
    def texts(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(self._places)


def texts_of(
    reasoning: Reasoning,
    values: NDArray[np.float64],
    largest: Largest,
    not_known: NDArray[np.int32],
    left_out: Iterable[int] = (),
) -> Texts:
    """Return the texts that `Reasoning.told` gives for n rows, as columns.

    `values` float64 (n, features), `not_known` int32 (n, named) as in `Rated`. Rows that are `left_out`, such
    as those with faults, are not told. What many leads have in common is said once: leads with the same
    values of a group have the same text.
    """
    told = Told()
    group = largest.group.copy()
    group[list(left_out)] = NOBODY
    text = np.full(group.shape, UNTOLD, np.int32)
    order = np.argsort(group, axis=None, kind="stable")
    cuts = np.searchsorted(group.ravel()[order], np.arange(len(reasoning.groups) + 1))
    for at, (start, stop) in enumerate(pairwise(cuts.tolist())):
        if start < stop:
            own = order[start:stop]
            text.ravel()[own] = _of_group(reasoning, at, values[own // group.shape[1]], told)
    _told_apart(reasoning, group, text, told)
    named: dict[tuple[int, ...], int] = {}
    rest = np.empty(len(group), np.int32)
    for row, groups in enumerate(map(tuple, not_known.tolist())):
        if groups not in named:
            named[groups] = told.at(reasoning.missing.said(groups))
        rest[row] = named[groups]
    rest[list(left_out)] = UNTOLD
    return Texts(told.texts, text, rest)


def _of_group(reasoning: Reasoning, at: int, vectors: NDArray[np.float64], told: Told) -> list[int]:
    """Return the positions of a group's texts for rows of vectors; equal values are said once."""
    held = np.ascontiguousarray(vectors[:, list(reasoning.groups[at].positions)])
    keys = [row.tobytes() for row in held]
    first = {key: row for row, key in reversed(list(enumerate(keys)))}
    places = {key: told.at(sentence(reasoning.phrase(at, held[row].tolist()))) for key, row in first.items()}
    return [places[key] for key in keys]


def _told_apart(reasoning: Reasoning, group: NDArray[np.int32], text: NDArray[np.int32], told: Told) -> None:
    """Tell apart the reasons of the few rows that would say a sentence twice, as one row alone does."""
    beside = np.sort(text, axis=1)
    twice = ((beside[:, 1:] == beside[:, :-1]) & (beside[:, 1:] != UNTOLD)).any(axis=1)
    texts = told.texts if twice.any() else ()
    for row in np.flatnonzero(twice).tolist():
        said: set[str] = set()
        for place, (at, position) in enumerate(zip(group[row].tolist(), text[row].tolist(), strict=True)):
            if at == NOBODY:
                break
            one = texts[position]
            if one in said:
                one = distinct(reasoning.apart[at], one, said)
                text[row, place] = told.at(one)
            said.add(one)
