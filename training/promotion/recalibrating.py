"""The champion with its level set anew: judged on what came later, then fitted on all that is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from features.errors import RefusedError
from features.told_times import day_of, moment_of
from models.scorer import LeadScorer
from training.evidence.foretold import foretold_beside_rivals
from training.evidence.gather import evidence_of
from training.evidence.shares import base_rate_change
from training.evidence.split import Part
from training.evidence.twin import Twin
from training.fitting.recalibrating import recalibrated
from training.promotion.comparison import ENOUGH, compare
from training.promotion.versions import Version, foretold, labelled

if TYPE_CHECKING:
    from features.past import Past
    from features.snapshots import Moments
    from models.calibration import Calibration
    from models.scorecard.points_card import PointsCard
    from training.evidence.evidence import Evidence
    from training.promotion.comparison import Comparison

EARLIER_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibrated:
    """A scorer with a new level, and what was shown by its twin: the same, fitted on the earlier part alone.

    `rows`: what the scorer's level was fitted on. `said_before` and `said_now`: the mean probability (0-1)
    of the champion and of the scorer over them.
    """

    scorer: LeadScorer
    twin: Twin
    evidence: Evidence
    comparison: Comparison
    rows: Moments
    said_before: float
    said_now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parted:
    """The `earlier` and the `later` rows, and the moment (microseconds UTC) from which the latter are.

    `learned_until`: by when all that the earlier part says was decided; `is_embargoed`: whether that is not
    after `cut`. `notes`: what a reader must know.
    """

    earlier: Moments
    later: Moments
    cut: int
    learned_until: int
    is_embargoed: bool
    notes: tuple[str, ...]


def recalibrate(
    champion: Version, past: Past, census: Moments, *, seed: int, card: PointsCard | None = None
) -> Recalibrated:
    """Set the level of a champion by the census after all that it learned from was decided.

    Fitted on the earlier half of those rows, judged on the later half beside the champion as it is, and
    beside rivals that learned from the earlier half; then fitted on all of them. `card`: the company's own
    scorecard, None where it has none. Raises RefusedError where the data have no time, or too little
    happened since.
    """
    if champion.learned_until is None or not past.mapping.is_dated:
        raise RefusedError("Data without time have no newest census: train again with newer data.")
    rows = census.where(census.as_of >= champion.learned_until)
    _enough(past, rows, "after the champion was trained")
    parts = _parted(past, rows)
    of_twin = _anew(champion.scorer, past, parts.earlier, seed)
    comparison = compare(
        foretold(champion.scorer, past, parts.later),
        foretold(of_twin, past, parts.later),
        labelled(past, parts.later),
        champion=champion.number or 0,
        how="later period",
        said=f"both on leads from {day_of(parts.cut)} on",
    )
    scorer = _anew(champion.scorer, past, rows, seed)
    before, now = (foretold(one, past, rows).probability.mean() for one in (champion.scorer, scorer))
    return Recalibrated(
        scorer=scorer,
        twin=Twin(scorer=of_twin, learned_until=parts.learned_until),
        evidence=_judged(champion, of_twin, past, parts, card),
        comparison=comparison,
        rows=rows,
        said_before=float(before),
        said_now=float(now),
    )


def _parted(past: Past, rows: Moments) -> _Parted:
    """Return the two parts of the rows.

    A label of the earlier part is decided before the later part begins, where that leaves enough of it.
    """
    cut = int(np.quantile(rows.as_of, EARLIER_SHARE, method="higher"))
    later = rows.where(rows.as_of >= cut)
    _enough(past, later, f"from {day_of(cut)} on")
    horizon = past.mapping.training.horizon or 0
    decided = rows.where(rows.as_of + horizon <= cut)
    if min(_leads_of_either(past, decided)) >= ENOUGH:
        return _Parted(earlier=decided, later=later, cut=cut, learned_until=cut, is_embargoed=True, notes=())
    earlier = rows.where(rows.as_of < cut)
    _enough(past, earlier, f"before {day_of(cut)}")
    note = "No embargo: the horizon is too long for what came since. Labels overlap, which can flatter."
    until = cut + horizon
    return _Parted(
        earlier=earlier, later=later, cut=cut, learned_until=until, is_embargoed=False, notes=(note,)
    )


def _judged(
    champion: Version, twin: LeadScorer, past: Past, parts: _Parted, card: PointsCard | None
) -> Evidence:
    """Return what the later rows show of the twin, and of rivals that know the same earlier rows."""
    day = day_of(parts.cut)
    part = Part(learned=parts.earlier, census=parts.earlier, tested=parts.later)
    found = evidence_of(
        past,
        foretold_beside_rivals(twin, past, part, card),
        how=(
            f"version {champion.number} with its level set by leads before {day}, "
            "tested on those from then on"
        ),
        notes=parts.notes,
        base_rate=base_rate_change(past, parts.earlier, parts.later),
    )
    return replace(
        found,
        first=day_of(int(parts.later.as_of.min())),
        last=day_of(int(parts.later.as_of.max())),
        learned_until=moment_of(parts.learned_until),
        is_embargoed=parts.is_embargoed,
    )


def _anew(scorer: LeadScorer, past: Past, rows: Moments, seed: int) -> LeadScorer:
    vectors = past.vectors(scorer.spec, rows.lead, rows.as_of).values
    margins = scorer.margins_alone(vectors)
    calibration = recalibrated(scorer.calibration, margins, rows.label, past.owner[rows.lead], seed=seed)
    return with_level(scorer, calibration, float(rows.label.mean()))


def with_level(scorer: LeadScorer, calibration: Calibration, base_rate: float) -> LeadScorer:
    """Return the scorer with another calibration and base rate; margins, ranks, reasons and rung stay."""
    return LeadScorer(
        name=scorer.name,
        version=None,
        mapping=scorer.mapping,
        spec=scorer.spec,
        booster=scorer.booster,
        calibration=calibration,
        population=replace(scorer.population, base_rate=base_rate),
        blend=scorer.blend,
        words=scorer.words,
        next_acts=scorer.next_acts,
    )


def _leads_of_either(past: Past, rows: Moments) -> tuple[int, int]:
    """Return how many leads have a row with label 1, and how many one with label 0."""
    converted, others = (len(np.unique(past.owner[rows.lead[rows.label == of]])) for of in (1.0, 0.0))
    return converted, others


def _enough(past: Past, rows: Moments, when: str) -> None:
    """Raise RefusedError where too few leads of either label are among the rows."""
    conversions, others = _leads_of_either(past, rows)
    if min(conversions, others) < ENOUGH:
        raise RefusedError(
            f"Of {len(np.unique(past.owner[rows.lead]))} leads {when} {conversions} convert; "
            f"a new level needs {ENOUGH} that do and {ENOUGH} that do not. "
            "Wait until more has matured, or train again."
        )
