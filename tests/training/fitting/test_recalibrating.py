"""A level set anew: the mean is what happened, and the order stays."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import Calibration
from models.curve import Curve
from training.fitting.recalibrating import recalibrated

KNOTS = np.linspace(-6, 6, 121)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def table(shift: float) -> Curve:
    values = sigmoid(KNOTS + shift)
    return Curve(KNOTS, values, float(values[0]), float(values[-1]))


CALIBRATION = Calibration(table(0.0), table(-0.1), table(0.1))


@given(st.floats(-2, 2), st.integers(0, 999))
@settings(max_examples=15)
def test_the_mean_is_what_happened_and_the_order_stays(shift: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    margins = rng.normal(-1, 1.5, 4_000)
    labels = (rng.random(4_000) < sigmoid(margins + shift)).astype(float)
    found = recalibrated(CALIBRATION, margins, labels, np.arange(4_000), seed=7)
    point, low, high = found.at(margins)
    assert abs(point.mean() - labels.mean()) < 2e-3
    assert (np.diff(found.at(np.sort(margins))[0]) >= 0).all()
    assert ((low <= point) & (point <= high)).all()


def test_a_shift_of_one_is_found_within_its_band() -> None:
    rng = np.random.default_rng(3)
    margins = rng.normal(-1, 1, 20_000)
    labels = (rng.random(20_000) < sigmoid(margins + 1.0)).astype(float)
    found = recalibrated(CALIBRATION, margins, labels, np.arange(20_000), seed=7)
    _, low, high = found.at(np.linspace(-3, 2, 20))
    truth = sigmoid(np.linspace(-3, 2, 20) + 1.0)
    assert ((low <= truth) & (truth <= high)).all()
    assert (found.at([0.0])[0] > CALIBRATION.at([0.0])[0] + 0.15).all()


def test_what_holds_already_stays_and_the_same_seed_gives_the_same() -> None:
    rng = np.random.default_rng(4)
    margins = rng.normal(-1, 1, 20_000)
    labels = (rng.random(20_000) < sigmoid(margins)).astype(float)
    one, two = (recalibrated(CALIBRATION, margins, labels, np.arange(20_000), seed=7) for _ in range(2))
    assert np.abs(one.at(margins)[0] - CALIBRATION.at(margins)[0]).max() < 0.02
    assert one.to_dict() == two.to_dict()
