"""The calibration error that is left where every probability holds."""

import numpy as np
import pytest

from training.measures import calibration_error, perfect_calibration_error


def test_five_in_a_hundred_perfect_models_lie_above() -> None:
    rng = np.random.default_rng(0)
    p = rng.beta(1, 6, 1_500)
    limit = perfect_calibration_error(p, np.arange(1_500))
    errors = [
        calibration_error((rng.random(1_500) < p).astype(np.float64), p, np.ones(1_500)) for _ in range(400)
    ]
    assert 0.02 < np.mean(np.asarray(errors) > limit) < 0.09
    assert perfect_calibration_error(np.tile(p, 9), np.arange(13_500)) < 0.5 * limit


def test_rows_of_one_lead_are_no_news_to_each_other() -> None:
    p = np.random.default_rng(1).beta(1, 6, 1_000)
    alone = perfect_calibration_error(p, np.arange(1_000))
    often = perfect_calibration_error(np.repeat(p, 8), np.repeat(np.arange(1_000), 8))
    assert often == pytest.approx(alone)
