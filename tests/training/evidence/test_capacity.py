"""The team's capacity, in leads of a census that is known."""

from typing import Any

import numpy as np
import pytest
from small_company import a_mapping, dated_company, flat_company

from features.snapshots import WEEK, Lives, Moments, candidates, census
from training.evidence.capacity import capacity_of


class APast:
    def __init__(self, **training: Any) -> None:
        self.mapping = a_mapping(training={"horizon": "30 days"} | training)


def rows(as_of: np.ndarray) -> Moments:
    return Moments(np.arange(len(as_of)), as_of.astype(np.int64), np.zeros(len(as_of)))


def test_of_a_weekly_census_it_is_a_share_of_the_leads_of_a_monday() -> None:
    weekly = rows(np.repeat(np.arange(12) * WEEK, 40))
    assert capacity_of(APast(), weekly, 10, 1.0).share == pytest.approx(10 / 40)
    found = capacity_of(APast(), weekly, 10, 0.25)
    assert found.share == pytest.approx(10 / 160)
    assert "Of about 160 leads open at a time the team works 10 a week." in found.said
    assert capacity_of(APast(), weekly, 90, 1.0).share == 1.0


def test_of_snapshots_it_is_a_share_of_those_that_come_in_a_week() -> None:
    past = APast(snapshot_at=["7 days"], census="snapshots")
    each_at_its_own = rows(np.linspace(0, 20 * WEEK, 600))
    found = capacity_of(past, each_at_its_own, 6, 1.0)
    assert found.share == pytest.approx(6 / 30)
    assert "Of about 30 leads that come to be scored in a week" in found.said


def test_flat_data_have_no_weeks() -> None:
    assert capacity_of(flat_company().history, rows(np.zeros(9)), 6, 1.0).share is None


def test_a_census_that_was_cut_knows_its_share() -> None:
    company = dated_company()
    lives = Lives(company.tables, company.history)
    whole, size = (len(company.census), len(company.census) // 3)
    assert candidates(company.history, lives, company.mapping)[0] >= whole
    taken, there = candidates(company.history, lives, company.mapping, size=size)
    cut = census(company.history, lives, company.mapping, size=size)
    assert len(cut) <= taken <= size
    assert len(cut) / (taken / there) == pytest.approx(whole, rel=0.15)
