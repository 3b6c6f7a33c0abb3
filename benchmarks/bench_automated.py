"""Our features beside automated ones: LightGBM on ours, and on featuretools' deep feature synthesis.

    python benchmarks/bench_automated.py --leads 5000 --seeds 1 2 --relax ../shared/data

The same examples (one moment a lead), labels, split in time and boosting for both; per history the AUC of
each on the later 30 % of the leads, and the paired bootstrap interval (by lead, 1,000 resamples, 95 %) of
the difference. Generated histories, and Relax where its folder is given and there.

featuretools fails with pandas 3, so it runs in an environment of its own (--environment), made with pip
where it is not there yet. It gets the leads' columns as they stood and the events visible at the moment.
The times of each example are shifted so that its moment is one common cutoff: features that count and measure
time differences are the same as with a cutoff for each example, which would take hours; weekdays and hours
are those of the shifted times.

Promised: no interval lies below zero. Exit code 1 where the promise is not kept.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.events import NO_TIME
from features.mapping import Mapping, read_mapping
from features.reading.company_files import read_tables
from features.snapshots import Moments, joined_moments
from models.boosting import Boosting, fit_booster, margins_of
from training.examples import Examples, cut_examples
from training.fitting.fit import learned_spec
from training.fitting.recipe import Recipe
from training.measures import auc
from training.synthetic import History, generate

_WANTED = ("featuretools==1.31.0", "pandas<3", "setuptools<81")
_DAY = 86_400_000_000
_AGE = 30 * _DAY
_COMMON = pd.Timestamp("2020-01-06")
_RELAX = Path(__file__).parent.parent / "examples" / "relax" / "leadlens.toml"
_SAVED = Path(tempfile.gettempdir()) / "leadlens-featuretools-1.31"


@dataclass(frozen=True)
class Found:
    """What a set of features is worth: margins of the tested rows, how many features, and the seconds."""

    margins: NDArray[np.float64]
    features: int
    seconds: float
    gains: list[tuple[str, float]]


def main() -> int:
    """Compare on each history, and print AUCs, differences, intervals and times."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", type=int, default=5_000)
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--relax", type=Path, help="the folder that holds relax/users.csv")
    parser.add_argument("--environment", type=Path, default=_SAVED)
    parser.add_argument("--gains", action="store_true", help="print what each model gains most by")
    chosen = parser.parse_args()
    python = environment(chosen.environment)
    if python is None:
        return 0
    kept = True
    with tempfile.TemporaryDirectory() as folder:
        for seed in chosen.seeds:
            made = generate(History(leads=chosen.leads, seed=seed), Path(folder) / f"seed{seed}")
            said_of = f"generated, {chosen.leads:,} leads, seed {seed}"
            mapping = at_one_age(read_mapping(made.mapping))
            kept &= compare(said_of, mapping, made.mapping.parent, python, gains=chosen.gains)
        if chosen.relax and (chosen.relax / "relax").is_dir():
            kept &= compare("Relax", read_mapping(_RELAX), chosen.relax, python, gains=chosen.gains)
        else:
            print("Relax: not here (--relax names no folder that holds it)")
    print("promise kept" if kept else "promise NOT kept")
    return int(not kept)


