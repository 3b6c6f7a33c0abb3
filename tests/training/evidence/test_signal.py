"""Whether there is a signal: where there is none it is not found, where there is a weak one it is."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu
from small_company import TINY, a_mapping, dated_company, flat_company, generated_tables, tables

from features.mapping import mapping_from
from features.snapshots import Moments
from features.tables import Tables
from models.boosting import Boosting
from training.evidence import signal as signals
from training.evidence.signal import FIRST_TESTED, PARTS, NoSignalError, find_signal, signal_of
from training.examples import cut_examples
from training.fitting.folds import parts_of
from training.fitting.recipe import Recipe
from training.train import train

RECIPE = Recipe(boosting=TINY)
LEVEL = 0.001


def z_of(history: Any, examples: Moments, census: Moments) -> float:
    try:
        return find_signal(history, examples, census, RECIPE).z
    except NoSignalError as refusal:
        return refusal.signal.z


def relabelled(rows: Moments, seed: int) -> Moments:
    return Moments(rows.lead, rows.as_of, np.random.default_rng(seed).permutation(rows.label))


class Remembering:
    """A past that makes the same vectors once: they do not depend on labels."""

    def __init__(self, past: Any) -> None:
        self._past = past
        self._vectors: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._past, name)

    def vectors(self, spec: Any, leads: Any, as_of: Any) -> Any:
        if self._vectors is None:
            self._vectors = self._past.vectors(spec, leads, as_of)
        return self._vectors


def handed_on(leads: int, seed: int) -> Tables:
    """Return a dated company in which each outcome was handed to another lead: nothing can be learned."""
    rows, acts, ends = generated_tables(leads)
    ids = np.random.default_rng(seed).permutation([row["lead_id"] for row in rows])
    handed = [{**end, "lead_id": lead_id} for end, lead_id in zip(ends, ids, strict=False)]
    return tables(rows, events=acts, outcomes=handed)


def weak(seed: int, *, leads: int = 5_000, columns: int = 8) -> tuple[Tables, Any]:
    """Return flat leads, a fifth of which convert; the best possible AUC is .60."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(leads, columns))
    direction = rng.normal(size=columns)
    log_odds = 0.365 * numbers @ (direction / np.linalg.norm(direction)) - 1.43
    label = (rng.random(leads) < 1 / (1 + np.exp(-log_odds))).astype(np.float64)
    rows = [
        {"lead_id": f"L-{i}", "created_at": None, **{f"c{j}": f"{v:.4f}" for j, v in enumerate(row)}}
        for i, row in enumerate(numbers.tolist())
    ]
    made = tables(rows)
    sections = {"leads": {"path": "leads.csv", "id": "lead_id"}}
    mapping = mapping_from({**sections, "outcomes": {"label": "Converted", "positive": 1}})
    return Tables(leads=made.leads, label=pd.Series(label), extract_at=made.extract_at), mapping


