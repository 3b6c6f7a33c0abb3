import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import Calibration, calibration_from
from training.fitting.calibrating import BOOTSTRAPS, KNOTS, fit_calibration

LEADS = 300


def census(seed: int, slope: float = 1.0, rows_a_lead: int = 4) -> tuple[np.ndarray, ...]:
    """Return generated margins, labels drawn from a sigmoid of them, and whose row each is."""
    rng = np.random.default_rng(seed)
    lead = np.repeat(np.arange(LEADS), rows_a_lead)
    margins = rng.normal(-1.5, 1.0, LEADS)[lead] + rng.normal(0, 0.1, len(lead))
    labels = (rng.random(LEADS)[lead] < 1 / (1 + np.exp(-slope * margins))).astype(np.float64)
    return margins, labels, lead


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    return fit_calibration(*census(1), seed=7)


def test_the_table_is_of_the_stated_size(calibration: Calibration) -> None:
    assert (KNOTS, BOOTSTRAPS) == (201, 200)
    assert len(calibration.probability.x) == KNOTS


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=20))
def test_a_calibration_never_falls_and_its_band_holds_the_point(
    calibration: Calibration, margins: list[float]
) -> None:
    beside = np.nextafter(calibration.probability.x, np.inf)
    points = np.sort(np.concatenate([margins, calibration.probability.x, beside]))
    probability, low, high = calibration.at(points)
    for curve in (probability, low, high):
        assert (np.diff(curve) >= 0).all()
        assert (curve >= 0).all()
        assert (curve <= 1).all()
    assert (low <= probability).all()
    assert (probability <= high).all()


def test_the_band_holds_the_point_between_knots_too() -> None:
    """Where two curves are a hair apart, interpolation must not cross them."""
    rng = np.random.default_rng(3)
    for _ in range(200):
        x = np.sort(rng.normal(size=2))
        point = np.sort(rng.random(2))
        low = point - np.asarray([rng.random() * point[0] * 1e-3, 0.0])
        made = calibration_from(
            {
                name: {"x": x.tolist(), "y": y.tolist(), "below": float(y[0]), "above": float(y[1])}
                for name, y in (("probability", point), ("low", low), ("high", point))
            }
        )
        inside = np.concatenate([np.linspace(*x, 50), [np.nextafter(x[1], -np.inf)]])
        probability, lower, higher = made.at(inside)
        assert (lower <= probability).all()
        assert (probability <= higher).all()


def test_probabilities_are_near_the_truth_that_made_the_labels(calibration: Calibration) -> None:
    points = np.asarray([-3.0, -1.5, 0.0])
    truth = 1 / (1 + np.exp(-points))
    _, low, high = calibration.at(points)
    assert np.abs(calibration.at(points)[0] - truth).max() < 0.15
    assert low[1] < truth[1] < high[1]
    assert ((high - low) < 0.3).all()


def test_the_band_is_by_lead_so_repeated_rows_make_it_no_narrower() -> None:
    margins, labels, lead = census(2)
    once = fit_calibration(margins, labels, lead, seed=7)
    many = fit_calibration(*(np.repeat(column, 5) for column in (margins, labels, lead)), seed=7)
    width = [np.diff(np.stack(made.at([-1.5])[1:]), axis=0)[0, 0] for made in (once, many)]
    assert width[1] == pytest.approx(width[0], rel=0.05)
    apart = fit_calibration(margins, labels, np.arange(len(lead)), seed=7)
    assert np.diff(np.stack(apart.at([-1.5])[1:]), axis=0)[0, 0] < 0.75 * width[0]


def test_margins_that_tell_nothing_or_the_contrary_get_the_base_rate() -> None:
    margins, labels, lead = census(4)
    probability, _, _ = fit_calibration(-margins, labels, lead, seed=7).at([-2.0, 0.0, 5.0])
    np.testing.assert_allclose(probability, labels.mean(), atol=0.001)


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_labels_all_alike_make_no_certainty(label: float) -> None:
    margins, _, lead = census(5)
    probability, _, _ = fit_calibration(margins, np.full(len(margins), label), lead, seed=7).at([0.0])
    assert 0 < probability[0] < 1
    assert abs(probability[0] - label) < 0.001


def test_margins_all_alike_are_one_probability() -> None:
    _, labels, lead = census(6)
    probability, low, high = fit_calibration(np.zeros(len(labels)), labels, lead, seed=7).at([-1.0, 0.0, 1.0])
    assert np.ptp(probability) < 1e-6
    assert probability[0] == pytest.approx(labels.mean(), abs=0.01)
    assert (low < high).all()


def test_the_same_census_and_seed_give_the_same_bits_and_read_back(calibration: Calibration) -> None:
    again = fit_calibration(*census(1), seed=7)
    assert again.to_dict() == calibration.to_dict()
    assert calibration_from(json.loads(json.dumps(calibration.to_dict()))).to_dict() == calibration.to_dict()
    assert fit_calibration(*census(1), seed=8).to_dict() != calibration.to_dict()
