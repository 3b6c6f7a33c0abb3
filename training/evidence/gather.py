"""Gathering evidence: what twins show on rows that they never saw, beside what simpler rivals show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.errors import RefusedError
from features.snapshots import joined_moments
from training.evidence.capacity import capacity_of
from training.evidence.evidence import BASE_RATE, BaseRateChange, Evidence, Rival
from training.evidence.foretold import foretold_beside_rivals, foretold_by, joined
from training.evidence.reliability import reliability
from training.evidence.rivals.rows import Foretold
from training.evidence.shares import bands_of, base_rate_change
from training.evidence.slices import slices_of
from training.evidence.twin import Twin
from training.fitting.fit import fit, fit_margins
from training.measures import (
    Figure,
    all_figures,
    auc,
    gains,
    losses,
    measured,
    perfect_calibration_error,
    resampling,
)
from training.measures.together import TOPS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from features.past import Past
    from features.snapshots import Moments
    from models.scorecard.points_card import PointsCard
    from models.scorer import LeadScorer
    from training.evidence.capacity import Capacity
    from training.evidence.foretold import Judged
    from training.evidence.split import Split
    from training.fitting.recipe import Recipe
    from training.measures import Resampling


@dataclass(frozen=True, slots=True)
class Gathered:
    """The evidence, the twins that it is of, and what they said of the tested rows."""

    evidence: Evidence
    twins: tuple[Twin, ...]
    judged: Judged


def gather_evidence(
    past: Past,
    split: Split,
    recipe: Recipe,
    *,
    card: PointsCard | None = None,
    leads_a_week: int | None = None,
    census_share: float = 1.0,
) -> Gathered:
    """Fit a twin on each part's past, and judge all on the rows that they are tested on.

    `card`: the company's own scorecard, one rival more; None where it has none. `leads_a_week`: how many the
    team can work. `census_share` (0-1): the share of its candidates that the census holds.
    Raises RefusedError where a part is too small to learn from.
    """
    twins, parts = [], []
    for part in split.parts:
        scorer = fit(past, part.learned, part.census, recipe).scorer
        if part.fold is None:
            twins.append(Twin(scorer=scorer, learned_until=split.learned_until))
        else:
            twins.append(Twin(scorer=scorer, fold=part.fold, folds=recipe.folds))
        parts.append(foretold_beside_rivals(scorer, past, part, card))
    change = base_rate_change(past, _learned(split), split.tested)
    tested = joined(parts)
    capacity = None if leads_a_week is None else capacity_of(past, tested.rows, leads_a_week, census_share)
    found = evidence_of(
        past,
        tested,
        how=split.how,
        notes=(*split.notes, *_said_of_base_rate(change, split)),
        base_rate=change,
        capacity=capacity,
    )
    found = replace(
        found,
        first=_date(split.first),
        last=_date(split.last),
        learned_until=None if split.learned_until is None else _moment(split.learned_until),
        is_embargoed=split.is_embargoed,
        auc_without_events=_without_events(past, split, recipe, twins[0].scorer),
        auc_without_enrichment=_without_enrichment(past, split, recipe),
    )
    return Gathered(found, tuple(twins), tested)


def judge(
    past: Past, scorer: LeadScorer, tested: Moments, *, how: str, notes: tuple[str, ...] = ()
) -> Evidence:
    """Judge a scorer as it is on labelled rows, beside the base rate that it knows.

    Raises RefusedError where the rows hold one label only.
    """
    if not 0 < tested.label.sum() < len(tested):
        raise RefusedError(f"The {len(tested)} rows to test on all have the same label.")
    found, _ = foretold_by(scorer, past, tested)
    share = scorer.population.base_rate
    always = Foretold(
        BASE_RATE, f"always {share:.2%}, as of what was learned from", np.full(len(tested), share)
    )
    after = resampling(past.owner[tested.lead]).mean(tested.label)
    change = BaseRateChange(
        before=Figure(share, share, share), after=after, has_moved=not after.low <= share <= after.high
    )
    return evidence_of(past, replace(found, rivals=(always,)), how=how, notes=notes, base_rate=change)


def evidence_of(
    past: Past,
    tested: Judged,
    *,
    how: str,
    notes: tuple[str, ...],
    base_rate: BaseRateChange,
    capacity: Capacity | None = None,
) -> Evidence:
    """Return all that the tested rows show. Every figure is of the same draws of leads."""
    rows, owner = tested.rows, past.owner[tested.rows.lead]
    labels, draws = rows.label, resampling(owner)
    if tested.unreadable:
        notes = (*notes, f"In {tested.unreadable} rows a cell could not be read and counted as not known.")
    share, said = (None, ()) if capacity is None else (capacity.share, (capacity.said,))
    tops = TOPS if share is None else {**TOPS, "capacity": share}
    return Evidence(
        how=how,
        rows=len(rows),
        leads=len(np.unique(owner)),
        conversions=len(np.unique(owner[labels == 1.0])),
        measures=all_figures(labels, tested.probabilities, draws, tops),
        rivals=tuple(_rival(rival, tested, draws, tops) for rival in tested.rivals),
        base_rate=base_rate,
        capacity=share,
        calibration_error_perfect=perfect_calibration_error(tested.probabilities, owner),
        reliability=reliability(labels, tested.probabilities, draws),
        bands=bands_of(tested, draws),
        slices=slices_of(past, tested, draws),
        gains=gains(labels, tested.probabilities),
        notes=(*notes, *said),
    )


def _rival(rival: Foretold, tested: Judged, draws: Resampling, tops: Mapping[str, float]) -> Rival:
    """Return a rival's figures, and its lead: paired, over the same draws of leads."""
    labels = tested.rows.label
    behind = losses(labels, rival.probabilities) - losses(labels, tested.probabilities)
    figures = all_figures(labels, rival.probabilities, draws, tops)
    if rival.name == BASE_RATE:
        figures = {name: figures[name] for name in ("log_loss", "brier", "calibration_error")}
    return Rival(name=rival.name, said=rival.said, measures=figures, lead=draws.mean(behind))


