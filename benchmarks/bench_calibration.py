"""Whether probabilities hold on held-out leads of the same period: real data sets, ten seeded splits each.

    python benchmarks/bench_calibration.py --data ../shared/data

In each split 30 % of the leads are held out; we fit on the others with the defaults. The calibration error
(10 bins of equal mass) of the held-out rows is compared with what a perfectly calibrated model shows at that
size: labels are drawn from the probabilities themselves, 1,000 times; the 95th percentile of their errors is
what a perfect model stays below in 95 of 100 cases.

Promised: in the median of the splits of each data set the error is below that. Exit code 1 where it is not.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from real_examples import FOLDER, real_examples

from training.examples import Examples
from training.fitting.fit import fit
from training.fitting.recipe import Recipe
from training.measures import calibration_error

_HELD_OUT = 0.3
_DRAWS = 1_000


def main() -> int:
    """Measure each data set and print figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=FOLDER, help="the folder of the real data sets")
    parser.add_argument("--sets", nargs="*", default=["xeducation", "olist", "relax", "hillstrom"])
    parser.add_argument("--splits", type=int, default=10)
    chosen = parser.parse_args()
    kept = True
    for name, examples in real_examples(chosen.data, chosen.sets):
        found = [in_split(examples, seed) for seed in range(chosen.splits)]
        ratios = [error / limit for error, limit, _ in found]
        median = float(np.median(ratios))
        kept &= median <= 1.0
        error, limit = np.median([f[0] for f in found]), np.median([f[1] for f in found])
        chosen_methods = ", ".join(f"{m} {n}" for m, n in Counter(f[2] for f in found).most_common())
        print(
            f"{name}: calibration error {error:.4f}, limit {limit:.4f} (medians); error over limit: median "
            f"{median:.2f}, {min(ratios):.2f} to {max(ratios):.2f}; calibration: {chosen_methods}",
            flush=True,
        )
    print("promise kept" if kept else "promise NOT kept")
    return int(not kept)


def in_split(examples: Examples, seed: int) -> tuple[float, float, str]:
    """Return the calibration error, the limit, and the calibration that was chosen."""
    history = examples.history
    owners = int(history.owner.max()) + 1
    held_out = np.zeros(owners, np.bool_)
    held_out[np.random.default_rng(seed).permutation(owners)[: round(_HELD_OUT * owners)]] = True
    out_learned, out_census = (
        held_out[history.owner[rows.lead]] for rows in (examples.learned, examples.census)
    )
    fitted = fit(history, examples.learned.where(~out_learned), examples.census.where(~out_census), Recipe())
    tested, scorer = examples.census.where(out_census), fitted.scorer
    values = history.vectors(scorer.spec, tested.lead, tested.as_of).values
    p = scorer.calibration.at(scorer.margins_alone(values))[0]
    error = calibration_error(tested.label, p, np.ones(len(p)))
    return error, perfect_limit(p, seed), fitted.calibration.method


def perfect_limit(p: NDArray[np.float64], seed: int) -> float:
    """Return the 95th percentile of the calibration error where each label is drawn with its probability."""
    rng = np.random.default_rng(seed)
    one = np.ones(len(p))
    drawn = ((rng.random(len(p)) < p).astype(np.float64) for _ in range(_DRAWS))
    return float(np.quantile([calibration_error(labels, p, one) for labels in drawn], 0.95))


if __name__ == "__main__":
    sys.exit(main())
