"""Folds: which leads a model of the recipe does not see, so that it can be asked about them."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.past import Past
    from training.fitting.recipe import Recipe


def folds_of(past: Past, recipe: Recipe) -> NDArray[np.int64]:
    """Return the fold of each lead row, int64 (rows,): the same for a lead in every training."""
    return parts_of(past.owner_hash, recipe.folds, "folds")


def parts_of(hashes: NDArray[np.uint32], parts: int, what_for: str) -> NDArray[np.int64]:
    """Return the part (0 to parts - 1) of each hash of an id, int64 (n,); equal hashes share a part.

    It rests on nothing else: a lead that comes or goes moves no other. Parts for different purposes are
    independent of each other and of the buckets of a prepared history, which are the same hash modulo their
    number: the hash is mixed with the name of the purpose by the finalizer of MurmurHash3 (Appleby 2011).
    """
    salt = np.uint32(zlib.crc32(what_for.encode()))
    mixed = hashes ^ salt
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        mixed = (mixed ^ (mixed >> np.uint32(shift))) * np.uint32(factor)
    mixed ^= mixed >> np.uint32(16)
    return (mixed % np.uint32(parts)).astype(np.int64)
