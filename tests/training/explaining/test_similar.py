"""Similar leads: near in log-odds, one row a lead, never the lead itself, and never from its future."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_company import dated_company, day, flat_company

from models.reasons.groups import groups_of, sums_by_group
from models.score import Score
from training.examples import Examples
from training.explaining.past_leads import similar_leads
from training.explaining.similar import PastMoments, share_of, shared_reasons, similar

HORIZON = 30


@st.composite
def pasts(draw: st.DrawFn) -> PastMoments:
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    rows, leads, groups = draw(st.integers(0, 200)), draw(st.integers(1, 40)), draw(st.integers(1, 6))
    return PastMoments(
        sums=rng.normal(size=(rows, groups)).round(draw(st.sampled_from([0, 1, 9]))),
        owner=rng.integers(0, leads, rows),
        as_of=rng.integers(0, 200, rows),
        label=rng.integers(0, 2, rows) * 1.0,
    )


@given(pasts(), st.integers(0, 40), st.integers(0, 250), st.integers(1, 50), st.integers(0, 10**6))
@settings(deadline=None, max_examples=200)
def test_neighbours_are_the_nearest_of_other_leads_whose_horizon_had_ended(
    past: PastMoments, owner: int, as_of: int, wanted: int, seed: int
) -> None:
    sums = np.random.default_rng(seed).normal(size=past.sums.shape[1])
    found = similar(sums, past, owner=owner, as_of=as_of, horizon=HORIZON, leads=wanted)
    assert (past.as_of[found.rows] + HORIZON <= as_of).all()
    assert owner not in past.owner[found.rows]
    assert len(np.unique(past.owner[found.rows])) == len(found.rows)
    # The plain way: each lead's nearest moment, then the nearest leads.
    distance = np.sqrt(((past.sums - sums) ** 2).sum(axis=1))
    usable = (past.as_of + HORIZON <= as_of) & (past.owner != owner)
    nearest = sorted(distance[usable & (past.owner == one)].min() for one in np.unique(past.owner[usable]))
    np.testing.assert_allclose(found.distance, nearest[:wanted], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.distance, distance[found.rows], rtol=0, atol=1e-12)
    assert (found.won is None) == (len(found.rows) == 0)


@given(pasts().filter(len), st.integers(0, 10**6))
@settings(deadline=None)
def test_the_nearest_to_a_vector_that_is_there_is_that_vector(past: PastMoments, seed: int) -> None:
    row = int(np.random.default_rng(seed).integers(len(past)))
    found = similar(past.sums[row], past, owner=-1, as_of=10**6, horizon=HORIZON, leads=1)
    assert found.distance.tolist() == [0.0]
    assert past.sums[found.rows[0]].tolist() == past.sums[row].tolist()


def test_many_near_moments_of_one_lead_hide_no_other_lead() -> None:
    past = PastMoments(
        sums=np.concatenate([np.linspace(0, 1, 500), [5.0, 7.0]])[:, None],
        owner=np.asarray([1] * 500 + [2, 3]),
        as_of=np.zeros(502, np.int64),
        label=np.zeros(502),
    )
    found = similar(np.asarray([0.0]), past, owner=0, as_of=HORIZON, horizon=HORIZON, leads=3)
    assert found.rows.tolist() == [0, 500, 501]


def test_a_share_has_wilson_s_interval() -> None:
    found = share_of(np.asarray([1.0] * 3 + [0.0] * 17))
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.15, 0.0524, 0.3604), abs=1e-4)
    nobody = share_of(np.zeros(20))
    assert nobody is not None
    assert nobody.high > 0.1
    assert share_of(np.empty(0)) is None


def test_in_common_is_what_moves_most_of_them_the_same_way() -> None:
    lead = np.asarray([0.1, -0.9, 0.5, 0.0])
    neighbours = np.asarray([[0.2, -0.8, -0.4, 0.0], [0.3, -0.7, -0.1, 0.0], [-0.1, -1.1, 0.2, 0.0]])
    assert shared_reasons(lead, neighbours) == [(1, 3), (0, 2)]
    assert shared_reasons(lead, neighbours, most=1) == [(1, 3)]


@pytest.mark.parametrize("is_dated", [True, False], ids=["dated", "flat"])
def test_the_neighbours_of_a_company_s_lead_are_told_with_how_they_ended(*, is_dated: bool) -> None:
    company = dated_company() if is_dated else flat_company()
    examples = Examples(history=company.history, learned=company.examples, census=company.census)
    past, position = company.history, 17
    as_of = day(200) if is_dated else past.extract_at
    [score] = company.scorer.score(past.at(np.asarray([position]), np.asarray([as_of])))
    assert isinstance(score, Score)
    found = similar_leads(company.scorer, examples, score, int(past.owner[position]), leads=12)
    assert len(found.leads) == 12
    assert found.searched == found.moments == len(company.census)
    ids = [one.score.lead_id for one in found.leads]
    assert len(set(ids)) == 12
    assert score.lead_id not in ids
    won = dict.fromkeys(ids, False)
    groups = groups_of(company.scorer.spec)
    assert score.contributions is not None
    own = sums_by_group(score.contributions[None], groups)
    for one in found.leads:
        if is_dated:
            assert one.score.as_of + day(30) - day(0) <= as_of
        row = company.census.where(
            (company.census.lead == past.lead_ids.index(one.score.lead_id))
            & (company.census.as_of == one.score.as_of)
        )
        assert row.label.tolist() == [float(one.won)]
        won[one.score.lead_id] = one.won
        assert one.score.contributions is not None
        theirs = sums_by_group(one.score.contributions[None], groups)
        assert one.distance == pytest.approx(float(np.sqrt(((own - theirs) ** 2).sum())), abs=1e-12)
    assert found.won is not None
    assert found.won.value == pytest.approx(sum(won.values()) / 12)
    assert found.shared
    for shared in found.shared:
        at = groups.index(shared.group)
        assert shared.raises == (own[0, at] > 0)


def test_of_many_moments_some_are_searched_and_how_many_is_said() -> None:
    company = dated_company()
    examples = Examples(history=company.history, learned=company.examples, census=company.census)
    [score] = company.scorer.score(company.batch(1))
    assert isinstance(score, Score)
    asked = {"scorer": company.scorer, "examples": examples, "score": score, "owner": 0, "leads": 5}
    found, again = (similar_leads(**asked, most=300) for _ in range(2))
    assert (found.searched, found.moments) == (300, len(company.census))
    assert [one.score for one in found.leads] == [one.score for one in again.leads]
    nearest, whole = found.leads[0], similar_leads(**asked).leads[0]
    assert whole.distance <= nearest.distance
