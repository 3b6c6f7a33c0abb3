import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import Calibration, calibration_from
from training.fitting.calibrating import KNOTS, calibration_by, chosen_calibration
from training.fitting.calibrators import METHODS
from training.fitting.pooling import BOOTSTRAPS
from training.fitting.recalibrating import recalibrated

LEADS = 300


def census(seed: int, slope: float = 1.0, rows_a_lead: int = 4) -> tuple[np.ndarray, ...]:
    """Return generated margins, labels drawn from a sigmoid of them, and whose row each is."""
    rng = np.random.default_rng(seed)
    lead = np.repeat(np.arange(LEADS), rows_a_lead)
    margins = rng.normal(-1.5, 1.0, LEADS)[lead] + rng.normal(0, 0.1, len(lead))
    labels = (rng.random(LEADS)[lead] < 1 / (1 + np.exp(-slope * margins))).astype(np.float64)
    return margins, labels, lead


def sigmoid(margins: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-margins))


@pytest.fixture(scope="module", params=METHODS)
def calibration(request: pytest.FixtureRequest) -> Calibration:
    return calibration_by(request.param, *census(1), seed=7)


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
    assert ((high - low) < 0.35).all()


def test_the_band_is_by_lead_so_repeated_rows_make_it_no_narrower() -> None:
    margins, labels, lead = census(2)
    once = calibration_by("platt", margins, labels, lead, seed=7)
    many = calibration_by("platt", *(np.repeat(column, 5) for column in (margins, labels, lead)), seed=7)
    width = [np.diff(np.stack(made.at([-1.5])[1:]), axis=0)[0, 0] for made in (once, many)]
    assert width[1] == pytest.approx(width[0], rel=0.05)
    apart = calibration_by("platt", margins, labels, np.arange(len(lead)), seed=7)
    assert np.diff(np.stack(apart.at([-1.5])[1:]), axis=0)[0, 0] < 0.75 * width[0]


@pytest.mark.parametrize("method", ["platt", "beta"])
def test_margins_that_tell_nothing_or_the_contrary_get_the_base_rate(method: str) -> None:
    margins, labels, lead = census(4)
    probability, _, _ = calibration_by(method, -margins, labels, lead, seed=7).at([-2.0, 0.0, 5.0])
    np.testing.assert_allclose(probability, labels.mean(), atol=0.001)


@pytest.mark.parametrize("method", METHODS[1:])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_labels_all_alike_make_no_certainty(label: float, method: str) -> None:
    margins, _, lead = census(5)
    all_alike = np.full(len(margins), label)
    probability, _, _ = calibration_by(method, margins, all_alike, lead, seed=7).at([0.0])
    assert 0 < probability[0] < 1
    assert abs(probability[0] - label) < 0.001


@pytest.mark.parametrize("method", METHODS[1:])
def test_margins_all_alike_are_one_probability(method: str) -> None:
    _, labels, lead = census(6)
    zero = np.zeros(len(labels))
    probability, low, high = calibration_by(method, zero, labels, lead, seed=7).at([-1.0, 0.0, 1.0])
    assert np.ptp(probability) < 1e-6
    assert probability[0] == pytest.approx(labels.mean(), abs=0.01)
    assert (low < high).all()


@pytest.mark.parametrize("method", METHODS)
def test_the_same_census_and_seed_give_the_same_bits_and_read_back(method: str) -> None:
    made = calibration_by(method, *census(1), seed=7)
    again = calibration_by(method, *census(1), seed=7)
    assert again.to_dict() == made.to_dict()
    assert calibration_from(json.loads(json.dumps(made.to_dict()))).to_dict() == made.to_dict()
    assert calibration_by(method, *census(1), seed=8).to_dict() != made.to_dict()


def bent(margins: np.ndarray) -> np.ndarray:
    """Return a truth that no line in log-odds follows: steep below 0, flat above."""
    return sigmoid(-2.5 * np.logaddexp(0, -margins) + 0.1 * np.logaddexp(0, margins) + 1)


