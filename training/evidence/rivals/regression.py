"""The rival that a statistician would try first: logistic regression on the same vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from training.evidence.evidence import REGRESSION
from training.evidence.rivals.rows import Foretold, Rows
from training.measures import losses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.spec import FeatureSpec

STRENGTHS = (0.003, 0.03, 0.3, 3.0)
"""C, the inverse of the ridge's strength: from hardly more than the base rate to hardly any ridge."""

CHOSEN_ON = 8_000
"""The strength is chosen on at most so many rows."""

MOST_VALUES = 30
"""A category has at most so many columns; its rarest values share one."""

AT_ONCE = 20_000
"""Rows to foretell are prepared so many at a time: with a column a value they are wide."""

WITHIN = (0.001, 0.999)
"""Numbers are kept within these quantiles of the past, so that no odd lead decides what a unit is."""

LARGEST = 1e100
"""And no number is larger than this, whose square is still one."""


def by_regression(rows: Rows, tested: NDArray[np.float64], spec: FeatureSpec) -> Foretold | None:
    """Return what logistic regression foretells; None where no feature is known of any row.

    It is a ridge, its strength chosen by log loss over folds of leads. Numbers are kept within quantiles and
    standardised, with the median for what is missing and an indicator of it; categories have a column a
    value, one of them for what is missing.
    """
    if np.isnan(rows.values).all():
        return None
    rows, tested = _within(rows, tested, spec)
    strength = _strength(rows, spec)
    prepare = _preparation(spec, rows.values)
    fitted = _ridge(strength).fit(prepare.fit_transform(rows.values), rows.labels)
    said = f"ridge (C = {strength:g}, chosen by log loss) on the same vectors, {len(rows.labels):,} rows"
    return Foretold(REGRESSION, said, _foretold(fitted, prepare, tested))


def _foretold(
    fitted: LogisticRegression, prepare: ColumnTransformer, tested: NDArray[np.float64]
) -> NDArray[np.float64]:
    found = np.empty(len(tested))
    for first in range(0, len(tested), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        found[part] = _probabilities(fitted, prepare.transform(tested[part]))
    return found


def _strength(rows: Rows, spec: FeatureSpec) -> float:
    few = np.zeros(len(rows.labels), np.bool_)
    few[np.random.default_rng(0).permutation(len(few))[:CHOSEN_ON]] = True
    lost = dict.fromkeys(STRENGTHS, 0.0)
    for fold in np.unique(rows.fold):
        own, others = few & (rows.fold == fold), few & (rows.fold != fold)
        says_nothing = len(np.unique(rows.labels[others])) < 2 or np.isnan(rows.values[others]).all()
        if not own.any() or says_nothing:
            continue
        prepare = _preparation(spec, rows.values[others])
        learned, judged = prepare.fit_transform(rows.values[others]), prepare.transform(rows.values[own])
        ridge = _ridge(STRENGTHS[0]).set_params(warm_start=True)
        for strength in STRENGTHS:
            ridge.set_params(C=strength).fit(learned, rows.labels[others])
            foretold = _probabilities(ridge, judged)
            lost[strength] += float(losses(rows.labels[own], foretold).sum())
    return min(STRENGTHS, key=lambda strength: lost[strength])


def _ridge(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, solver="newton-cholesky", max_iter=50)


def _probabilities(fitted: LogisticRegression, prepared: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(fitted.predict_proba(prepared)[:, 1])


def _preparation(spec: FeatureSpec, values: NDArray[np.float64]) -> ColumnTransformer:
    """Return what makes columns of numbers of vectors; a feature that is never known is left out."""
    is_category = np.asarray([feature.is_category for feature in spec.features])
    known = ~np.isnan(values).all(axis=0)
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    categories = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=MOST_VALUES, sparse_output=False
    )
    steps: list[tuple[str, Any, NDArray[np.int64]]] = [
        ("numbers", numbers, np.flatnonzero(known & ~is_category)),
        ("categories", categories, np.flatnonzero(known & is_category)),
    ]
    return ColumnTransformer([step for step in steps if len(step[2])])


def _within(rows: Rows, tested: NDArray[np.float64], spec: FeatureSpec) -> tuple[Rows, NDArray[np.float64]]:
    """Return rows and tested vectors with numbers kept within the quantiles of the rows."""
    low, high = np.full((2, rows.values.shape[1]), [[-np.inf], [np.inf]])
    for i, feature in enumerate(spec.features):
        known = rows.values[~np.isnan(rows.values[:, i]), i]
        if len(known) and not feature.is_category:
            least = np.quantile(known, WITHIN[0], method="higher")
            most = np.quantile(known, WITHIN[1], method="lower")
            low[i], high[i] = np.clip([least, most], -LARGEST, LARGEST)
    return Rows(np.clip(rows.values, low, high), rows.labels, rows.fold), np.clip(tested, low, high)
