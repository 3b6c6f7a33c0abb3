"""The rival that a statistician would try first: logistic regression on the same vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from training.evidence.evidence import REGRESSION
from training.evidence.rivals.rows import Foretold
from training.measures import logloss

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.spec import FeatureSpec
    from training.evidence.rivals.rows import Rows

STRENGTHS = (0.003, 0.03, 0.3, 3.0)
"""C, the inverse of the ridge's strength: from hardly more than the base rate to hardly any ridge."""

CHOSEN_ON = 40_000
"""The strength is chosen on at most so many rows."""

FARTHEST = 5.0
"""A value is kept within so many standard deviations, so that one odd lead does not decide."""


def by_regression(rows: Rows, tested: NDArray[np.float64], spec: FeatureSpec) -> Foretold | None:
    """Return what logistic regression foretells; None where no feature is known of any row.

    It is a ridge, its strength chosen by log loss over folds of leads. Numbers are standardised, with the
    median for what is missing and an indicator of it; categories have a column a value, one of them for what
    is missing.
    """
    if np.isnan(rows.values).all():
        return None
    strength = _strength(rows, spec)
    chosen = _pipeline(spec, rows.values, strength).fit(rows.values, rows.labels)
    said = f"ridge (C = {strength:g}, chosen by log loss) on the same vectors, {len(rows.labels):,} rows"
    return Foretold(REGRESSION, said, np.asarray(chosen.predict_proba(tested)[:, 1]))


def _strength(rows: Rows, spec: FeatureSpec) -> float:
    few = np.zeros(len(rows.labels), np.bool_)
    few[np.random.default_rng(0).permutation(len(few))[:CHOSEN_ON]] = True
    lost = dict.fromkeys(STRENGTHS, 0.0)
    for fold in np.unique(rows.fold):
        own, others = few & (rows.fold == fold), few & (rows.fold != fold)
        if not own.any() or len(np.unique(rows.labels[others])) < 2:
            continue
        for strength in STRENGTHS:
            fitted = _pipeline(spec, rows.values[others], strength).fit(
                rows.values[others], rows.labels[others]
            )
            foretold = np.asarray(fitted.predict_proba(rows.values[own])[:, 1])
            lost[strength] += float(own.sum()) * logloss(rows.labels[own], foretold, np.ones(len(foretold)))
    return min(STRENGTHS, key=lambda strength: lost[strength])


def _pipeline(spec: FeatureSpec, values: NDArray[np.float64], strength: float) -> Pipeline:
    is_category = np.asarray([feature.is_category for feature in spec.features])
    known = ~np.isnan(values).all(axis=0)
    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        StandardScaler(),
        FunctionTransformer(_within),
    )
    steps: list[tuple[str, Any, NDArray[np.int64]]] = [
        ("numbers", numbers, np.flatnonzero(known & ~is_category)),
        (
            "categories",
            OneHotEncoder(handle_unknown="ignore", sparse_output=False),
            np.flatnonzero(is_category),
        ),
    ]
    return make_pipeline(
        ColumnTransformer([step for step in steps if len(step[2])]),
        LogisticRegression(C=strength, solver="newton-cholesky", max_iter=50),
    )


def _within(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(values, -FARTHEST, FARTHEST)
