import numpy as np
import pytest
from cards import SPEC

from training.fitting.profile import ideal_profile


def leads(seed: int, effect: float, rows: int = 2_000) -> tuple[np.ndarray, np.ndarray]:
    """Return vectors in which banks, and leads of five or more employees, win more often."""
    rng = np.random.default_rng(seed)
    values = np.full((rows, len(SPEC.features)), np.nan)
    industry, employees = rng.integers(0, 4, rows), rng.integers(0, 10, rows)
    values[:, SPEC.names.index("industry")] = industry
    values[:, SPEC.names.index("employees")] = employees
    values[:, SPEC.names.index("activity.count.7d")] = 5.0 * (employees > 4)
    chance = 0.1 * np.exp(effect * ((industry == 1) + (employees >= 5)))
    return values, rng.random(rows) < chance


def test_the_profile_is_what_wins_more_than_its_share_with_counts_and_lift() -> None:
    values, won = leads(1, 0.7)
    found = ideal_profile(SPEC, values, won)
    by_name = {trait.said: trait for trait in found}
    assert set(by_name) == {"industry: banking", "employees: at least 5"}
    banks = values[:, SPEC.names.index("industry")] == 1
    trait = by_name["industry: banking"]
    assert (trait.leads, trait.wins) == (int(banks.sum()), int((banks & won).sum()))
    assert trait.lift == pytest.approx(won[banks].mean() / won.mean())
    assert 1.0 < trait.ratio_low < won[banks].mean() / won[~banks].mean()


def test_what_leads_did_is_no_part_of_who_they_are() -> None:
    values, won = leads(1, 0.7)
    assert "activity.count.7d" not in {trait.feature for trait in ideal_profile(SPEC, values, won)}


def test_chance_makes_hardly_ever_a_profile() -> None:
    found = [len(ideal_profile(SPEC, *leads(seed, 0.0))) for seed in range(40)]
    assert np.mean([count > 0 for count in found]) < 0.2


def test_a_value_of_a_few_leads_is_never_named() -> None:
    values, won = leads(3, 0.0)
    rare = np.zeros(len(won), bool)
    rare[:19] = True
    column = SPEC.names.index("industry")
    values[values[:, column] == 0, column] = 2
    values[rare, column] = 0
    won[rare] = True
    assert "industry: Retail" not in {trait.said for trait in ideal_profile(SPEC, values, won)}


def test_nobody_won_is_no_profile() -> None:
    values, won = leads(4, 0.7)
    assert ideal_profile(SPEC, values, np.zeros_like(won)) == ()


def test_what_nearly_every_lead_has_is_no_trait_however_sure() -> None:
    rng = np.random.default_rng(6)
    values = np.full((20_000, len(SPEC.features)), np.nan)
    industry = (rng.random(20_000) < 0.03).astype(float)
    values[:, SPEC.names.index("industry")] = industry
    won = rng.random(20_000) < np.where(industry == 0, 0.2, 0.02)
    share, others = won[industry == 0].mean(), won[industry == 1].mean()
    assert share > 5 * others
    assert 1.0 < share / won.mean() < 1.05
    assert ideal_profile(SPEC, values, won) == ()
