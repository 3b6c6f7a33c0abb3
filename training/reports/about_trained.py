"""What is kept with a scorer, made of a training."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING, Any

import numpy as np

from features.durations import spelled
from features.told_times import day_of, moment_of
from training.about import About, DataUsed

if TYPE_CHECKING:
    from features.past import Past
    from features.snapshots import Moments
    from features.spec import FeatureSpec
    from models.scorer import LeadScorer
    from training.auditing.audit import Audit
    from training.examples import Examples
    from training.promotion.comparison import Comparison
    from training.train import Trained

LIBRARIES = ("leadlens", "lightgbm", "numpy", "pandas", "scipy", "scikit-learn", "numba")
ROWS_AT_ONCE = 200_000
"""So many vectors are held at once while they are summed up."""


def about_of(
    trained: Trained,
    *,
    command: str,
    audit: Audit | None = None,
    kept: tuple[str, ...] = (),
    comparison: Comparison | None = None,
) -> About:
    """Return what is to be kept of a training; `command` as one would type it."""
    return About(
        evidence=trained.evidence,
        recipe=trained.recipe.to_dict(),
        data=data_used(trained.examples, trained.scorer),
        calibration=trained.fitted.calibration,
        trees=trained.fitted.trees,
        command=command,
        versions=library_versions(),
        audit=None if audit is None else audit.to_dict(),
        kept=kept,
        trials=len(trained.trials),
        comparison=None if comparison is None else comparison.to_dict(),
        explanations=trained.explanations,
    )


def data_used(examples: Examples[Any], scorer: LeadScorer) -> DataUsed:
    """Return what was learned from, in numbers and dates."""
    past, census = examples.history, examples.census
    horizon = past.mapping.training.horizon
    dated = past.mapping.is_dated
    return DataUsed(
        leads=len(past),
        examples=len(examples.learned),
        census=len(census),
        conversions=scorer.population.conversions,
        base_rate=scorer.population.base_rate,
        features=len(scorer.spec.features),
        first=day_of(int(census.as_of.min())) if dated and len(census) else None,
        last=day_of(int(census.as_of.max())) if dated and len(census) else None,
        extract_at=moment_of(past.extract_at) if dated else None,
        horizon=None if horizon is None or not dated else spelled(horizon),
        undated=tuple(past.undated()),
        sha256=rows_sha256(past, scorer.spec, examples.learned, census),
    )


def rows_sha256(past: Past, spec: FeatureSpec, *parts: Moments) -> str:
    """Return the SHA-256 of rows, in hexadecimal: leads by position, moments, labels, feature vectors.

    The same data and spec give the same digest; who the leads are does not enter it.
    """
    digest = hashlib.sha256("\n".join(spec.names).encode())
    for rows in parts:
        for start in range(0, len(rows), ROWS_AT_ONCE):
            some = slice(start, start + ROWS_AT_ONCE)
            lead, as_of, label = rows.lead[some], rows.as_of[some], rows.label[some]
            values = past.vectors(spec, lead, as_of).values
            for array, kind in ((lead, "<i8"), (as_of, "<i8"), (label, "<f8"), (values, "<f8")):
                digest.update(np.ascontiguousarray(array, dtype=kind).tobytes())
        digest.update(b"\0")
    return digest.hexdigest()


def library_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that a fit rests on."""
    return {"python": platform.python_version(), **{name: installed_version(name) for name in LIBRARIES}}