def stepped(margins: np.ndarray) -> np.ndarray:
    return np.where(margins < -0.5, 0.1, np.where(margins < 0.8, 0.4, 0.95))


@pytest.mark.parametrize(
    ("truth", "methods"),
    [
        (sigmoid, {"none"}),
        (lambda margins: sigmoid(0.4 * margins + 0.5), {"platt", "beta"}),
        (bent, {"beta"}),
        (stepped, {"isotonic"}),
    ],
)
def test_what_the_census_needs_is_chosen(truth: Any, methods: set[str]) -> None:
    rng = np.random.default_rng(11)
    lead = rng.permutation(20_000)
    margins = rng.normal(0, 1.5, len(lead))
    labels = (rng.random(len(lead)) < truth(margins)).astype(np.float64)
    calibration, choice = chosen_calibration(margins, labels, lead, seed=7)
    assert choice.method in methods
    assert set(choice.log_losses) == set(METHODS)
    probability, low, high = calibration.at(margins)
    assert np.abs(probability - truth(margins)).mean() < 0.02
    assert ((low <= probability) & (probability <= high)).all()


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_moves_no_bit(random: Any) -> None:
    margins, labels, lead = census(9, rows_a_lead=2)
    margins = np.round(margins, 1)
    order = np.asarray(random.sample(range(len(margins)), len(margins)))
    one, choice = chosen_calibration(margins, labels, lead, seed=7)
    other, again = chosen_calibration(margins[order], labels[order], lead[order], seed=7)
    assert choice == again
    assert one.to_dict() == other.to_dict()


@pytest.fixture(scope="module")
def platt() -> Calibration:
    return calibration_by("platt", *census(1), seed=7)


@settings(max_examples=15)
@given(st.floats(-2, 2), st.integers(0, 5))
def test_a_recalibration_moves_the_mean_to_the_newest_share_and_keeps_the_order(
    platt: Calibration, drift: float, seed: int
) -> None:
    margins, _, lead = census(seed + 20)
    rng = np.random.default_rng(seed)
    labels = (rng.random(len(margins)) < sigmoid(margins + drift)).astype(np.float64)
    moved = recalibrated(platt, margins, labels, lead, seed=7)
    assert moved.at(margins)[0].mean() == pytest.approx(labels.mean(), abs=2 / len(margins) + 0.002)
    points = np.sort(np.concatenate([margins, moved.probability.x]))
    probability, low, high = moved.at(points)
    for curve in (probability, low, high):
        assert (np.diff(curve) >= 0).all()
    assert ((low <= probability) & (probability <= high)).all()
    ratio = np.log(moved.probability.y / (1 - moved.probability.y)) - np.log(
        platt.probability.y / (1 - platt.probability.y)
    )
    np.testing.assert_allclose(ratio, ratio[0], atol=1e-6)
    assert recalibrated(platt, margins[::-1], labels[::-1], lead[::-1], seed=7).to_dict() == moved.to_dict()


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_a_recalibration_on_labels_all_alike_makes_no_certainty(platt: Calibration, label: float) -> None:
    margins, _, lead = census(2)
    moved = recalibrated(platt, margins, np.full(len(margins), label), lead, seed=7)
    assert (moved.probability.y > 0).all()
    assert (moved.probability.y < 1).all()
    assert abs(moved.at(margins)[0].mean() - label) < 0.005


def test_a_recalibration_widens_the_band_by_the_doubt_about_the_shift(platt: Calibration) -> None:
    margins, labels, lead = census(3)
    few = recalibrated(platt, margins[:200], labels[:200], lead[:200], seed=7)
    many = recalibrated(platt, margins, labels, lead, seed=7)
    widths = [float(c.at([-1.5])[2][0] - c.at([-1.5])[1][0]) for c in (platt, many, few)]
    assert widths[0] < widths[1] < widths[2]
