"""The rival that CRMs ship: how often leads with each value converted, multiplied as if independent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.evidence.evidence import BAYES
from training.evidence.rivals.rows import Foretold
from training.evidence.rivals.sigmoid import fit_sigmoid, out_of_fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.spec import FeatureSpec
    from training.evidence.rivals.rows import Rows
    from training.evidence.rivals.sigmoid import Sigmoid

SMOOTHING = 1.0
"""As if each value had been seen once more among the converted and once among the others (Laplace)."""

_FIELDS = {"category", "channel", "boolean", "contains"}


def by_naive_bayes(rows: Rows, tested: NDArray[np.float64], spec: FeatureSpec) -> Foretold | None:
    """Return what frequencies foretell; None where no field is a category or a yes or no.

    The log-odds are those of scikit-learn's CategoricalNB, but that a missing value says nothing. Taking
    fields for independent makes them too bold, so a sigmoid, fitted out of fold, makes them probabilities.
    """
    fields = np.asarray([i for i, f in enumerate(spec.features) if f.measure in _FIELDS], np.int64)
    if not len(fields):
        return None

    def fit(chosen: NDArray[np.bool_]) -> Sigmoid:
        return frequencies(rows.values[chosen][:, fields], rows.labels[chosen], fields)

    sigmoid = fit_sigmoid(out_of_fold(rows, fit), rows.labels)
    said = f"naive Bayes by the frequencies of {len(fields)} categories and yes or no fields"
    return Foretold(BAYES, said, sigmoid(fit(np.ones(len(rows.labels), np.bool_))(tested)))


def frequencies(
    codes: NDArray[np.float64], labels: NDArray[np.float64], fields: NDArray[np.int64] | None = None
) -> Sigmoid:
    """Return what gives vectors their log-odds, learned from codes (n, k), NaN where missing.

    `fields`: the positions in a vector of the k columns; None: the vectors hold nothing else. A value that
    was never seen counts as seen SMOOTHING times with either label.
    """
    ones = float(labels.sum())
    prior = float(np.log(ones / (len(labels) - ones)))
    tables = [_table(column, labels) for column in codes.T]

    def log_odds(values: NDArray[np.float64]) -> NDArray[np.float64]:
        found = np.full(len(values), prior)
        for column, table in zip((values if fields is None else values[:, fields]).T, tables, strict=True):
            known = ~np.isnan(column)
            # The last place is that of values which were never seen.
            found[known] += table[np.minimum(column[known].astype(np.int64), len(table) - 1)]
        return found

    return log_odds


def _table(column: NDArray[np.float64], labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log of the ratio of P(code | 1) and P(code | 0), by code; the last for any other code."""
    known = ~np.isnan(column)
    seen = column[known].astype(np.int64)
    size = int(seen.max(initial=-1)) + 1
    shares = []
    for label in (1.0, 0.0):
        counts = np.bincount(seen[labels[known] == label], minlength=size).astype(np.float64)
        total = counts.sum() + SMOOTHING * max(size, 1)
        shares.append(np.log(np.append(counts + SMOOTHING, SMOOTHING) / total))
    return np.asarray(shares[0] - shares[1])
