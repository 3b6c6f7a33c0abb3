from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_company import HOSTILE_NAME, TINY, flat_company

from features.errors import InputError
from models.boosting import margins_of
from training.fitting.fit import fit_scorer
from training.fitting.monotone import constraint_from, directions_of
from training.fitting.recipe import Recipe

DIRECTIONS: Any = ["up", "down"]


@settings(max_examples=10)
@given(st.sampled_from(DIRECTIONS), st.integers(0, 50))
def test_a_constrained_column_moves_the_margin_one_way_alone(direction: Any, seed: int) -> None:
    company = flat_company()
    boosting = replace(TINY, seed=seed)
    recipe = Recipe(boosting=boosting, monotone=((HOSTILE_NAME, direction),), early_stopping=False, folds=2)
    scorer = fit_scorer(company.history, company.examples, company.census, recipe)
    at = next(i for i, f in enumerate(scorer.spec.features) if f.about == HOSTILE_NAME)
    vectors = company.history.vectors(scorer.spec, company.examples.lead, company.examples.as_of).values[:40]
    sizes = np.geomspace(1, 5_000, 60)
    rows = np.repeat(vectors, len(sizes), axis=0)
    rows[:, at] = np.tile(sizes, len(vectors))
    margins = margins_of(scorer.booster, rows).reshape(len(vectors), len(sizes))
    steps = np.diff(margins, axis=1) * (1 if direction == "up" else -1)
    assert (steps >= 0).all()


def test_a_name_is_a_feature_or_a_column_and_categories_have_no_direction() -> None:
    spec = flat_company().scorer.spec
    signs = directions_of(spec, ((HOSTILE_NAME, "down"),))
    assert [spec.features[i].about for i, sign in enumerate(signs) if sign] == [HOSTILE_NAME]
    assert set(signs) == {0, -1}
    assert directions_of(spec, ((spec.names[signs.index(-1)], "down"),)) == signs
    assert directions_of(spec, ()) == ()
    with pytest.raises(InputError, match="nothing of that name"):
        directions_of(spec, (("employes", "up"),))
    with pytest.raises(InputError, match="a category, which has no order"):
        directions_of(spec, (("country", "up"),))


@pytest.mark.parametrize("text", ["employees", "employees=", "=up", "employees=upwards", ""])
def test_what_is_no_constraint_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--monotone"):
        constraint_from(text)