def _said_of_base_rate(change: BaseRateChange, split: Split) -> tuple[str, ...]:
    if not change.has_moved or not split.is_later:
        return ()
    before, after = change.before, change.after
    note = (
        f"The base rate has moved: {before.value:.2%} [{before.low:.2%}, {before.high:.2%}] of what was "
        f"learned from converted, {after.value:.2%} [{after.low:.2%}, {after.high:.2%}] of what was tested. "
        "Where probabilities no longer hold: leadlens recalibrate"
    )
    return (note,)


def _learned(split: Split) -> Moments:
    """Return the census that the twins learned from; of several twins, what all were tested on."""
    return split.parts[0].census if len(split.parts) == 1 else split.tested


def _without_events(past: Past, split: Split, recipe: Recipe, twin: LeadScorer) -> Figure | None:
    if not twin.spec.has_events:
        return None
    return _auc_of(past, split, replace(recipe, families=("fit", "context")), past)


def _without_enrichment(past: Past, split: Split, recipe: Recipe) -> Figure | None:
    return _auc_of(past, split, recipe, past.without_enrichment()) if past.is_enriched else None


def _auc_of(past: Past, split: Split, recipe: Recipe, seen: Past) -> Figure:
    margins = [fit_margins(seen, part.learned, part.tested, recipe) for part in split.parts]
    tested = joined_moments([part.tested for part in split.parts])
    return measured(auc, tested.label, np.concatenate(margins), past.owner[tested.lead])


def _date(moment: int | None) -> str | None:
    return None if moment is None else str(pd.Timestamp(moment, unit="us").date())


def _moment(moment: int) -> str:
    return pd.Timestamp(moment, unit="us", tz="UTC").isoformat()
