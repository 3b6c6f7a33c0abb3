"""The leads of a company's past that were moved like one of its leads: made from its tables, kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.reasons.groups import groups_of, sums_by_group
from models.score import Score
from training.explaining.similar import PastMoments, shared_reasons, similar

if TYPE_CHECKING:
    from features.past import Past
    from features.snapshots import Moments
    from models.reasons.groups import Group
    from models.scorer import LeadScorer
    from training.examples import Examples
    from training.measures import Figure

MOST_MOMENTS = 100_000
"""So many moments of the past are searched at most, at random where there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarLead:
    """A lead of the past as it was known at `score.as_of`, how near it is, and whether it won after that."""

    score: Score
    distance: float
    won: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A reason that moves a lead and `leads` of its neighbours in the same direction, up where `raises`."""

    group: Group
    leads: int
    raises: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarLeads:
    """The neighbours of a lead, the nearest first, and the share of them that won, None where there is none.

    `searched` of `moments` moments of the past were looked at.
    """

    leads: tuple[SimilarLead, ...]
    won: Figure | None
    shared: tuple[Shared, ...]
    searched: int
    moments: int


def similar_leads(
    scorer: LeadScorer,
    examples: Examples[Any],
    score: Score,
    owner: int,
    *,
    leads: int,
    most: int = MOST_MOMENTS,
) -> SimilarLeads:
    """Return at most `leads` leads of the census that were moved most like a scored lead (of `owner`).

    The census holds moments whose horizon had ended when the data end; those whose horizon ended by
    `score.as_of` are searched. How they ended the model has learned from: it is no test of it.
    """
    past, groups = examples.history, groups_of(scorer.spec)
    census, moments = past_moments(scorer, past, _some(examples.census, most))
    if score.contributions is None:
        raise TypeError("a score of a model has contributions")
    sums = sums_by_group(score.contributions[None], groups)[0]
    horizon = past.mapping.training.horizon or 0
    found = similar(sums, moments, owner=owner, as_of=score.as_of, horizon=horizon, leads=leads)
    rows = census.where(found.rows)
    shared = shared_reasons(sums, moments.sums[found.rows]) if len(found.rows) else []
    return SimilarLeads(
        leads=tuple(
            SimilarLead(score=one, distance=distance, won=label == 1.0)
            for one, distance, label in zip(
                _scored(scorer, past, rows), found.distance.tolist(), rows.label.tolist(), strict=True
            )
        ),
        won=found.won,
        shared=tuple(
            Shared(group=groups[at], leads=count, raises=bool(sums[at] > 0)) for at, count in shared
        ),
        searched=len(census),
        moments=len(examples.census),
    )


def past_moments(scorer: LeadScorer, past: Past, census: Moments) -> tuple[Moments, PastMoments]:
    """Return what moved the margins of a census by a scorer and what followed, and of which of its rows.

    A row in which a cell cannot be read is left out: it has no score that could be shown.
    """
    vectors = past.vectors(scorer.spec, census.lead, census.as_of)
    readable = np.setdiff1d(np.arange(len(census)), list(vectors.faults))
    kept = census.where(readable)
    sums = sums_by_group(scorer.margins(vectors.values[readable]).contributions, groups_of(scorer.spec))
    return kept, PastMoments(sums=sums, owner=past.owner[kept.lead], as_of=kept.as_of, label=kept.label)


def _some(census: Moments, most: int) -> Moments:
    if len(census) <= most:
        return census
    return census.where(np.sort(np.random.default_rng(0).choice(len(census), most, replace=False)))


def _scored(scorer: LeadScorer, past: Past, rows: Moments) -> list[Score]:
    found = scorer.score(past.at(rows.lead, rows.as_of))
    return [one for one in found if isinstance(one, Score)]
