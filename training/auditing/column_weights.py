"""What a model makes of the columns: the share of its gain, and the AUC that it loses without them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np

from features.leakage.audit import folds_of
from features.learning import learn_spec
from features.vectors import vectorise
from models.boosting import Boosting, fit_booster, margins_of
from training.measures import auc

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from training.auditing.audited import Audited

QUICK = Boosting(num_trees=60, learning_rate=0.1)
"""Half the trees at twice the rate: what a column weighs shows as well, in half the time."""

HELD_OUT_FOLDS = (3, 4)
"""Of the five folds by lead id: two fifths are tested on, so that small data give a figure as well."""


@dataclass(frozen=True, slots=True)
class ColumnWeights:
    """`gain_share` (0-1): a column's share of the gain of a model of all; `rest_share`: of one without leaks.

    `auc` and `rest_auc`: of the two models on held-out leads. `lost`: the AUC that the second loses without
    a column (for a leak: that the second would gain by it).
    """

    auc: float
    rest_auc: float
    gain_share: Mapping[str, float]
    rest_share: Mapping[str, float]
    lost: Mapping[str, float]


class _QuickModels:
    """Vectors of all columns, from which models of some are fitted and tested on held-out leads."""

    def __init__(self, audited: Audited) -> None:
        self._audited = audited
        self._spec = learn_spec(audited.batch, audited.mapping)
        self._values = vectorise(self._spec, audited.batch).values
        self._tested = np.isin(folds_of(audited.batch.lead_ids), HELD_OUT_FOLDS)
        self._about = [
            feature.about if feature.is_of_column and feature.about in audited.batch.cells else None
            for feature in self._spec.features
        ]
        # What is derived from several columns would tell of a leak that is left out.
        derived = {column.name for column in self._spec.columns if column.is_derived}
        self._own = np.asarray([feature.about not in derived for feature in self._spec.features], np.bool_)

    @property
    def columns(self) -> set[str]:
        """The columns that become features."""
        return {about for about in self._about if about is not None}

    def without(self, left_out: Collection[str]) -> tuple[float, dict[str, float]]:
        """Return the AUC on held-out leads, and the columns' shares of the gain."""
        kept = np.asarray([about is None or about not in left_out for about in self._about], np.bool_)
        kept &= self._own
        labels, tested = self._audited.labels, self._tested
        both = [0 < labels[rows].sum() < rows.sum() for rows in (tested, ~tested)]
        if not kept.any() or not all(both):
            return 0.5, {}
        booster = fit_booster(
            self._values[np.ix_(~tested, kept)],
            labels[~tested],
            self._audited.weights[~tested],
            list(compress(self._spec.features, kept)),
            QUICK,
        )
        margins = margins_of(booster, self._values[np.ix_(tested, kept)])
        gains: Counter[str] = Counter()
        gain = booster.feature_importance("gain")
        for place, of_feature in zip(np.flatnonzero(kept).tolist(), gain.tolist(), strict=True):
            about = self._about[place]
            if about is not None:
                gains[about] += of_feature
        total = float(gain.sum()) or 1.0
        return auc(labels[tested], margins, np.ones(int(tested.sum()))), {
            name: of_column / total for name, of_column in gains.items()
        }


def weigh_columns(audited: Audited, leaks: Collection[str], suspects: Collection[str]) -> ColumnWeights:
    """Fit quick models with and without columns, and say what each of the columns in question weighs."""
    models = _QuickModels(audited)
    whole, shares = models.without(())
    rest, rest_shares = models.without(leaks) if leaks else (whole, shares)
    lost = dict.fromkeys((*leaks, *suspects), 0.0)
    for name in suspects:
        if name in models.columns:
            lost[name] = rest - models.without({*leaks, name})[0]
    for name in leaks:
        if name in models.columns:
            lost[name] = models.without(set(leaks) - {name})[0] - rest
    return ColumnWeights(whole, rest, shares, rest_shares, lost)
