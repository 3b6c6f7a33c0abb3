"""Gathering evidence: what a twin, trained on the past alone, shows on what came later."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import t as student_t

from features.durations import spelled
from features.errors import RefusedError
from features.events import NO_TIME
from training.evidence.evidence import BASE_RATE, BaseRateChange, Evidence, Rival
from training.evidence.reliability import mean_reliability, reliability
from training.fitting.fit import fit_margins, fit_scorer
from training.fitting.recipe import MIN_CONVERSIONS
from training.measures import Figure, auc, calibration_error, logloss, measured

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.past import Past
    from features.snapshots import Moments
    from features.vectors import Vectors
    from models.scorer import LeadScorer
    from training.fitting.recipe import Recipe

TEST_SHARE = 0.3
SPLITS = 10


def gather_evidence(history: Past, examples: Moments, census: Moments, recipe: Recipe) -> Evidence:
    """Judge the recipe on a later period where the data have time, else on seeded random splits by lead."""
    times = _order_of(history, census)
    if times is None:
        return evidence_by_splits(history, examples, census, recipe)
    try:
        return evidence_in_time(history, examples, census, recipe, times)
    except RefusedError as reason:
        found = evidence_by_splits(history, examples, census, recipe)
        note = f"A test on a later period was not possible ({reason}) Random splits flatter a model."
        return replace(found, notes=(note, *found.notes))


def evidence_in_time(
    history: Past, examples: Moments, census: Moments, recipe: Recipe, times: NDArray[np.int64]
) -> Evidence:
    """Judge on the last 30 % of the census by time, with an embargo of one horizon where the data allow it.

    `times` int64 (n,) orders the census. The embargo: a training example's whole label window ends before
    the first evaluated moment. It is given up, and said so, where it would leave less than half of the
    earlier examples.
    """
    cut = int(np.sort(times)[int((1 - TEST_SHARE) * len(times))])
    tested = times >= cut
    horizon = history.mapping.training.horizon if history.mapping.is_dated else None
    notes: list[str] = []
    earlier, earlier_census = _before(history, examples, cut, 0), times < cut
    if horizon is None:
        notes.append("The labels carry no dates, so no embargo between training and test can be kept.")
    else:
        embargoed = _before(history, examples, cut, horizon)
        if _is_enough(examples.where(embargoed)) and embargoed.sum() * 2 >= earlier.sum():
            earlier, earlier_census = embargoed, census.as_of + horizon <= cut
        else:
            notes.append(
                f"No embargo: the horizon of {spelled(horizon)} is too long for this history: an embargo "
                f"would leave {embargoed.sum()} of {earlier.sum()} examples. Labels of late training "
                "examples were decided inside the test period, which can flatter the figures."
            )
    first, last = (str(pd.Timestamp(t, unit="us").date()) for t in (cut, int(times.max())))
    how = f"twin trained on what came before {first}, tested on the last {TEST_SHARE:.0%} ({first} to {last})"
    return _judged(
        history,
        (examples.where(earlier), census.where(earlier_census)),
        census.where(tested),
        recipe,
        how,
        tuple(notes),
    )


def evidence_by_splits(
    history: Past, examples: Moments, census: Moments, recipe: Recipe, *, splits: int = SPLITS
) -> Evidence:
    """Judge on seeded random splits of the leads: the mean of each figure over the splits.

    The splits share rows, so their spread understates the doubt: the 95 % interval is that of the corrected
    resampled t-test (Nadeau and Bengio 2003), mean ± t · s · sqrt(1/J + test/train), for J splits with
    standard deviation s.
    """
    owners = int(history.owner.max()) + 1
    found = []
    for seed in range(splits):
        held_out = np.zeros(owners, np.bool_)
        held_out[np.random.default_rng(seed).permutation(owners)[: round(TEST_SHARE * owners)]] = True
        out_e, out_c = held_out[history.owner[examples.lead]], held_out[history.owner[census.lead]]
        past = examples.where(~out_e), census.where(~out_c)
        found.append(_judged(history, past, census.where(out_c), recipe, "", ()))
    note = "The data have no time, so the test is not on a later period; expect a little less in use."
    without = [e.auc_without_events for e in found if e.auc_without_events is not None]
    plain = [e.auc_without_enrichment for e in found if e.auc_without_enrichment is not None]
    leads = [e.rivals[0].lead for e in found]
    return Evidence(
        how=f"mean of {splits} seeded random splits by lead, {TEST_SHARE:.0%} held out in each",
        rows=round(float(np.mean([e.rows for e in found]))),
        leads=round(float(np.mean([e.leads for e in found]))),
        conversions=round(float(np.mean([e.conversions for e in found]))),
        measures={name: _over_splits([e.measures[name] for e in found]) for name in found[0].measures},
        rivals=(
            Rival(
                name=BASE_RATE,
                said=found[0].rivals[0].said,
                measures={"log_loss": _over_splits([e.rivals[0].measures["log_loss"] for e in found])},
                lead=_over_splits(leads),
            ),
        ),
        base_rate=found[0].base_rate,
        auc_without_events=_over_splits(without) if without else None,
        auc_without_enrichment=_over_splits(plain) if plain else None,
        notes=() if history.mapping.is_dated else (note,),
        reliability=mean_reliability([e.reliability for e in found]),
    )


def judge(
    history: Past, scorer: LeadScorer, tested: Moments, *, how: str, notes: tuple[str, ...]
) -> Evidence:
    """Judge a scorer as it is on labelled rows. Raises RefusedError where they hold one label only."""
    labels, owner = tested.label, history.owner[tested.lead]
    if not 0 < labels.sum() < len(labels):
        raise RefusedError(f"The {len(labels)} rows to test on all have the same label.")
    vectors = history.vectors(scorer.spec, tested.lead, tested.as_of)
    probabilities = _probabilities(scorer, vectors)
    if vectors.faults:
        notes = (*notes, f"In {len(vectors.faults)} rows a cell could not be read and counted as not known.")
    share = scorer.population.base_rate
    constant = measured(logloss, labels, np.full(len(labels), share), owner)
    loss = measured(logloss, labels, probabilities, owner)
    return Evidence(
        how=how,
        rows=len(labels),
        leads=len(np.unique(owner)),
        conversions=len(np.unique(owner[labels == 1.0])),
        measures={
            "roc_auc": measured(auc, labels, probabilities, owner),
            "log_loss": loss,
            "calibration_error": measured(calibration_error, labels, probabilities, owner),
        },
        rivals=(
            Rival(
                name=BASE_RATE,
                said="always the share of the census that was learned from",
                measures={"log_loss": constant},
                lead=Figure(constant.value - loss.value, constant.low - loss.high, constant.high - loss.low),
            ),
        ),
        base_rate=BaseRateChange(
            before=Figure(share, share, share), after=_share(labels, owner), has_moved=False
        ),
        auc_without_events=None,
        notes=notes,
        reliability=reliability(labels, probabilities, owner),
    )


def _judged(
    history: Past,
    past: tuple[Moments, Moments],
    tested: Moments,
    recipe: Recipe,
    how: str,
    notes: tuple[str, ...],
) -> Evidence:
    """Fit the twin on the past (examples and census) and judge it, with and without events."""
    twin = fit_scorer(history, *past, recipe)
    found = judge(history, twin, tested, how=how, notes=notes)
    return replace(
        found,
        auc_without_events=_auc_without_events(history, past[0], tested, recipe, twin),
        auc_without_enrichment=_auc_without_enrichment(history, past[0], tested, recipe),
    )


def _auc_without_events(
    history: Past, examples: Moments, tested: Moments, recipe: Recipe, twin: LeadScorer
) -> Figure | None:
    if not twin.spec.has_events:
        return None
    plain = replace(recipe, families=("fit", "context"))
    margins = fit_margins(history, examples, tested, plain)
    return measured(auc, tested.label, margins, history.owner[tested.lead])


def _auc_without_enrichment(
    history: Past, examples: Moments, tested: Moments, recipe: Recipe
) -> Figure | None:
    if not history.is_enriched:
        return None
    margins = fit_margins(history.without_enrichment(), examples, tested, recipe)
    return measured(auc, tested.label, margins, history.owner[tested.lead])


def _share(labels: NDArray[np.float64], owner: NDArray[np.int64]) -> Figure:
    return measured(lambda y, _, w: float((y * w).sum() / w.sum()), labels, labels, owner)


def _probabilities(scorer: LeadScorer, vectors: Vectors) -> NDArray[np.float64]:
    return scorer.calibration.at(scorer.margins_alone(vectors.values))[0]


def _order_of(history: Past, census: Moments) -> NDArray[np.int64] | None:
    """Return what orders the census in time: its moments, for flat data the creation, or nothing."""
    if history.mapping.is_dated:
        return census.as_of
    created = history.created_at[census.lead]
    return None if (created == NO_TIME).any() else created


def _before(history: Past, examples: Moments, cut: int, horizon: int) -> NDArray[np.bool_]:
    times = _order_of(history, examples)
    if times is None:
        raise TypeError("examples without time have no before")
    return np.asarray(times < cut if horizon == 0 else times + horizon <= cut)


def _is_enough(examples: Moments) -> bool:
    converted = len(np.unique(examples.lead[examples.label == 1.0]))
    return converted >= MIN_CONVERSIONS and len(np.unique(examples.lead)) - converted >= MIN_CONVERSIONS


def _over_splits(figures: list[Figure]) -> Figure:
    values = np.asarray([figure.value for figure in figures])
    mean, splits = float(values.mean()), len(values)
    if splits == 1:
        return figures[0]
    spread = float(values.std(ddof=1)) * math.sqrt(1 / splits + TEST_SHARE / (1 - TEST_SHARE))
    half = float(student_t.ppf(0.975, splits - 1)) * spread
    return Figure(mean, mean - half, mean + half)
