"""What has no contributions of this form is refused by name, and so are rows of another model."""

from typing import Any

import lightgbm
import numpy as np
import pytest

from models.contributions import Attributions

RNG = np.random.default_rng(6)
ROWS = RNG.normal(size=(300, 4))
QUIET = {"verbosity": -1, "num_threads": 1}


def trained(labels: Any, before: lightgbm.Booster | None = None, **parameters: Any) -> lightgbm.Booster:
    data = lightgbm.Dataset(ROWS, labels, params=QUIET | parameters, free_raw_data=False)
    return lightgbm.train(QUIET | parameters, data, 3, init_model=before)


def read_back(booster: lightgbm.Booster) -> lightgbm.Booster:
    return lightgbm.Booster(model_str=booster.model_to_string())


def test_linear_trees_are_refused_also_where_some_trees_are_plain_or_of_one_leaf() -> None:
    plain = trained(ROWS[:, 0], objective="regression")
    for booster in (
        trained(ROWS[:, 0], objective="regression", linear_tree=True),
        trained(ROWS[:, 0], plain, objective="regression", linear_tree=True),
        trained(np.ones(300), objective="regression", linear_tree=True),
    ):
        for asked in (booster, read_back(booster)):
            with pytest.raises(ValueError, match=r"linear_tree"):
                Attributions(asked)


def test_several_classes_are_refused() -> None:
    booster = trained(RNG.integers(0, 3, 300), objective="multiclass", num_class=3)
    for asked in (booster, read_back(booster)):
        with pytest.raises(ValueError, match="found 3 "):
            Attributions(asked)


def test_rows_of_another_number_of_features_are_refused_with_both_numbers() -> None:
    asked = Attributions(trained(ROWS[:, 0] > 0, objective="binary"))
    for width in (0, 3, 5):
        for rows in (1, 2_000):
            with pytest.raises(ValueError, match=rf"\(n, 4\), found \({rows}, {width}\)"):
                asked.values(np.zeros((rows, width)))


def test_of_no_rows_there_are_no_contributions() -> None:
    asked = Attributions(trained(ROWS[:, 0] > 0, objective="binary"))
    assert asked.values(np.empty((0, 4))).shape == (0, 5)
