"""What leads did next: counted by hand, and true of leads that came later."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from small_company import Company, dated_company, flat_company

from features.durations import DAY_US
from features.mapping import read_mapping
from features.reading import read_tables
from features.snapshots import Moments
from models.boosting import Boosting
from models.next_acts import LAST_ACT, LEADS, NextActs, bands_of, recencies_of
from training.examples import cut_examples
from training.fitting.fit import fit_scorer
from training.fitting.next_acts import WINDOW_US, measured, next_acts_of, shares_with_intervals
from training.fitting.recipe import Recipe
from training.synthetic.engine import generate
from training.synthetic.recipe import History as Synthetic


@dataclass(frozen=True)
class Rows:
    """Rows of a census: their groups, and what is counted of them."""

    band: NDArray[np.int64]
    recency: NDArray[np.int64]
    told: NextActs


def counted(company: Company, census: Moments, ranks: NDArray[np.float64]) -> Rows:
    spec = company.scorer.spec
    seen = measured(company.history, spec, census)
    told = next_acts_of(company.history, spec, census, ranks, seen)
    assert told is not None
    return Rows(bands_of(ranks), recencies_of(seen[0][:, spec.names.index(LAST_ACT)]), told)


def test_shares_are_those_of_a_count_by_hand() -> None:
    company = dated_company()
    census, history = company.census, company.history
    ranks = np.random.default_rng(3).random(len(census))
    rows = counted(company, census, ranks)
    log = history.events
    pricing = log.keys.index("page_view.pricing")
    did, nothing = [], []
    for lead, as_of in zip(census.lead.tolist(), census.as_of.tolist(), strict=True):
        own = slice(log.offsets[history.owner[lead]], log.offsets[history.owner[lead] + 1])
        at = log.occurred_at[own]
        came = (at > as_of) & (at <= as_of + 7 * DAY_US) & (log.known_at[own] <= history.extract_at)
        did.append(bool((came & (log.detail_key[own] == pricing)).any()))
        nothing.append(not came.any())
    told = 0
    for band in range(4):
        for recency in range(4):
            own = (rows.band == band) & (rows.recency == recency)
            leads = len(np.unique(history.owner[census.lead[own]]))
            assert rows.told.leads[band, recency] == leads
            shares = rows.told.shares[band, recency]
            if leads < LEADS:
                assert np.isnan(shares).all()
                continue
            told += 1
            at = company.scorer.spec.event_keys.index("page_view.pricing")
            assert shares[at, 0] == pytest.approx(np.mean(np.asarray(did)[own]), abs=1e-6)
            assert shares[-1, 0] == pytest.approx(np.mean(np.asarray(nothing)[own]), abs=1e-6)
    assert told >= 8
    assert 0 < sum(did) < len(did)


def test_moments_whose_window_had_not_ended_do_not_count() -> None:
    company = dated_company()
    census = company.census
    ranks = np.full(len(census), 0.5)
    last = int(np.sort(census.as_of)[len(census) // 2])

    def told(extract_at: int, rows: NDArray[np.bool_]) -> NextActs | None:
        past = copy.copy(company.history)
        past.extract_at = extract_at
        some = census.where(rows)
        seen = measured(past, company.scorer.spec, some)
        return next_acts_of(past, company.scorer.spec, some, ranks[rows], seen)

    early = told(last, np.ones(len(census), np.bool_))
    alone = told(last, census.as_of <= last - WINDOW_US)
    assert early is not None
    assert alone is not None
    assert early.leads.sum() < counted(company, census, ranks).told.leads.sum()
    assert early.shares.tobytes() == alone.shares.tobytes()


def test_flat_data_and_a_model_without_events_have_none() -> None:
    assert flat_company().scorer.next_acts is None
    company = dated_company()
    fit_alone = Recipe(boosting=Boosting(num_trees=3), early_stopping=False, families=("fit",))
    scorer = fit_scorer(company.history, company.examples, company.census, fit_alone)
    assert scorer.next_acts is None


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=LEADS, max_size=60),
)
def test_an_interval_holds_its_share_and_is_no_narrower_than_independent_moments_allow(
    leads: list[tuple[int, int]],
) -> None:
    moments = np.asarray([count for count, _ in leads])
    times = np.asarray([[min(count, did)] for count, did in leads])
    [[share, low, high]] = shares_with_intervals(moments, times)
    assert 0 <= low <= share <= high <= 1
    assert share == times.sum() / moments.sum()
    total = int(moments.sum())
    [[_, low_alone, high_alone]] = shares_with_intervals(
        np.ones(total, np.int64), np.repeat([[1], [0]], [times.sum(), total - times.sum()], axis=0)
    )
    if 0 < share < 1:
        assert high - low >= (high_alone - low_alone) * (1 - 1e-9)
    assert high > low


def test_the_weeks_of_one_lead_count_as_few() -> None:
    alike = np.asarray([[9], [0]] * 30)
    mixed = np.asarray([[5], [4]] * 30)
    [_, low, high], [_, low_mixed, high_mixed] = (
        shares_with_intervals(np.full(60, 9), times)[0] for times in (alike, mixed)
    )
    assert high - low > 2 * (high_mixed - low_mixed)


def test_nine_of_ten_intervals_hold_the_true_share() -> None:
    rng = np.random.default_rng(5)
    held = []
    for _ in range(400):
        own = rng.beta(0.4, 3.6, 120)  # leads differ: a mean of 0.1, far apart
        moments = rng.integers(1, 12, 120)
        [[_, low, high]] = shares_with_intervals(moments, rng.binomial(moments, own)[:, np.newaxis])
        held.append(low <= 0.1 <= high)
    assert 0.84 <= np.mean(held) <= 0.96


@pytest.mark.proof(part="truth")
def test_shares_are_true_of_leads_that_come_later(
    tmp_path: Path, proof_size: Callable[[int, int], int]
) -> None:
    made = generate(Synthetic(leads=proof_size(1_600, 20_000), seed=3), tmp_path)
    mapping = read_mapping(made.mapping)
    cut: Any = cut_examples(read_tables(mapping, tmp_path), mapping)
    now = cut.history.extract_at - 210 * DAY_US
    learned, census = (m.where(m.as_of <= now - 90 * DAY_US) for m in (cut.learned, cut.census))
    scorer = fit_scorer(
        cut.history, learned, census, Recipe(boosting=Boosting(num_trees=30), early_stopping=False)
    )
    later = cut.census.where(cut.census.as_of > now)
    seen = measured(cut.history, scorer.spec, later)
    ranks = scorer.population.margin.at(scorer.margins_alone(seen[0]))
    came = next_acts_of(cut.history, scorer.spec, later, ranks, seen)
    said = scorer.next_acts
    assert said is not None
    assert came is not None
    both = (said.leads >= 100) & (came.leads >= 100)
    assert both.sum() >= 8
    one, other = said.shares[both], came.shares[both]
    differ = np.abs(one[..., 0] - other[..., 0])
    overlap = (one[..., 1] <= other[..., 2]) & (other[..., 1] <= one[..., 2])
    assert differ.mean() <= 0.01
    assert overlap.mean() >= 0.9
