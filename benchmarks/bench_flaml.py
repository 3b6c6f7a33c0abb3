"""Our search beside FLAML's: the same feature vectors, folds and seconds, LightGBM alone, log loss.

    python benchmarks/bench_flaml.py --data ../shared/data --budget 120
    python benchmarks/bench_flaml.py --data ../shared/data --budget 20 --folds 3 4 --sets olist relax

The leads of each tested fold are foretold by who searched on all other folds for so many seconds and then
fitted on them (ours as `leadlens train --budget` does, calibrated; FLAML's as it refits by itself).
Per data set, over all tested folds together: log loss and AUC of both, and the paired bootstrap interval (by
lead, 1,000 resamples, 95 %) of the differences, positive where ours is better.

FLAML runs in an environment of its own (--environment), made with pip where it is not there yet. --budget 0
compares our defaults with FLAML at --seconds.

Promised: no interval lies below zero. Exit code 1 where the promise is not kept.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from real_examples import FOLDER, real_examples

from features.snapshots import Moments
from training.examples import Examples
from training.fitting.fit import fit, learned_spec
from training.fitting.folds import folds_of
from training.fitting.recipe import Recipe
from training.fitting.search import Effort, search
from training.measures import auc, logloss

_WANTED = ("flaml[automl]", "lightgbm", "pyarrow")
_SAVED = Path(tempfile.gettempdir()) / "leadlens-flaml"
_RESAMPLES = 1_000

Loss = Callable[[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]], float]


def main() -> int:
    """Compare on each data set and print figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=FOLDER, help="the folder of the real data sets")
    parser.add_argument("--sets", nargs="*", default=["xeducation", "olist", "relax", "hillstrom"])
    parser.add_argument("--budget", type=float, default=120.0, help="our seconds; 0 for the defaults")
    parser.add_argument("--seconds", type=float, help="FLAML's seconds, where they differ")
    parser.add_argument("--folds", type=int, nargs="*", default=[0, 1, 2, 3, 4])
    parser.add_argument("--environment", type=Path, default=_SAVED)
    chosen = parser.parse_args()
    python = environment(chosen.environment)
    if python is None:
        return 0
    kept = True
    for name, examples in real_examples(chosen.data, chosen.sets):
        seconds = chosen.budget if chosen.seconds is None else chosen.seconds
        kept &= compare(name, examples, chosen.folds, chosen.budget, seconds, python)
    print("promise kept" if kept else "promise NOT kept")
    return int(not kept)


def environment(folder: Path) -> Path | None:
    """Return the Python that has FLAML; make its environment if missing. None: it cannot be."""
    python = folder / "bin" / "python"
    try:
        if not python.exists():
            print(f"making {folder} with {', '.join(_WANTED)}", flush=True)
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
            pip = [str(python), "-m", "pip", "install", "--quiet", *_WANTED]
            subprocess.run(pip, check=True, capture_output=True)
        subprocess.run([str(python), "-c", "import flaml.automl"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as problem:
        print(f"SKIPPED: FLAML cannot be installed here ({problem})")
        return None
    return python


def compare(
    name: str, examples: Examples, folds: list[int], budget: float, seconds: float, python: Path
) -> bool:
    """Print a comparison, and return whether no interval lies below zero."""
    fold_of = folds_of(examples.history, Recipe())
    labels, ours, theirs, owner = [], [], [], []
    spent = np.zeros(2)
    for fold in folds:
        learned = examples.learned.where(fold_of[examples.learned.lead] != fold)
        census = examples.census.where(fold_of[examples.census.lead] != fold)
        tested = examples.census.where(fold_of[examples.census.lead] == fold)
        began = time.perf_counter()
        ours.append(by_leadlens(examples, learned, census, tested, budget))
        spent[0] += time.perf_counter() - began
        found, took = by_flaml(examples, learned, tested, seconds, python)
        theirs.append(found)
        spent[1] += took
        labels.append(tested.label)
        owner.append(examples.history.owner[tested.lead])
    label, lead = np.concatenate(labels), np.concatenate(owner)
    both = np.concatenate(ours), np.concatenate(theirs)
    print(f"{name}: {len(label):,} rows tested, {label.mean():.1%} convert; seconds {spent.round()}")
    kept = True
    for said, measure, sign in (("log loss", logloss, -1), ("AUC", auc, 1)):
        values = [measure(label, p, np.ones(len(label))) for p in both]
        low, high = interval(label, both, lead, measure, sign)
        better = sign * (values[0] - values[1])
        print(
            f"  {said:9} leadlens {values[0]:.5f}  FLAML {values[1]:.5f}  "
            f"ours better by {better:+.5f} [{low:+.5f}, {high:+.5f}]",
            flush=True,
        )
        kept &= high >= 0.0
    return kept


def by_leadlens(
    examples: Examples, learned: Moments, census: Moments, tested: Moments, budget: float
) -> NDArray[np.float64]:
    """Return our probabilities of the tested rows."""
    recipe = Recipe()
    if budget > 0:
        recipe = search(examples.history, learned, recipe, Effort(seconds=budget)).recipe
    scorer = fit(examples.history, learned, census, recipe).scorer
    values = examples.history.vectors(scorer.spec, tested.lead, tested.as_of).values
    return scorer.calibration.at(scorer.booster.predict(values, raw_score=True))[0]


def by_flaml(
    examples: Examples, learned: Moments, tested: Moments, seconds: float, python: Path
) -> tuple[NDArray[np.float64], float]:
    """Return FLAML's probabilities of the tested rows, and its seconds."""
    spec = learned_spec(examples.history, learned, Recipe())
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name, rows in (("learned", learned), ("tested", tested)):
            values = examples.history.vectors(spec, rows.lead, rows.as_of).values
            frame = pd.DataFrame(values, columns=[f"f{i}" for i in range(values.shape[1])])
            for i, feature in enumerate(spec.features):
                if feature.is_category:
                    codes = range(len(feature.vocabulary) + 1)
                    frame[f"f{i}"] = pd.Categorical(frame[f"f{i}"], categories=[float(c) for c in codes])
            if name == "learned":
                frame = frame.assign(label=rows.label, weight=rows.weight)
            frame.to_parquet(folder / f"{name}.parquet")
        program = Path(__file__).parent / "search_by_flaml.py"
        threads = os.environ.get("OMP_NUM_THREADS") or str(os.cpu_count())
        command = [str(python), str(program), str(folder), str(seconds), str(Recipe().seed), threads]
        subprocess.run(command, check=True, capture_output=True)
        about = json.loads((folder / "about.json").read_text())
        return np.load(folder / "probabilities.npy"), about["seconds"]


def interval(
    label: NDArray[np.float64],
    both: tuple[NDArray[np.float64], NDArray[np.float64]],
    lead: NDArray[np.int64],
    measure: Loss,
    sign: int,
) -> tuple[float, float]:
    """Return the 95 % interval of how much ours is better: leads are drawn anew, both judged on the same."""
    rng = np.random.default_rng(7)
    _, owner = np.unique(lead, return_inverse=True)
    leads = int(owner.max()) + 1
    found = []
    for _ in range(_RESAMPLES):
        weights = np.bincount(rng.integers(0, leads, leads), minlength=leads).astype(np.float64)[owner]
        found.append(sign * (measure(label, both[0], weights) - measure(label, both[1], weights)))
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


if __name__ == "__main__":
    sys.exit(main())