def environment(folder: Path) -> Path | None:
    """Return the Python that has featuretools; make its environment if missing. None: it cannot be."""
    python = folder / "bin" / "python"
    try:
        if not python.exists():
            print(f"making {folder} with {', '.join(_WANTED)}", flush=True)
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
            pip = [str(python), "-m", "pip", "install", "--quiet", *_WANTED]
            subprocess.run(pip, check=True, capture_output=True)
        subprocess.run([str(python), "-c", "import featuretools"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as problem:
        print(f"SKIPPED: featuretools cannot be installed here ({problem})")
        return None
    return python


def at_one_age(mapping: Mapping) -> Mapping:
    """Return the mapping with one moment a lead: at the age of 30 days."""
    training = mapping.training.model_copy(update={"snapshot_at": (_AGE,), "snapshot_every": None})
    return mapping.model_copy(update={"training": training})


def compare(said_of: str, mapping: Mapping, folder: Path, python: Path, *, gains: bool) -> bool:
    """Print a comparison, and return whether its interval is not below zero."""
    cut = cut_examples(read_tables(mapping, folder), mapping)
    learned, tested = _split(cut, mapping)
    ours = by_leadlens(cut, learned, tested)
    theirs = by_dfs(cut, learned, tested, python)
    low, high = interval(tested, ours.margins, theirs.margins)
    one = np.ones(len(tested))
    aucs = [auc(tested.label, found.margins, one) for found in (ours, theirs)]
    print(f"{said_of}: {len(learned):,} examples to learn from, {len(tested):,} tested")
    for name, found, worth in (("leadlens", ours, aucs[0]), ("featuretools", theirs, aucs[1])):
        print(f"  {name:13} AUC {worth:.4f}  {found.features:4} features in {found.seconds:8.2f} s")
        if gains:
            print("   ", ", ".join(f"{feature} {gain:.0f}" for feature, gain in found.gains))
    print(f"  difference {aucs[0] - aucs[1]:+.4f} [{low:+.4f}, {high:+.4f}]", end="; ")
    print(f"featuretools takes {theirs.seconds / ours.seconds:.0f} x as long", flush=True)
    return high >= 0.0


def _split(cut: Examples, mapping: Mapping) -> tuple[Moments, Moments]:
    """Return what is learned from and what is tested: later leads, and no label reaches into their time."""
    examples = cut.learned
    since = np.quantile(examples.as_of, 0.7)
    elapsed = examples.as_of + (mapping.training.horizon or 0) <= since
    return examples.where(elapsed), examples.where(examples.as_of > since)


def by_leadlens(cut: Examples, learned: Moments, tested: Moments) -> Found:
    """Return the margins of boosting on our features."""
    began = time.perf_counter()
    spec = learned_spec(cut.history, learned, Recipe())
    values = [cut.history.vectors(spec, part.lead, part.as_of).values for part in (learned, tested)]
    seconds = time.perf_counter() - began
    booster = fit_booster(values[0], learned.label, learned.weight, spec, Boosting())
    return Found(margins_of(booster, values[1]), len(spec.names), seconds, _gains(booster, spec.names))


def by_dfs(cut: Examples, learned: Moments, tested: Moments, python: Path) -> Found:
    """Return the margins of the same boosting on deep feature synthesis."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        both = joined_moments([learned, tested])
        write_entities(cut, both, folder)
        program = Path(__file__).parent / "features_by_dfs.py"
        subprocess.run([str(python), str(program), str(folder)], check=True, capture_output=True)
        matrix = pd.read_csv(folder / "matrix.csv", index_col="example").sort_index()
        told = json.loads((folder / "seconds.json").read_text())
    values = np.ascontiguousarray(matrix.to_numpy(np.float64))
    names = [str(name) for name in matrix.columns]
    spec: Any = SimpleNamespace(features=[SimpleNamespace(is_category=False)] * len(names))
    booster = fit_booster(values[: len(learned)], learned.label, learned.weight, spec, Boosting())
    margins = margins_of(booster, values[len(learned) :])
    return Found(margins, len(names), told["seconds"], _gains(booster, names))


def write_entities(cut: Examples, moments: Moments, folder: Path) -> None:
    """Write the leads as they stood, and the events visible at each example's moment, at shifted times."""
    batch = cut.history.at(moments.lead, moments.as_of)
    common = int(_COMMON.value // 1000)
    shift = common - moments.as_of
    created = np.where(batch.created_at == NO_TIME, moments.as_of, batch.created_at) + shift
    leads = pd.DataFrame({"example": np.arange(len(moments))}).assign(
        created_at=created.view("datetime64[us]")
    )
    categories = []
    for name, cells in batch.cells.items():
        column = pd.Series(list(cells))
        numbers = pd.to_numeric(column, errors="coerce")
        if column.notna().any() and numbers.notna().sum() == column.notna().sum():
            leads[name] = numbers
        elif column.nunique() <= len(moments) // 20:
            leads[name] = column.astype("str")
            categories.append(name)
    leads.to_csv(folder / "leads.csv", index=False)
    log = batch.events
    sizes = np.diff(log.offsets)[batch.owner]
    example = np.repeat(np.arange(len(moments)), sizes)
    rows = np.concatenate([np.arange(log.offsets[o], log.offsets[o + 1]) for o in batch.owner.tolist()])
    visible = np.maximum(log.occurred_at, log.known_at)[rows] <= moments.as_of[example]
    rows, example = rows[visible], example[visible]
    names = np.asarray([*log.keys, None], object)
    events = pd.DataFrame(
        {
            "event": np.arange(len(rows)),
            "example": example,
            "occurred_at": (log.occurred_at[rows] + shift[example]).astype("datetime64[us]"),
            "type": names[log.key[rows]],
            "detail": names[log.detail_key[rows]],
            "is_touch": log.is_touch[rows],
            "value": log.value[rows],
        }
    )
    events.to_csv(folder / "events.csv", index=False)
    types = events["type"].value_counts().index[:24].tolist()
    about = {"categories": categories, "types": types, "as_of": _COMMON.isoformat()}
    (folder / "about.json").write_text(json.dumps(about))


def interval(
    tested: Moments, ours: NDArray[np.float64], theirs: NDArray[np.float64], resamples: int = 1_000
) -> tuple[float, float]:
    """Return the 95 % interval of the AUC difference: leads are drawn anew, both judged on the same."""
    rng = np.random.default_rng(7)
    rows = len(tested)
    differences = []
    for _ in range(resamples):
        weights = np.bincount(rng.integers(0, rows, rows), minlength=rows).astype(np.float64)
        differences.append(auc(tested.label, ours, weights) - auc(tested.label, theirs, weights))
    low, high = np.quantile(differences, [0.025, 0.975])
    return float(low), float(high)


def _gains(booster: Any, names: list[str]) -> list[tuple[str, float]]:
    gains = booster.feature_importance("gain")
    return [(names[at], float(gains[at])) for at in np.argsort(-gains)[:12]]


if __name__ == "__main__":
    sys.exit(main())
