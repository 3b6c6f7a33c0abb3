"""The scorecard that nobody wrote: integer points from univariate log-odds, a simple rival of the model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from models.scorecard.points import OTHER, codes_of
from models.scorecard.points_card import MOST_POINTS, PointsCard, Rule, Section, SectionName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.feature import Feature
    from features.spec import FeatureSpec

ORIGIN = "Derived in training: integer points from the log-odds of converting, one feature at a time."

SUBJECTS = 20
"""The most subjects (columns, types of event) that a derived card speaks of: a page that can be read."""

BINS = 5
"""Into so many bins of about equal weight a number is cut, at most."""

LEAST_WEIGHT = 10.0
"""A bin of less weight gets no points of its own: its log-odds would be noise."""

PRIOR = 10.0
"""Every bin is judged as if so much weight at the base rate were in it besides: small bins move little."""

HANDED_OVER = 0.9
"""The share of the rows learned from that lie below the threshold: sales gets the best tenth."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows whose feature has a value of `names` (a category), or of `at_least` or more up to the next bin.

    `log_odds` of converting, smoothed by PRIOR; `weight`: of the rows.
    """

    log_odds: float
    weight: float
    at_least: float | None = None
    names: tuple[str | bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Binned:
    """A feature in bins, by rising value where it has an order.

    `reference`: the log-odds for which there are no points, those of rows of which the feature is not known,
    else of the least promising bin. `information`: how far the bins tell the labels apart (Siddiqi 2006,
    'Credit Risk Scorecards': the sum of difference in shares x weight of evidence).
    """

    feature: Feature
    bins: tuple[Bin, ...]
    reference: float
    information: float


def derived_card(
    spec: FeatureSpec,
    values: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> PointsCard:
    """Return a scorecard from vectors (n, features), labels 0 or 1 (n,) and weights (n,).

    Of each subject the feature with the most information gives points: the log-odds of each bin beyond the
    reference, in one unit for all, rounded to integers. So within a feature points never fall where log-odds
    rise. The unit is such that the best tenth of the rows reaches the threshold of 70.
    """
    if len(np.unique(labels[weights > 0.0])) < 2:
        return PointsCard(origin=ORIGIN)
    chosen = _best_of_each_subject(
        [
            binned
            for position, feature in enumerate(spec.features)
            if (binned := binned_feature(feature, values[:, position], labels, weights)) is not None
        ]
    )
    unit = _unit(chosen, spec, values, weights)
    sections: dict[SectionName, list[Rule]] = {}
    for binned in chosen:
        sections.setdefault(_section(binned.feature), []).extend(_rules(binned, unit))
    return PointsCard(
        origin=ORIGIN, **{name: Section(rules=tuple(rules)) for name, rules in sections.items()}
    )


def binned_feature(
    feature: Feature,
    values: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> Binned | None:
    """Return a feature (values (n,)) in bins, or None where it tells nothing apart."""
    known = ~np.isnan(values)
    share = float((weights * labels).sum() / weights.sum())
    bin_of, bins = _cut(feature, values, known, weights)
    count = len(bins)
    bin_of = np.where(known, bin_of, count)  # the last: what is not known
    ones = np.bincount(bin_of, weights=weights * labels, minlength=count + 1)
    zeros = np.bincount(bin_of, weights=weights * (1.0 - labels), minlength=count + 1)
    log_odds = np.log((ones + PRIOR * share) / (zeros + PRIOR * (1.0 - share)))
    weight = ones + zeros
    heavy = weight >= LEAST_WEIGHT
    judged = [
        replace(b, log_odds=float(log_odds[i]), weight=float(weight[i]))
        for i, b in enumerate(bins)
        if heavy[i] or b.at_least is not None
    ]
    if not judged or heavy.sum() < 2:
        return None
    reference = float(log_odds[count]) if heavy[count] else min(b.log_odds for b in judged)
    gain = (ones / ones.sum() - zeros / zeros.sum()) * log_odds
    return Binned(feature, tuple(judged), reference, float(gain[heavy].sum()))


def _cut(
    feature: Feature, values: NDArray[np.float64], known: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[NDArray[np.int64], list[Bin]]:
    """Return the bin of each row (any number where not known) and the bins, not judged yet."""
    if feature.is_category:
        distinct = names_of(feature)
        number = {str(name).casefold(): i for i, name in enumerate(distinct)}
        of_code = np.asarray([number[name.casefold()] for name in (*feature.vocabulary, OTHER)])
        return of_code[np.where(known, values, 0.0).astype(np.int64)], [
            Bin(0.0, 0.0, names=(name,)) for name in distinct
        ]
    if feature.measure in {"boolean", "contains"}:
        return (values == 1.0).astype(np.int64), [Bin(0.0, 0.0, names=(yes,)) for yes in names_of(feature)]
    edges = edges_of(values[known], weights[known])
    bin_of = np.maximum(np.searchsorted(edges, values, side="right") - 1, 0)
    return bin_of, [Bin(0.0, 0.0, at_least=edge) for edge in edges]


def names_of(feature: Feature) -> list[str | bool]:
    """Return the values of a category, those that a rule tells apart, or no and yes."""
    if not feature.is_category:
        return [False, True]
    return list({name.casefold(): name for name in (*feature.vocabulary, OTHER)}.values())


def edges_of(values: NDArray[np.float64], weights: NDArray[np.float64] | None = None) -> list[float]:
    """Return where bins of a number (n,) begin, rising: below the least value, then readable near quantiles.

    Rows weigh alike where no `weights` (n,) are given.
    """
    if not len(values):
        return []
    weights = np.ones(len(values)) if weights is None else weights
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    at = np.searchsorted(reached, reached[-1] * np.arange(1, BINS) / BINS)
    least = float(values.min())
    low = 0.0 if least >= 0.0 else min(_readable(least), least)
    inner = {_readable(float(values[order[i]])) for i in at}
    return [low, *sorted(edge for edge in inner if edge > least)]


def _readable(value: float) -> float:
    """Return a number of two digits.

    >>> _readable(1234.5), _readable(0.0718), _readable(0.0)
    (1200.0, 0.072, 0.0)
    """
    return float(f"{value:.2g}")


def _best_of_each_subject(binned: list[Binned]) -> list[Binned]:
    best: dict[tuple[bool, str], Binned] = {}
    for one in binned:
        key = one.feature.is_of_column, one.feature.about
        if key not in best or one.information > best[key].information:
            best[key] = one
    apart = {one.information: one for one in reversed(best.values())}  # what says the same says it once
    ranked = sorted(apart.values(), key=lambda one: -one.information)
    return [one for one in ranked[:SUBJECTS] if one.information > 0.0]


def _unit(
    chosen: list[Binned], spec: FeatureSpec, values: NDArray[np.float64], weights: NDArray[np.float64]
) -> float:
    """Return how many points a unit of log-odds is."""
    total = np.zeros(len(values))
    widest = 0.0
    position = {feature.name: i for i, feature in enumerate(spec.features)}
    for binned in chosen:
        column = values[:, position[binned.feature.name]]
        total += _beyond(binned, column)
        widest = max(widest, *(abs(b.log_odds - binned.reference) for b in binned.bins))
    order = np.argsort(total, kind="stable")
    reached = np.cumsum(weights[order])
    at = int(np.searchsorted(reached, HANDED_OVER * reached[-1])) if len(total) else 0
    handed_over = float(total[order[min(at, len(total) - 1)]]) if len(total) else 0.0
    wanted = PointsCard().threshold / handed_over if handed_over > 0.0 else 10.0
    # A step from one bin to the next can be twice the widest, and one rule gives at most MOST_POINTS.
    return min(wanted, MOST_POINTS / (2.0 * widest)) if widest > 0.0 else wanted


def _beyond(binned: Binned, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log-odds of each row's bin beyond the reference, float64 (n,); 0 where it is in none."""
    beyond = np.asarray([b.log_odds - binned.reference for b in binned.bins])
    found = np.zeros(len(values))
    edges = [b.at_least for b in binned.bins if b.at_least is not None]
    if edges:
        at = np.searchsorted(edges, values, side="right") - 1
        in_one = ~np.isnan(values) & (at >= 0)
        found[in_one] = beyond[at[in_one]]
        return found
    for b, log_odds in zip(binned.bins, beyond.tolist(), strict=True):
        found[np.isin(values, codes_of(binned.feature, b.names))] = log_odds
    return found


def _rules(binned: Binned, unit: float) -> list[Rule]:
    """Return the rules of a feature: for a value the points of its bin, for a number the step to its bin."""
    points = [round((b.log_odds - binned.reference) * unit) for b in binned.bins]
    name = binned.feature.name
    if binned.bins[0].at_least is not None:
        steps = zip(binned.bins, points, [0, *points], strict=False)
        return [
            Rule(feature=name, at_least=b.at_least, points=mine - below)
            for b, mine, below in steps
            if mine != below
        ]
    alike: dict[int, list[str | bool]] = {}
    for b, mine in zip(binned.bins, points, strict=True):
        alike.setdefault(mine, []).extend(b.names)
    return [
        Rule(feature=name, equals=names[0], points=mine)
        if len(names) == 1
        else Rule(feature=name, one_of=tuple(names), points=mine)
        for mine, names in sorted(alike.items(), reverse=True)
        if mine != 0
    ]


def _section(feature: Feature) -> SectionName:
    if feature.is_of_column:
        return "profile" if feature.family == "fit" else "demographic"
    return "stage" if feature.measure in {"step", "days_in_step", "age"} else "behavioural"
