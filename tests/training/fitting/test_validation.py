"""Validation within the examples: no lead on both sides, nothing learned of what was not yet decided."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import Company, dated_company, flat_company

from features.snapshots import Moments
from models.boosting import Boosting, binned
from training.fitting.recipe import Recipe
from training.fitting.stopping import FEWEST, trees_for
from training.fitting.validation import PARTS, validations_of

DAY = 86_400_000_000


@pytest.fixture(scope="module")
def dated() -> Company:
    return dated_company()


def test_by_lead_no_lead_is_on_both_sides_and_every_example_is_judged_once() -> None:
    company = flat_company()
    twice = Moments(*(np.repeat(part, 2) for part in _parts(company.examples)))
    found = validations_of(company.history, twice)
    assert len(found) == PARTS
    for validation in found:
        assert not set(twice.lead[validation.learned]) & set(twice.lead[validation.judged])
        assert len(validation.learned) + len(validation.judged) == len(twice)
    judged = np.concatenate([validation.judged for validation in found])
    assert sorted(judged) == list(range(len(twice)))


@given(seed=st.integers(0, 99), horizon=st.integers(1, 60))
def test_forward_in_time_every_label_was_decided_before_the_first_that_is_judged(
    dated: Company, seed: int, horizon: int
) -> None:
    rng = np.random.default_rng(seed)
    history = dated.history
    chosen = rng.random(len(dated.examples)) < 0.8
    examples = dated.examples.where(chosen)
    training = dated.mapping.training.model_copy(update={"horizon": horizon * DAY})
    mapping = history.mapping
    history.mapping = mapping.model_copy(update={"training": training})
    try:
        found = validations_of(history, examples)
    finally:
        history.mapping = mapping
    ends: list[int] = []
    for validation in found:
        assert (np.diff(validation.learned) > 0).all()
        assert not set(validation.learned) & set(validation.judged)
        if len(found) == PARTS:
            continue
        first = examples.as_of[validation.judged].min()
        assert (examples.as_of[validation.learned] + horizon * DAY <= first).all()
        assert first > (ends[-1] if ends else 0)
        ends.append(int(examples.as_of[validation.judged].max()))


def test_a_history_with_time_is_validated_forward_and_one_too_short_for_the_embargo_by_lead(
    dated: Company,
) -> None:
    assert 0 < len(validations_of(dated.history, dated.examples)) < PARTS
    age = dated.examples.as_of - dated.history.created_at[dated.examples.lead]
    started = dated.examples.as_of - dated.examples.as_of.min()
    short = dated.examples.where((age == 0) & (started < 80 * DAY))
    assert len(validations_of(dated.history, short)) == PARTS


def test_the_order_of_the_rows_moves_no_example_to_another_side(dated: Company) -> None:
    order = np.random.default_rng(3).permutation(len(dated.examples))
    shuffled = dated.examples.where(order)
    one, other = (validations_of(dated.history, rows) for rows in (dated.examples, shuffled))
    for a, b in zip(one, other, strict=True):
        assert set(a.judged.tolist()) == set(order[b.judged].tolist())
        assert set(a.learned.tolist()) == set(order[b.learned].tolist())


def test_trees_are_few_where_there_is_nothing_to_learn_and_more_where_there_is() -> None:
    company = flat_company()
    rng = np.random.default_rng(1)
    values = rng.normal(size=(len(company.examples), 4))
    features = company.scorer.spec.features[:4]
    features = tuple(replace(feature, measure="number") for feature in features)
    validations = validations_of(company.history, company.examples)
    boosting = Boosting(num_trees=60, learning_rate=0.1)
    chosen = []
    for strength in (0.0, 3.0):
        label = (rng.random(len(values)) < 1 / (1 + np.exp(-strength * values[:, 0]))).astype(np.float64)
        examples = Moments(company.examples.lead, company.examples.as_of, label)
        dataset = binned(values, label, examples.weight, features)
        chosen.append(trees_for(dataset, examples, validations, boosting))
    assert chosen[0] == FEWEST
    assert FEWEST < chosen[1] <= 60
    assert trees_for(dataset, examples, (), boosting) == 60
    assert Recipe().boosting.num_trees == 300


def _parts(moments: Moments) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return moments.lead, moments.as_of, moments.label
