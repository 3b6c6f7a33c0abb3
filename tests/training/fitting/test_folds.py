from dataclasses import replace

import numpy as np
import pandas as pd
from small_company import a_mapping, generated_tables, tables

from features.hashing import lead_hashes
from features.history import History
from training.fitting.folds import folds_of, parts_of
from training.fitting.recipe import Recipe

RECIPE = Recipe()


def test_rows_of_one_lead_share_a_fold() -> None:
    rows, _, _ = generated_tables(103)
    fold_of = folds_of(History(tables([*rows, *rows[:50]]), a_mapping()), RECIPE)
    assert (fold_of[103:] == fold_of[:50]).all()


def test_a_lead_keeps_its_fold_whoever_comes_or_goes() -> None:
    rows, _, _ = generated_tables(200)
    whole = folds_of(History(tables(rows), a_mapping()), RECIPE)
    some = folds_of(History(tables(rows[70:][::-1]), a_mapping()), replace(RECIPE, seed=99))
    assert (some[::-1] == whole[70:]).all()


def test_folds_are_of_like_size_within_every_bucket() -> None:
    """A bucket is the same hash modulo their number: unmixed, a bucket of ten would be one fold of five."""
    hashes = lead_hashes(pd.Series([f"L-{n}" for n in range(50_000)], dtype="str"))
    for of_bucket in (hashes, hashes[hashes % 10 == 0], hashes[hashes % 25 == 3]):
        sizes = np.bincount(parts_of(of_bucket, 5, "folds"), minlength=5) / len(of_bucket)
        assert np.abs(sizes - 0.2).max() < 4 * np.sqrt(0.16 / len(of_bucket))


def test_parts_for_another_purpose_are_independent() -> None:
    hashes = lead_hashes(pd.Series([f"L-{n}" for n in range(50_000)], dtype="str"))
    folds, parts = (parts_of(hashes, 5, purpose) for purpose in ("folds", "validation"))
    shares = np.bincount(folds * 5 + parts, minlength=25) / len(hashes)
    assert np.abs(shares - 0.04).max() < 4 * np.sqrt(0.0384 / len(hashes))