@given(st.integers(0, 2**32 - 1), st.integers(20, 200))
def test_in_one_stratum_it_is_the_test_of_mann_and_whitney(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    margins, labels = rng.choice(np.linspace(-1, 1, 30), rows), (rng.random(rows) < 0.4).astype(np.float64)
    labels[:2] = 0.0, 1.0
    found = signal_of(margins, labels, np.arange(rows), np.zeros(rows, np.int64))
    ones, zeros = margins[labels == 1.0], margins[labels == 0.0]
    theirs = mannwhitneyu(ones, zeros, alternative="greater")
    assert found.auc.value == pytest.approx(theirs.statistic / (len(ones) * len(zeros)), abs=1e-12)
    assert found.auc.low <= found.auc.value <= found.auc.high


def test_its_spread_is_that_of_mann_and_whitney_where_there_is_no_signal() -> None:
    rng = np.random.default_rng(3)
    margins, labels = rng.normal(size=4_000), (rng.random(4_000) < 0.2).astype(np.float64)
    found = signal_of(margins, labels, np.arange(4_000), np.zeros(4_000, np.int64))
    theirs = mannwhitneyu(margins[labels == 1], margins[labels == 0], alternative="greater")
    assert found.p_value == pytest.approx(theirs.pvalue, rel=0.05)


@given(st.integers(0, 2**32 - 1))
def test_order_scale_and_level_of_the_strata_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    margins, stratum, owner = rng.normal(size=120), rng.integers(0, 6, 120), rng.integers(0, 40, 120)
    labels = (rng.random(120) < 0.3).astype(np.float64)
    one = signal_of(margins, labels, owner, stratum)
    mixed = rng.permutation(120)
    moved = np.exp(margins) + 10.0 * stratum
    for other in (
        signal_of(margins[mixed], labels[mixed], owner[mixed], stratum[mixed]),
        signal_of(moved, labels, owner, stratum),
    ):
        assert (other.z, other.auc.value) == pytest.approx((one.z, one.auc.value), abs=1e-9)


def test_neither_the_calendar_nor_a_models_level_passes_for_a_signal() -> None:
    """Dates on which many convert have high margins; within a date the margins say nothing."""
    rng = np.random.default_rng(5)
    date = np.repeat(np.arange(20), 200)
    labels = (rng.random(4_000) < np.linspace(0.02, 0.6, 20)[date]).astype(np.float64)
    margins = 0.2 * date + rng.normal(size=4_000)
    assert signal_of(margins, labels, np.arange(4_000), np.zeros(4_000, np.int64)).z > 10.0
    assert abs(signal_of(margins, labels, np.arange(4_000), date).z) < 3.0


def test_rows_of_one_lead_are_no_news_to_each_other() -> None:
    rng = np.random.default_rng(6)
    margins, labels = rng.normal(size=300), (rng.random(300) < 0.3).astype(np.float64)
    margins += 0.4 * labels
    once = signal_of(margins, labels, np.arange(300), np.zeros(300, np.int64))
    week = np.repeat(np.arange(9), 300)
    often = signal_of(np.tile(margins, 9), np.tile(labels, 9), np.tile(np.arange(300), 9), week)
    assert often.z == pytest.approx(once.z, rel=1e-9)
    assert signal_of(np.tile(margins, 9), np.tile(labels, 9), np.arange(2_700), week).z > 2 * once.z


def test_strata_of_one_label_say_nothing() -> None:
    margins, labels = np.linspace(0, 1, 8), np.repeat([0.0, 1.0], 4)
    found = signal_of(margins, labels, np.arange(8), np.repeat([0, 1], 4))
    assert (found.z, found.p_value, found.is_there) == (0.0, 1.0, False)


def test_no_part_is_judged_by_what_learned_from_it_or_a_later_one(monkeypatch: pytest.MonkeyPatch) -> None:
    company = flat_company()
    part_of = parts_of(company.history.owner_hash, PARTS, "signal")
    shown: list[int] = []

    def fitting(values: Any, labels: Any, *rest: Any) -> Any:
        shown.append(len(labels))
        return fit(values, labels, *rest)

    fit = signals.fit_booster
    monkeypatch.setattr(signals, "fit_booster", fitting)
    z_of(company.history, company.examples, company.census)
    assert shown == [(part_of < part).sum() for part in range(FIRST_TESTED, PARTS)]


@pytest.mark.proof(part="signal")
def test_without_a_signal_z_is_about_standard_normal(
    proof_size: Callable[[int, int], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ordinary cross-validation, in which folds judge one another, would give a spread of 1.4 here.

    Mean and spread lie within three of their standard errors, and 0.05 beside that for what is not normal.
    """
    times, found = proof_size(100, 3_000), cut_examples(*weak(0, leads=400, columns=4))
    spec = signals.learned_spec(found.history, found.learned, RECIPE)
    monkeypatch.setattr(signals, "learned_spec", lambda *_: spec)
    monkeypatch.setattr(signals, "Boosting", partial(Boosting, num_trees=proof_size(25, 120)))
    past = Remembering(found.history)
    z = np.asarray([z_of(past, rows, rows) for rows in (relabelled(found.learned, s) for s in range(times))])
    assert abs(z.mean()) < 3 / np.sqrt(times) + 0.05
    assert abs(z.std() - 1.0) < 3 / np.sqrt(2 * times) + 0.05
    assert (z > 3.09).sum() <= 1 + 0.003 * times


@pytest.mark.proof(part="signal")
def test_shuffled_labels_of_flat_data_are_refused(proof_size: Callable[[int, int], int]) -> None:
    company = flat_company(2_000)
    for seed in range(proof_size(2, 10)):
        rows = relabelled(company.examples, seed)
        with pytest.raises(NoSignalError, match="show no signal"):
            find_signal(company.history, rows, rows, RECIPE)


@pytest.mark.proof(part="signal")
def test_outcomes_handed_to_other_leads_are_refused(proof_size: Callable[[int, int], int]) -> None:
    """The calendar still tells when wins happen, and leads still differ in what they are and do."""
    for seed in range(proof_size(2, 10)):
        with pytest.raises(NoSignalError, match="show no signal") as refused:
            train(handed_on(proof_size(500, 3_000), seed), a_mapping(), RECIPE)
        assert refused.value.signal.z < 3.09


@pytest.mark.proof(part="signal")
def test_a_weak_but_real_signal_is_found(proof_size: Callable[[int, int], int]) -> None:
    tries = proof_size(2, 20)
    found = []
    for seed in range(tries):
        examples = cut_examples(*weak(seed))
        found.append(z_of(examples.history, examples.learned, examples.census) > 3.09)
    assert sum(found) >= 0.9 * tries


def test_a_signal_of_dated_leads_is_found() -> None:
    company = dated_company(900)
    found = find_signal(company.history, company.examples, company.census, RECIPE)
    assert found.is_there
    assert found.p_value < LEVEL
    assert 0.5 < found.auc.low <= found.auc.value <= found.auc.high


def test_of_very_many_rows_those_of_some_leads_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    company = dated_company(900)
    whole = find_signal(company.history, company.examples, company.census, RECIPE)
    monkeypatch.setattr(signals, "MOST_ROWS", len(company.census) // 2)
    half = find_signal(company.history, company.examples, company.census, RECIPE)
    assert half.is_there
    assert half.z < whole.z


def test_flat_leads_with_a_creation_are_compared_within_a_month(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest convert oftener, and a column tells how new they are: that alone is no signal."""
    made, _ = weak(0, leads=1_500, columns=2)
    day = np.arange(1_500) // 4
    created = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(day, unit="D")
    label = np.random.default_rng(0).random(1_500) < np.linspace(0.05, 0.6, 1_500)
    leads = made.leads.assign(created_at=created.astype("datetime64[us, UTC]"), c1=day.astype(str))
    drifting = replace(made, leads=leads, label=pd.Series(label.astype(np.float64)))
    content = {"leads": {"path": "leads.csv", "id": "lead_id", "created_at": "created_at"}}
    mapping = mapping_from({**content, "outcomes": {"label": "Converted", "positive": 1}})
    examples = cut_examples(drifting, mapping)
    assert z_of(examples.history, examples.learned, examples.census) < 3.09
    monkeypatch.setattr(signals, "_MONTH", 10**18)
    assert z_of(examples.history, examples.learned, examples.census) > 8.0


@pytest.mark.parametrize("least", [0, 20])
def test_snapshots_each_at_a_moment_of_its_own_are_compared_by_week_or_month(
    least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were a stratum one moment, each would hold one row, and say nothing of the best of models."""
    monkeypatch.setattr(signals, "LEAST_ROWS", least)
    rows, acts, ends = generated_tables(1_500)
    training = {"horizon": "30 days", "snapshot_at": ["7 days"], "census": "snapshots"}
    examples = cut_examples(tables(rows, events=acts, outcomes=ends), a_mapping(training=training))
    moments = np.unique(examples.census.as_of)
    assert len(moments) == len(examples.census)
    assert z_of(examples.history, examples.learned, examples.census) > 3.09
    noise = relabelled(examples.census, 0)
    assert z_of(examples.history, noise, noise) < 3.09


def test_the_interval_of_its_auc_lies_within_bounds() -> None:
    found = signal_of(np.linspace(0, 1, 12), np.repeat([0.0, 1.0], 6), np.arange(12), np.arange(12) % 2)
    assert found.auc.value == pytest.approx(1.0)
    assert 0.0 <= found.auc.low <= found.auc.value <= found.auc.high
    assert found.auc.high == pytest.approx(1.0)
    assert found.auc.high <= max(1.0, found.auc.value)
