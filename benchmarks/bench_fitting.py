"""What fitting costs beside `lightgbm.train` of the same trees on the same binned Dataset.

    python benchmarks/bench_fitting.py --rows 1000000 --features 100 --folds 3

Generated vectors with a known shape (numbers, some not known, a category), one row a lead, the defaults
(--budget 0). `fit` itself is called, and the functions that it calls are timed on the way; then
`lightgbm.train` grows the same number of trees on the whole of the same Dataset. Stated apart: binning,
which is done once, the choice of the number of trees, and exact contributions for the ranks of the families.

Promised: all else that `fit` does (fold models, predictions out of fold, calibration with its choice and its
band, the final model, and whatever is not named) within (folds + 1) x 1.3 of `lightgbm.train`. Exit code 1
where the promise is not kept.
"""

import argparse
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import lightgbm
import numpy as np
from numpy.typing import NDArray

from features.events import NO_TIME
from features.learning import CellCount, Survey
from features.mapping import mapping_from
from features.snapshots import Moments
from features.vectors import Vectors
from models.boosting import Boosting
from training.fitting import fit as fitting
from training.fitting.recipe import MOST_TREES, Recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from features.errors import Fault
    from features.past import Past

_PROMISED = 1.3
_APART = {
    "binned": "binning, once",
    "trees_for": "number of trees",
    "contributions_by_fold": "contributions for ranks",
}
_STAGES = _APART | {
    "fold_boosters": "fold models",
    "margins_by_fold": "predictions out of fold",
    "chosen_calibration": "calibration",
    "grow": "final model",
}


@dataclass
class Watch:
    """What the functions that `fit` calls took and returned, by their names."""

    seconds: dict[str, float] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)

    def on(self, name: str) -> None:
        """Have the function of that name timed wherever `fit` calls it."""
        called: Callable[..., Any] = getattr(fitting, name)

        def timed(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            self.results[name] = result = called(*given, **named)
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began
            return result

        setattr(fitting, name, timed)


class MadePast:
    """Leads whose vectors are made already: to ask for them costs nothing."""

    def __init__(self, rows: int, features: int) -> None:
        self.mapping = mapping_from(
            {"leads": {"path": "made.csv", "id": "id"}, "outcomes": {"label": "label", "positive": 1}}
        )
        self.values, self.labels = made(rows, features)
        self.owner = np.arange(rows)
        self.owner_hash = (self.owner * 2_654_435_761 % 2**32).astype(np.uint32)
        self.created_at = np.full(rows, NO_TIME)

    def __len__(self) -> int:
        return len(self.values)

    def survey(self, _leads: NDArray[np.int64], _as_of: NDArray[np.int64]) -> Survey:
        """Return what gives a spec of as many features: a category, numbers, and how complete a lead is."""
        cells = {"n0": list("abcdefghij")}
        cells |= {f"n{at}": [f"{at + n / 8}" for n in range(99)] for at in range(1, self.values.shape[1] - 1)}
        return Survey({name: {cell: CellCount(cell, 100) for cell in of} for name, of in cells.items()}, {})

    def vectors(self, *_asked: Any) -> Vectors:
        """Return the vectors of all leads."""
        faults: dict[int, tuple[Fault, ...]] = {}
        return Vectors(self.values, faults, ())


def main() -> int:
    """Time `fit`, its stages and `lightgbm.train`, and print ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--features", type=int, default=100)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--trees", type=int, default=MOST_TREES, help="the most that may be grown")
    chosen = parser.parse_args()
    past = MadePast(chosen.rows, chosen.features)
    rows = Moments(past.owner, np.zeros(chosen.rows, np.int64), past.labels)
    recipe, watch = Recipe(boosting=Boosting(num_trees=chosen.trees), folds=chosen.folds), Watch()
    for name in _STAGES:
        watch.on(name)
    size = f"{chosen.rows:,} rows x {chosen.features} features, {chosen.folds} folds"
    print(f"{size}, base rate {past.labels.mean():.1%}")
    began = time.perf_counter()
    fitted = fitting.fit(cast("Past", past), rows, rows, recipe)
    whole = time.perf_counter() - began
    if len(fitted.scorer.spec.features) != chosen.features:
        raise SystemExit("the spec has not the features that were made")
    for name, said in _STAGES.items():
        print(f"  {said:40} {watch.seconds[name]:8.1f} s")
    print(f"  {'what else fit does':40} {whole - sum(watch.seconds.values()):8.1f} s")
    dataset, trees = watch.results["binned"], watch.results["trees_for"]
    began = time.perf_counter()
    lightgbm.train(recipe.boosting.parameters(chosen.rows), dataset, num_boost_round=trees)
    alone = time.perf_counter() - began
    print(f"  {'lightgbm.train':40} {alone:8.1f} s, {trees} trees")
    ours = whole - sum(watch.seconds[name] for name in _APART)
    ratio = ours / (alone * (recipe.folds + 1))
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
