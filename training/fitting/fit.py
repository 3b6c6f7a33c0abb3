"""The recipe followed, from examples to a scorer: of the twin that is judged and of the model that serves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from features.errors import RefusedError
from features.learning import spec_of
from models.boosting import binned, grow, margins_of
from models.curve import rank_curve
from models.scorer import LeadScorer, Population, family_sums
from training.fitting.calibrating import chosen_calibration
from training.fitting.enough import leads_by_label, refuse_too_little
from training.fitting.fitted import Fitted, OutOfFold, Told
from training.fitting.folds import folds_of
from training.fitting.ladder import Rows, laddered
from training.fitting.monotone import constraints_within, directions_of
from training.fitting.next_acts import measured, next_acts_of
from training.fitting.out_of_fold import contributions_by_fold, fold_boosters, margins_by_fold
from training.fitting.stopping import trees_for
from training.fitting.usual import usual_values
from training.fitting.validation import validations_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import lightgbm
    from numpy.typing import NDArray

    from features.feature import Family
    from features.past import Past
    from features.snapshots import Moments
    from features.spec import FeatureSpec
    from training.fitting.ladder import Ladder
    from training.fitting.recipe import Recipe

CONTRIBUTION_ROWS = 20_000
"""On how many census rows the ranks of fit and engagement rest, and what is said of all scores."""


def fit_scorer(history: Past, examples: Moments, census: Moments, recipe: Recipe) -> LeadScorer:
    """Fit and return the scorer alone; see `fit`."""
    return fit(history, examples, census, recipe).scorer


def fit(past: Past, examples: Moments, census: Moments, recipe: Recipe) -> Fitted:
    """Fit boosting on examples (each lead counts once), and calibration and ranks on the out-of-fold census.

    The number of trees is chosen on a part of the examples (see `validation`). No lead of a fold is in what
    its model learned from. Raises RefusedError where either label has too few leads to learn from, and
    InputError where a constraint of the recipe names nothing.
    """
    refuse_too_little(past, examples, census)
    conversions, _ = leads_by_label(past, examples)
    spec = learned_spec(past, examples, recipe)
    directions = directions_of(spec, recipe.monotone)
    learned = past.vectors(spec, examples.lead, examples.as_of)
    dataset = binned(learned.values, examples.label, examples.weight, spec.features)
    del learned  # the bins hold an eighth of its bytes
    seen = measured(past, spec, census)
    judged, _ = seen
    trees = _trees(past, dataset, examples, recipe, directions)
    fold_of = folds_of(past, recipe)
    fold = fold_of[census.lead]
    boosters = fold_boosters(
        dataset,
        examples,
        fold_of[examples.lead],
        recipe.boosting,
        asked=np.unique(fold).tolist(),
        trees=trees,
        directions=directions,
    )
    ladder = laddered(spec, recipe.card, conversions, Rows(judged, census.label, fold))
    margins = ladder.margins(margins_by_fold(boosters, judged, fold))
    owner = past.owner_hash[census.lead].astype(np.int64)
    calibration, choice = chosen_calibration(margins, census.label, owner, seed=recipe.seed)
    told = _told(boosters, judged, fold, ladder, recipe.seed)
    fit_part, engagement_part = family_sums(told.contributions, spec)
    booster = grow(dataset, recipe.boosting, trees=trees, directions=directions)
    ranks = rank_curve(margins)
    scorer = LeadScorer(
        name=recipe.name,
        version=None,
        mapping=past.mapping,
        spec=spec,
        booster=booster,
        calibration=calibration,
        population=Population(
            margin=ranks,
            fit=rank_curve(fit_part),
            engagement=rank_curve(engagement_part) if spec.has_events else None,
            base_rate=float(census.label.mean()),
            conversions=conversions,
            usual=usual_values(spec.features, judged),
        ),
        blend=ladder.blend,
        next_acts=next_acts_of(past, spec, census, ranks.at(margins), seen),
    )
    return Fitted(
        scorer=scorer,
        out_of_fold=OutOfFold(margins, fold, told),
        calibration=choice,
        trees=booster.num_trees(),
    )


def fit_margins(past: Past, examples: Moments, tested: Moments, recipe: Recipe) -> NDArray[np.float64]:
    """Return the margins (log-odds) of tested rows by a model fitted on examples, without calibration.

    What a ranking of the same recipe on other features is worth, at a fraction of the cost of a scorer: the
    number of trees, the constraints and the scorecard are as `fit` has them. Two things differ: a constraint
    on what these features lack is left out, and the line from points to log-odds is fitted on the examples,
    there being no census.
    """
    spec = learned_spec(past, examples, recipe)
    directions = directions_of(spec, constraints_within(spec, recipe.monotone))
    learned = past.vectors(spec, examples.lead, examples.as_of).values
    dataset = binned(learned, examples.label, examples.weight, spec.features)
    fold = folds_of(past, recipe)[examples.lead]
    conversions, _ = leads_by_label(past, examples)
    blend = laddered(spec, recipe.card, conversions, Rows(learned, examples.label, fold)).blend
    del learned
    trees = _trees(past, dataset, examples, recipe, directions)
    booster = grow(dataset, recipe.boosting, trees=trees, directions=directions)
    values = past.vectors(spec, tested.lead, tested.as_of).values
    margins = margins_of(booster, values)
    return margins if blend is None else blend.margins(margins, values)


def learned_spec(past: Past, examples: Moments, recipe: Recipe) -> FeatureSpec:
    """Learn what to measure. Raises RefusedError where nothing of these data can become a feature."""
    found = spec_of(past.survey(examples.lead, examples.as_of), past.mapping)
    spec = only_families(found, recipe.families)
    if not spec.features:
        raise RefusedError("No column or event of these data can become a feature: nothing can be learned.")
    return spec


def only_families(spec: FeatureSpec, families: tuple[Family, ...]) -> FeatureSpec:
    """Return the spec without what belongs to other families."""
    has_events = spec.has_events and "engagement" in families
    return replace(
        spec,
        columns=tuple(column for column in spec.columns if column.family in families),
        event_keys=spec.event_keys if has_events else (),
        touch_keys=spec.touch_keys if has_events else (),
        detail_keys=spec.detail_keys if has_events else (),
        single_keys=spec.single_keys if has_events else (),
        value_keys=spec.value_keys if has_events else (),
        channels=spec.channels if has_events else (),
        has_age=spec.has_age and "context" in families,
        has_events=has_events,
    )


def _trees(
    past: Past, dataset: lightgbm.Dataset, examples: Moments, recipe: Recipe, directions: Sequence[int]
) -> int:
    """Return the number of trees: by validation, or what the recipe says."""
    if not recipe.early_stopping:
        return recipe.boosting.num_trees
    return trees_for(dataset, examples, validations_of(past, examples), recipe.boosting, directions)


def _told(
    boosters: Mapping[int, lightgbm.Booster],
    judged: NDArray[np.float64],
    fold: NDArray[np.int64],
    ladder: Ladder,
    seed: int,
) -> Told:
    """Take the margins of some census rows (all where they are few) apart, out of fold."""
    rows = np.flatnonzero(_share_of(len(judged), CONTRIBUTION_ROWS, seed))
    values = judged[rows]
    of_model = contributions_by_fold(boosters, values, fold[rows])
    return Told(rows, values, ladder.contributions(of_model, values, rows))


def _share_of(rows: int, most: int, seed: int) -> NDArray[np.bool_]:
    chosen = np.zeros(rows, np.bool_)
    chosen[np.random.default_rng(seed).permutation(rows)[:most]] = True
    return chosen
