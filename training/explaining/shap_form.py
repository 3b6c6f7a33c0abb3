"""Explanations for notebooks: the scorer's own contributions in the form that shap's plots take."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shap

from features.errors import Fault, InputError
from features.vectors import vectorise
from models.reasons.groups import groups_of, sums_by_group
from training.explaining.words import NOT_KNOWN, names_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from features.batch import LeadBatch
    from features.feature import Feature
    from models.scorer import LeadScorer

LONGEST = 40
"""Values in words are cut to so many characters, so that they fit beside a plot."""


def explanation(scorer: LeadScorer, batch: LeadBatch) -> shap.Explanation:
    """Return what moved the margin of each lead of the batch, for `shap.plots`.

    `values` float64 (n, features) are the scorer's contributions in log-odds and `base_values` (n,) its
    expected margin: a row's sum is the lead's margin. `data` (n, features) holds numbers, NaN where not
    known, and the words of categories, whose codes have no order; `display_data` holds all of them in
    words. Raises InputError where a lead cannot be read.
    """
    vectors = vectorise(scorer.spec, batch)
    _refuse(vectors.faults, batch)
    found = scorer.margins(vectors.values)
    data = np.empty(vectors.values.shape, object)
    shown = np.empty(vectors.values.shape, object)
    for position, feature in enumerate(scorer.spec.features):
        column = vectors.values[:, position].tolist()
        shown[:, position] = [_said(feature, value) for value in column]
        data[:, position] = shown[:, position] if feature.is_category else column
    return shap.Explanation(
        values=found.contributions,
        base_values=np.full(len(batch), found.expected),
        data=data,
        display_data=shown,
        feature_names=scorer.spec.names,
        output_names="margin (log-odds)",
    )


def by_reason(explained: shap.Explanation, scorer: LeadScorer) -> shap.Explanation:
    """Return an `explanation` with the features of each reason added up, under the reason's name.

    A row's sum is still the lead's margin. There are no `data`: a reason has no one value.
    """
    names = names_of(scorer.spec, scorer.words)
    groups = groups_of(scorer.spec)
    return shap.Explanation(
        values=sums_by_group(explained.values, groups),
        base_values=explained.base_values,
        feature_names=[names[group.key] for group in groups],
        output_names=explained.output_names,
    )


def of_feature(explained: shap.Explanation, name: str) -> shap.Explanation:
    """Return what one feature did to each lead of an `explanation`, for `shap.plots.scatter`.

    `data` (n,) are numbers, NaN where not known, or the words of a category.
    """
    at = explained.feature_names.index(name)
    data = explained.data[:, at]
    are_numbers = not any(isinstance(value, str) for value in data)
    return shap.Explanation(
        values=explained.values[:, at],
        base_values=explained.base_values,
        data=data.astype(np.float64) if are_numbers else data,
        feature_names=name,
    )


def _said(feature: Feature, value: float) -> str:
    """Return one value of a vector in words.

    >>> from features.feature import Feature
    >>> _said(Feature("page_view.days_since", "days_since", "engagement", "page_view"), 3.26)
    '3.3'
    >>> _said(Feature("country", "category", "fit", "country", vocabulary=("DE", "FR")), 1.0)
    'FR'
    """
    if math.isnan(value):
        return NOT_KNOWN
    if feature.is_category:
        code = int(value)
        name = feature.vocabulary[code] if code < len(feature.vocabulary) else "a rare value"
        return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    if feature.measure in {"boolean", "contains"}:
        return "yes" if value == 1.0 else "no"
    return f"{round(value, 1):.10g}" if abs(value) >= 1 else f"{value:.2g}"


def _refuse(faults: Mapping[int, tuple[Fault, ...]], batch: LeadBatch) -> None:
    found = [
        Fault(f"lead {batch.lead_ids[row]}, column {fault.where}", fault.expected, fault.found, fault.remedy)
        for row, of_row in faults.items()
        for fault in of_row
    ]
    if found:
        raise InputError(*found)
