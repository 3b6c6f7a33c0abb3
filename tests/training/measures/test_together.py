"""All measures at once, against the plain ones, against scikit-learn, and by their laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judged_rows import judged
from sklearn.linear_model import LogisticRegression

from training.measures import (
    Figure,
    all_figures,
    auc,
    average_precision,
    brier,
    calibration_error,
    gains,
    logloss,
    measured,
    recalibration,
    resampling,
)
from training.measures.together import differences

Case = tuple[np.ndarray, np.ndarray, np.ndarray]
PLAIN = {
    "roc_auc": auc,
    "average_precision": average_precision,
    "log_loss": logloss,
    "brier": brier,
    "calibration_error": calibration_error,
}
DRAWS = 20
LINE = ("calibration_slope", "calibration_intercept")


def figures(labels: np.ndarray, p: np.ndarray, owner: np.ndarray | None = None) -> dict[str, Figure]:
    whose = np.arange(len(labels)) if owner is None else owner
    return all_figures(labels, p, resampling(whose, draws=DRAWS))


def values(found: dict[str, Figure]) -> dict[str, float]:
    return {name: figure.value for name, figure in found.items()}


def a_sample(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = rng.beta(1, 5, rows)
    return (rng.random(rows) < p).astype(np.float64), p


def assert_alike(one: dict[str, Figure], other: dict[str, Figure]) -> None:
    """Of lines the value alone is compared: a draw that all but parts the labels has no sure line."""
    for name, figure in one.items():
        if name in {"calibration_slope", "calibration_intercept"}:
            assert figure.value == pytest.approx(other[name].value, rel=1e-3, abs=1e-6), name
        else:
            assert ends(figure) == pytest.approx(ends(other[name]), rel=1e-9, abs=1e-9), name


def ends(figure: Figure) -> tuple[float, float, float]:
    return figure.value, figure.low, figure.high


@given(judged())
def test_each_figure_and_its_interval_are_those_of_the_plain_measure(case: Case) -> None:
    labels, p, _ = case
    owner = np.arange(len(labels)) // 2
    found = figures(labels, p, owner)
    for name, measure in PLAIN.items():
        alone = measured(measure, labels, p, owner, bootstraps=DRAWS)
        assert found[name].value == pytest.approx(alone.value, abs=1e-12), name
    both = {name: measured(PLAIN[name], labels, p, owner, bootstraps=DRAWS) for name in PLAIN}
    for name in ("roc_auc", "average_precision"):
        assert ends(found[name]) == pytest.approx(ends(both[name]), abs=1e-12), name


@given(judged())
def test_the_parts_of_the_brier_score_add_up_and_intervals_hold_their_values(case: Case) -> None:
    labels, p, _ = case
    found = figures(labels, p)
    total = found["brier_reliability"].value - found["brier_resolution"].value
    assert total + found["brier_uncertainty"].value == pytest.approx(found["brier"].value, abs=1e-12)
    share = labels.mean()
    assert found["brier_uncertainty"].value == pytest.approx(share * (1 - share))
    assert found["brier_reliability"].value >= 0.0
    assert all(figure.low <= figure.value <= figure.high for figure in found.values())


@given(judged(), st.integers(0, 2**32 - 1))
def test_the_order_of_the_rows_changes_nothing(case: Case, seed: int) -> None:
    labels, p, _ = case
    mixed = np.random.default_rng(seed).permutation(len(labels))
    assert_alike(figures(labels, p), figures(labels[mixed], p[mixed], mixed))


@given(judged())
def test_what_ranks_alone_say_does_not_change_with_a_monotone_transform(case: Case) -> None:
    labels, p, _ = case
    one, other = figures(labels, p), figures(labels, p**3 / 2 + p / 4)
    ranked = ("roc_auc", "average_precision", *(n for n in one if n.startswith(("lift", "recall"))))
    for name in ranked:
        assert ends(one[name]) == pytest.approx(ends(other[name]), abs=1e-12), name


@given(judged(), st.integers(2, 4))
def test_rows_that_stand_there_several_times_say_the_same(case: Case, times: int) -> None:
    labels, p, _ = case
    lead = np.arange(len(labels))
    one = figures(labels, p, lead)
    other = figures(np.repeat(labels, times), np.repeat(p, times), np.repeat(lead, times))
    assert_alike(one, other)


def test_the_brier_parts_are_murphys_where_each_bin_holds_one_probability() -> None:
    p = np.repeat([0.1, 0.4], 50)
    labels = np.r_[np.ones(10), np.zeros(40), np.ones(30), np.zeros(20)]
    found = values(figures(labels, p))
    assert found["brier_reliability"] == pytest.approx((0.1**2 + 0.2**2) / 2)
    assert found["brier_resolution"] == pytest.approx(0.2**2)
    assert found["brier_uncertainty"] == pytest.approx(0.4 * 0.6)


def test_lift_and_recall_by_hand() -> None:
    labels, p = np.zeros(100), np.linspace(0.01, 0.9, 100)
    labels[[99, 98, 91, 40]] = 1.0
    found = values(figures(labels, p))
    assert found["recall_05"] == 0.5
    assert found["lift_05"] == pytest.approx(10.0)
    assert (found["recall_10"], found["recall_30"]) == (0.75, 0.75)
    assert found["lift_10"] == pytest.approx(7.5)
    tied = values(figures(labels, np.full(100, 0.5)))
    assert tied["recall_20"] == pytest.approx(0.2)
    assert tied["lift_20"] == pytest.approx(1.0)


def test_gains_rise_from_nothing_to_everything_and_are_the_recalls() -> None:
    labels, p = a_sample(2_000)
    found = gains(labels, p)
    assert found[0] == (0.0, 0.0)
    assert found[-1] == (1.0, 1.0)
    assert [share for _, share in found] == sorted(share for _, share in found)
    recall = values(figures(labels, p))
    assert found[20][1] == pytest.approx(recall["recall_20"])


@pytest.mark.parametrize(("stretch", "shift"), [(1.0, 0.0), (0.5, 0.7), (2.0, -1.0)])
def test_slope_and_intercept_are_those_of_logistic_regression(stretch: float, shift: float) -> None:
    labels, p = a_sample(4_000)
    log_odds = np.log(p / (1 - p))
    said = 1 / (1 + np.exp(-(stretch * log_odds + shift)))
    weights = np.random.default_rng(1).integers(1, 4, len(labels)).astype(np.float64)
    slope, intercept = recalibration(labels, said, weights)
    theirs = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12)
    theirs.fit((stretch * log_odds + shift)[:, None], labels, sample_weight=weights)
    assert slope == pytest.approx(theirs.coef_[0, 0], rel=1e-6)
    assert intercept == pytest.approx(theirs.intercept_[0], abs=1e-6)
    straight, _ = recalibration(labels, p, weights)
    assert slope * stretch == pytest.approx(straight, rel=1e-6)


def test_equal_probabilities_have_no_slope_and_parted_labels_end_somewhere() -> None:
    labels = np.r_[np.zeros(30), np.ones(10)]
    slope, intercept = recalibration(labels, np.full(40, 0.5), np.ones(40))
    assert slope == 0.0
    assert intercept == pytest.approx(np.log(10 / 30))
    parted, _ = recalibration(labels, np.linspace(0.1, 0.9, 40), np.ones(40))
    assert 5.0 < parted <= 100.0


def test_of_one_label_there_is_no_ranking_but_a_loss() -> None:
    found = figures(np.zeros(30), np.linspace(0.1, 0.2, 30))
    assert {"log_loss", "brier", "calibration_error"} <= found.keys()
    assert not {"roc_auc", "average_precision", "recall_05", "lift_05", "calibration_slope"} & found.keys()


def test_equal_probabilities_have_the_log_odds_of_the_share_for_an_intercept() -> None:
    labels = (np.arange(30) < 7).astype(np.float64)
    found = figures(labels, np.full(30, 0.137))
    assert ends(found["calibration_slope"]) == (0.0, 0.0, 0.0)
    assert found["calibration_intercept"].value == pytest.approx(np.log(7 / 23))


def test_differences_are_paired() -> None:
    labels, p = a_sample(3_000)
    draws = resampling(np.arange(3_000), draws=DRAWS)
    same = differences(labels, p, p, draws)
    assert all(ends(figure) == (0.0, 0.0, 0.0) for figure in same.values())
    worse = np.random.default_rng(1).permutation(p)
    found, one, other = differences(labels, p, worse, draws), figures(labels, p), figures(labels, worse)
    for name, figure in found.items():
        assert figure.value == pytest.approx(one[name].value - other[name].value)
        assert figure.low < figure.value < figure.high


def test_without_the_line_everything_else_is_the_same() -> None:
    labels, p = a_sample(500)
    draws = resampling(np.arange(500), draws=DRAWS)
    whole, without = all_figures(labels, p, draws), all_figures(labels, p, draws, has_line=False)
    assert whole.keys() - without.keys() == {"calibration_slope", "calibration_intercept"}
    assert without.items() <= whole.items()


@pytest.mark.parametrize("rate", [0.95, 0.9])
def test_the_interval_of_the_calibration_error_holds_what_many_rows_would_show(rate: float) -> None:
    """Percentiles would hold it in 0 and 27 of 100 cases: a resampled gap has noise of its own besides."""
    p, one, held = np.random.default_rng(3).beta(1, 5, 1_500), np.ones(1_500), 0
    truth = calibration_error(p * rate, p, one)
    for seed in range(30):
        labels = (np.random.default_rng(seed).random(1_500) < p * rate).astype(np.float64)
        found = all_figures(labels, p, resampling(np.arange(1_500), draws=60), {}, has_line=False)
        held += found["calibration_error"].low <= truth <= found["calibration_error"].high
    assert held >= 22
