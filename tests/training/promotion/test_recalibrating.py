"""The champion with its level set anew, on a company whose leads convert more often from some day on."""

from copy import copy
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from small_company import Company, a_mapping, dated_company, day, flat_company

from features.durations import DAY_US
from features.errors import RefusedError
from features.snapshots import Moments
from features.told_times import day_of, moment_of
from models.score import Score
from training.evidence.evidence import MUST_MEET
from training.promotion.recalibrating import Recalibrated, recalibrate, with_level
from training.promotion.versions import Version, foretold

CUT = 150


def version(company: Company, until: int | None = day(CUT)) -> Version:
    return Version(number=4, scorer=company.scorer, learned_until=until)


def luckier(company: Company, share: float = 0.5) -> Moments:
    """The census as if that share of those who did not convert had converted after all, from CUT on."""
    lucky = (np.random.default_rng(5).random(len(company.history)) < share)[company.census.lead]
    label = np.where(lucky & (company.census.as_of >= day(CUT)), 1.0, company.census.label)
    return replace(company.census, label=label)


def test_a_new_level_leaves_what_leads_did_next() -> None:
    scorer = dated_company().scorer
    anew = with_level(scorer, scorer.calibration, 0.1)
    assert scorer.next_acts is not None
    assert anew.next_acts is scorer.next_acts


@cache
def found_anew() -> Recalibrated:
    """What is found for the dated company whose leads became luckier."""
    company = dated_company()
    return recalibrate(version(company), company.history, luckier(company), seed=7)


def test_a_moved_base_rate_is_met_and_the_ranking_stays() -> None:
    company = dated_company()
    census = luckier(company)
    found = found_anew()
    rows = census.where(census.as_of >= day(CUT))
    assert len(found.rows) == len(rows)
    before, after = (foretold(s, company.history, rows) for s in (company.scorer, found.scorer))
    assert abs(after.probability.mean() - rows.label.mean()) < 0.01
    assert abs(before.probability.mean() - rows.label.mean()) > 0.1
    assert (before.score == after.score).all()
    assert (found.said_before, found.said_now) == (before.probability.mean(), after.probability.mean())
    assert found.scorer.base_rate == pytest.approx(rows.label.mean())
    assert found.scorer.booster.model_to_string() == company.scorer.booster.model_to_string()


def test_it_is_judged_on_rows_that_its_twin_has_not_seen_beside_the_champion() -> None:
    company = dated_company()
    found = found_anew()
    assert found.twin.learned_until is not None
    assert found.comparison.champion == 4
    assert found.comparison.difference.high < 0.0
    assert found.comparison.rows == found.evidence.rows
    assert found.evidence.rows == int((company.census.as_of >= found.twin.learned_until).sum())
    assert found.evidence.rows < len(found.rows)
    assert found.comparison.stability.value == 0.0


def test_a_blend_stays_a_blend_with_the_same_scores() -> None:
    company = dated_company(120)
    assert company.scorer.rung == "blend"
    census = luckier(company)
    found = recalibrate(version(company, day(60)), company.history, census, seed=7)
    rows = census.where(census.as_of >= day(60))
    before, after = company.scorer.score(company.batch()), found.scorer.score(company.batch())
    for one, other in zip(before, after, strict=True):
        assert isinstance(one, Score)
        assert isinstance(other, Score)
        assert (one.rung, one.score, one.margin) == (other.rung, other.score, other.margin)
        assert one.reasons == other.reasons
    assert abs(foretold(found.scorer, company.history, rows).probability.mean() - rows.label.mean()) < 0.01


def test_rivals_that_know_the_same_earlier_rows_are_asked() -> None:
    company = dated_company()
    found = found_anew()
    assert {rival.name for rival in found.evidence.rivals} > set(MUST_MEET)
    again = recalibrate(version(company), company.history, luckier(company, 0.1), seed=7)
    assert found.evidence.rivals[0].said != again.evidence.rivals[0].said


@pytest.mark.parametrize("horizon_days", [30, 200])
def test_a_twin_is_asked_of_nothing_that_was_decided_before(horizon_days: int) -> None:
    company = dated_company()
    past = copy(company.history)
    past.mapping = a_mapping(training={"horizon": f"{horizon_days} days"})
    found = recalibrate(version(company), past, luckier(company), seed=7)
    assert found.twin.learned_until is not None
    first = np.datetime64(found.evidence.first or "", "us").astype(int)
    assert found.evidence.learned_until == moment_of(found.twin.learned_until)
    assert found.evidence.is_embargoed is (horizon_days == 30)
    if horizon_days == 30:
        assert day_of(found.twin.learned_until) <= day_of(int(first))
        assert found.evidence.notes == ()
    else:
        assert found.twin.learned_until >= first + (horizon_days - 7) * DAY_US
        assert "No embargo" in found.evidence.notes[0]


def test_what_the_later_rows_say_does_not_reach_the_twin() -> None:
    company = dated_company()
    one = found_anew()
    census = luckier(company)
    assert one.twin.learned_until is not None
    other = np.where(census.as_of >= one.twin.learned_until, 1.0 - census.label, census.label)
    again = recalibrate(version(company), company.history, replace(census, label=other), seed=7)
    assert again.twin.scorer.calibration.to_dict() == one.twin.scorer.calibration.to_dict()
    assert again.scorer.calibration.to_dict() != one.scorer.calibration.to_dict()


def test_too_little_since_or_no_time_is_refused() -> None:
    company, flat = dated_company(), flat_company()
    with pytest.raises(RefusedError, match=r"after the champion was trained .* a new level needs 20"):
        recalibrate(version(company, day(3_000)), company.history, company.census, seed=7)
    with pytest.raises(RefusedError, match="Data without time"):
        recalibrate(version(flat, None), flat.history, flat.census, seed=7)
