"""The champion with its level set anew: judged on what came later, then fitted on all that is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.errors import RefusedError
from models.boosting import margins_of
from models.scorer import LeadScorer
from training.evidence.gather import judge
from training.evidence.twin import Twin
from training.fitting.recalibrating import recalibrated
from training.promotion.comparison import ENOUGH, compare
from training.promotion.versions import Version, foretold, labelled

if TYPE_CHECKING:
    from features.past import Past
    from features.snapshots import Moments
    from models.calibration import Calibration
    from training.evidence.evidence import Evidence
    from training.promotion.comparison import Comparison

EARLIER_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibrated:
    """A scorer with a new level, and what was shown by its twin: the same, fitted on the earlier part alone.

    `rows`: what the scorer's level was fitted on.
    """

    scorer: LeadScorer
    twin: Twin
    evidence: Evidence
    comparison: Comparison
    rows: Moments


def recalibrate(champion: Version, past: Past, census: Moments, *, seed: int) -> Recalibrated:
    """Set the level of a champion by the census after all that it learned from was decided.

    Fitted on the earlier half of those rows, judged on the later half beside the champion as it is, and then
    fitted on all of them. Raises RefusedError where the data have no time, or too little happened since.
    """
    if champion.learned_until is None or not past.mapping.is_dated:
        raise RefusedError("Data without time have no newest census: train again with newer data.")
    rows = census.where(census.as_of >= champion.learned_until)
    _enough(past, rows, "after the champion was trained")
    earlier, later, learned_until, notes = _parted(past, rows)
    of_twin = _anew(champion.scorer, past, earlier, seed)
    how = (
        f"version {champion.number} with its level set by leads before {_day(learned_until)}, "
        f"tested on those from then on"
    )
    comparison = compare(
        foretold(champion.scorer, past, later),
        foretold(of_twin, past, later),
        labelled(past, later),
        champion=champion.number or 0,
        how="later period",
        said=f"both on leads from {_day(learned_until)} on",
    )
    return Recalibrated(
        scorer=_anew(champion.scorer, past, rows, seed),
        twin=Twin(scorer=of_twin, learned_until=learned_until),
        evidence=_dated(judge(past, of_twin, later, how=how, notes=notes), later, learned_until),
        comparison=comparison,
        rows=rows,
    )


def _parted(past: Past, rows: Moments) -> tuple[Moments, Moments, int, tuple[str, ...]]:
    """Return the earlier and the later part, the moment between them, and what a reader must know.

    A label of the earlier part is decided before the later part begins, where that leaves enough of it.
    """
    cut = int(np.quantile(rows.as_of, EARLIER_SHARE, method="higher"))
    later = rows.where(rows.as_of >= cut)
    _enough(past, later, f"from {_day(cut)} on")
    horizon = past.mapping.training.horizon or 0
    decided = rows.where(rows.as_of + horizon <= cut)
    if _conversions(past, decided) >= ENOUGH:
        return decided, later, cut, ()
    earlier = rows.where(rows.as_of < cut)
    _enough(past, earlier, f"before {_day(cut)}")
    note = "No embargo: the horizon is too long for what came since. Labels overlap, which can flatter."
    return earlier, later, cut, (note,)


def _anew(scorer: LeadScorer, past: Past, rows: Moments, seed: int) -> LeadScorer:
    vectors = past.vectors(scorer.spec, rows.lead, rows.as_of).values
    margins = margins_of(scorer.booster, vectors)
    calibration = recalibrated(scorer.calibration, margins, rows.label, past.owner[rows.lead], seed=seed)
    return with_level(scorer, calibration, float(rows.label.mean()))


def with_level(scorer: LeadScorer, calibration: Calibration, base_rate: float) -> LeadScorer:
    """Return the scorer with another calibration and base rate; margins, ranks and reasons stay."""
    return LeadScorer(
        name=scorer.name,
        version=None,
        mapping=scorer.mapping,
        spec=scorer.spec,
        booster=scorer.booster,
        calibration=calibration,
        population=replace(scorer.population, base_rate=base_rate),
    )


def _dated(evidence: Evidence, later: Moments, learned_until: int) -> Evidence:
    return replace(
        evidence,
        first=_day(int(later.as_of.min())),
        last=_day(int(later.as_of.max())),
        learned_until=pd.Timestamp(learned_until, unit="us", tz="UTC").isoformat(),
    )


def _conversions(past: Past, rows: Moments) -> int:
    return len(np.unique(past.owner[rows.lead[rows.label == 1.0]]))


def _enough(past: Past, rows: Moments, when: str) -> None:
    """Raise RefusedError where too few leads of either label are among the rows."""
    conversions = _conversions(past, rows)
    others = len(np.unique(past.owner[rows.lead[rows.label == 0.0]]))
    if min(conversions, others) < ENOUGH:
        raise RefusedError(
            f"Of {len(np.unique(past.owner[rows.lead]))} leads {when} {conversions} convert; "
            f"a new level needs {ENOUGH} that do and {ENOUGH} that do not. "
            "Wait until more has matured, or train again."
        )


def _day(moment: int) -> str:
    return str(pd.Timestamp(moment, unit="us").date())
