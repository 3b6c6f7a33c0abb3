from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.contributions import codes as kernels
from models.contributions.columns import columns_of
from models.contributions.trees import trees_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import lightgbm
    from numpy.typing import NDArray


@pytest.mark.parametrize("counted", [True, False], ids=["few thresholds", "many thresholds"])
@pytest.mark.parametrize("mode", [{}, {"use_missing": False}, {"zero_as_missing": True}], ids=str)
def test_a_block_has_the_codes_of_its_rows(
    mode: dict[str, bool],
    counted: bool,
    booster_of: Callable[..., lightgbm.Booster],
    odd_rows: Callable[[int], NDArray[np.float64]],
) -> None:
    more = (
        {}
        if counted
        else {"max_bin": 3_000, "num_leaves": 100, "min_data_in_leaf": 1, "rows": 3_000, "trees": 60}
    )
    columns, _ = columns_of(trees_of(booster_of(**mode, **more)))
    assert (np.diff(columns.first).max() <= kernels.COUNTED) == counted
    rows = odd_rows(64)
    rows[np.abs(rows) <= float(np.float32(1e-35))] = 0.0
    of_block = np.zeros((len(columns.feature), 64), np.uint16)
    kernels.code_block(np.ascontiguousarray(rows.T), of_block, 64, columns)
    of_row = np.empty(len(columns.feature), np.uint16)
    for row in range(64):
        kernels.code_row(rows[row], of_row, columns)
        assert (of_row == of_block[:, row]).all()


def test_the_place_of_a_value_is_the_number_of_thresholds_below_it() -> None:
    thresholds = np.asarray([9.0, -np.inf, -1.5, 0.0, 2.0, np.inf, -9.0])
    for value in (-np.inf, -2.0, -1.5, -1.4, 0.0, 1.0, 2.0, 2.5, np.inf):
        assert kernels.place_of(value, thresholds, 1, 6) == (thresholds[1:6] < value).sum()
    assert kernels.place_of(np.nan, thresholds, 1, 6) == 0
    assert kernels.place_of(1.0, thresholds, 2, 2) == 0
