"""What fitting costs beside `lightgbm.train` of the same trees on the same binned Dataset.

    python benchmarks/bench_fitting.py --rows 1000000 --features 100 --folds 3

Generated vectors with a known shape (numbers, some not known, a category), one row a lead, the defaults
(--budget 0). In the same run: `lightgbm.train` on the whole Dataset; then our stages: fold models,
predictions out of fold, calibration with its choice and its band, the final model. Stated apart: binning,
which is done once, the choice of the number of trees, and exact contributions for the ranks of the families.

Promised: fold models, predictions, calibration and final model together within (folds + 1) x 1.3 of
`lightgbm.train`. Exit code 1 where the promise is not kept.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import lightgbm
import numpy as np
from numpy.typing import NDArray

from features.feature import Feature
from features.snapshots import Moments
from models.boosting import binned, grow
from models.scorer import contributions_of
from training.fitting.calibrating import chosen_calibration
from training.fitting.fit import CONTRIBUTION_ROWS
from training.fitting.folds import parts_of
from training.fitting.out_of_fold import fold_boosters, margins_by_fold
from training.fitting.recipe import Recipe
from training.fitting.stopping import trees_for
from training.fitting.validation import PARTS, Validation

_PROMISED = 1.3
_T = TypeVar("_T")


def main() -> int:
    """Time each stage and print ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--features", type=int, default=100)
    parser.add_argument("--folds", type=int, default=3)
    chosen = parser.parse_args()
    values, labels = made(chosen.rows, chosen.features)
    features = [Feature(f"n{i}", "number", "fit", f"n{i}") for i in range(chosen.features)]
    features[0] = replace(features[0], measure="category", vocabulary=tuple("abcdefghij"))
    rows = np.arange(chosen.rows)
    hashes = (rows * 2_654_435_761 % 2**32).astype(np.uint32)
    examples = Moments(rows, np.zeros(chosen.rows, np.int64), labels)
    recipe = Recipe(folds=chosen.folds)
    seconds: dict[str, float] = {}

    def timed(said: str, do: Callable[[], _T]) -> _T:
        began = time.perf_counter()
        result = do()
        seconds[said] = time.perf_counter() - began
        print(f"  {said:40} {seconds[said]:8.1f} s", flush=True)
        return result

    size = f"{chosen.rows:,} rows x {chosen.features} features, {chosen.folds} folds"
    print(f"{size}, base rate {labels.mean():.1%}")
    dataset = timed("binning, once", lambda: binned(values, labels, examples.weight, features))
    part = parts_of(hashes, PARTS, "validation")
    apart = [Validation(np.flatnonzero(part != n), np.flatnonzero(part == n)) for n in range(PARTS)]
    trees = timed("number of trees", lambda: trees_for(dataset, examples, apart, recipe.boosting))
    print(f"  {trees} trees")
    parameters = recipe.boosting.parameters(chosen.rows)
    timed("lightgbm.train", lambda: lightgbm.train(parameters, dataset, num_boost_round=trees))
    fold = parts_of(hashes, recipe.folds, "folds")
    asked = list(range(recipe.folds))
    boosters = timed(
        "fold models",
        lambda: fold_boosters(dataset, examples, fold, recipe.boosting, asked=asked, trees=trees),
    )
    margins = timed("predictions out of fold", lambda: margins_by_fold(boosters, values, fold))
    owner = hashes.astype(np.int64)
    timed("calibration", lambda: chosen_calibration(margins, labels, owner, seed=recipe.seed))
    final = timed("final model", lambda: grow(dataset, recipe.boosting, trees=trees))
    timed("contributions for ranks", lambda: contributions_of(final, values[:CONTRIBUTION_ROWS]))
    ours = sum(
        seconds[said] for said in ("fold models", "predictions out of fold", "calibration", "final model")
    )
    ratio = ours / (seconds["lightgbm.train"] * (recipe.folds + 1))
    print(f"{ours:.1f} s: {ratio:.2f} of (folds + 1) x lightgbm.train (promised {_PROMISED})")
    kept = ratio <= _PROMISED
    print("promise kept" if kept else "promise NOT kept")
    return int(not kept)


def made(rows: int, features: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return vectors, the first column a category, and labels that depend on some of them."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(rows, features))
    values[:, 0] = rng.integers(0, 10, rows)
    values[:, 1 : features // 3] = rng.poisson(2.0, (rows, features // 3 - 1))
    margin = -3.0 + 0.2 * values[:, 0] + values[:, -1] + 0.5 * np.maximum(values[:, -2], 0) * values[:, 1] / 2
    labels = (rng.random(rows) < 1 / (1 + np.exp(-margin))).astype(np.float64)
    for column in range(features // 2, features):
        values[rng.random(rows) < 0.2, column] = np.nan
    return values, labels


if __name__ == "__main__":
    sys.exit(main())
