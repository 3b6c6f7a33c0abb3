import itertools
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.curve import Curve, curve_from, rank_curve

NUMBERS = st.floats(-1e6, 1e6)
VALUES = st.lists(st.one_of(NUMBERS, st.sampled_from([-1.0, 0.0, 0.5])), min_size=1, max_size=40).map(
    np.asarray
)


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    x = np.asarray(sorted(draw(st.sets(NUMBERS, min_size=1, max_size=12))))
    rising = sorted(draw(st.lists(st.floats(0, 1), min_size=len(x) + 2, max_size=len(x) + 2)))
    return Curve(x, np.asarray(rising[1:-1]), rising[0], rising[-1])


def points_near(curve: Curve, more: list[float]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return points at, between and a hair beside the knots, in order."""
    knots = curve.x.tolist()
    beside = [float(np.nextafter(knot, side)) for knot in knots for side in (-math.inf, math.inf)]
    between = [(a + b) / 2 for a, b in itertools.pairwise(knots)]
    return np.asarray(sorted([*knots, *beside, *between, *more]))


@given(curves(), st.lists(NUMBERS, max_size=10))
@example(Curve(np.asarray([0.0, 5e-324]), np.asarray([0.1, 0.9]), 0.0, 1.0), [])
def test_a_curve_never_falls_and_stays_between_its_ends(curve: Curve, more: list[float]) -> None:
    found = curve.at(points_near(curve, more))
    assert np.isfinite(found).all()
    assert (np.diff(found) >= 0).all()
    assert found.min() >= curve.below
    assert found.max() <= curve.above


@given(curves(), st.lists(NUMBERS, max_size=10))
def test_one_point_and_many_give_the_same_bits(curve: Curve, more: list[float]) -> None:
    points = points_near(curve, more)
    alone = np.concatenate([curve.at([point]) for point in points])
    assert alone.tobytes() == curve.at(points).tobytes()
    assert curve.at(points[::-1]).tobytes() == alone[::-1].tobytes()


@given(curves())
def test_a_curve_goes_through_its_knots_and_is_flat_outside(curve: Curve) -> None:
    np.testing.assert_allclose(curve.at(curve.x), curve.y, rtol=0, atol=1e-12)
    assert curve.at([curve.x[0] - 1.0, curve.x[-1] + 1.0]).tolist() == [curve.below, curve.above]


def test_between_two_knots_a_curve_is_a_straight_line() -> None:
    curve = Curve(np.asarray([0.0, 1.0, 3.0]), np.asarray([0.2, 0.4, 0.8]), 0.1, 0.9)
    np.testing.assert_allclose(curve.at([0.25, 0.5, 2.0, 2.5]), [0.25, 0.3, 0.6, 0.7], rtol=1e-15)


@given(curves())
def test_a_curve_is_read_back_from_json_to_the_bit(curve: Curve) -> None:
    again = curve_from(json.loads(json.dumps(curve.to_dict(), allow_nan=False)))
    assert again.x.tobytes() == curve.x.tobytes()
    assert again.y.tobytes() == curve.y.tobytes()
    assert (again.below, again.above) == (curve.below, curve.above)


@pytest.mark.parametrize(
    "change",
    [
        {"x": [0.0, 0.0]},
        {"x": [1.0, 0.0]},
        {"y": [0.5, 0.4]},
        {"below": 0.3},
        {"above": 0.3},
        {"x": [0.0]},
        {"y": [0.2, math.nan]},
        {"x": [0.0, math.inf]},
        {"x": [], "y": []},
        {"above": math.inf},
    ],
)
def test_an_unsound_curve_is_refused(change: dict[str, Any]) -> None:
    sound = {"x": [0.0, 1.0], "y": [0.2, 0.4], "below": 0.1, "above": 0.9}
    assert len(curve_from(sound).x) == 2
    with pytest.raises(ValueError, match="increasing x and non-decreasing y"):
        curve_from({**sound, **change})


@given(VALUES)
def test_a_rank_is_read_from_the_quantiles_as_the_design_defines_it(values: Any) -> None:
    curve = rank_curve(values)
    positions = np.linspace(0, 1, 1_001)
    grid = np.quantile(values, positions)
    for quantile in set(grid.tolist()):
        equal = positions[grid == quantile]
        assert curve.at([quantile])[0] == pytest.approx((equal[0] + equal[-1]) / 2, abs=1e-9)
    assert curve.at([values.min() - 1, values.max() + 1]).tolist() == [0.0, 1.0]
    assert curve_from(curve.to_dict()).x.tobytes() == curve.x.tobytes()


def test_the_rank_of_a_value_is_its_mid_rank_among_many() -> None:
    values = np.random.default_rng(1).normal(size=5_001)
    points = np.asarray([-2.0, -0.5, 0.0, 0.7, 2.2])
    mid = np.asarray([((values < p).sum() + (values <= p).sum()) / 2 / len(values) for p in points])
    np.testing.assert_allclose(rank_curve(values).at(points), mid, atol=0.002)


def test_where_many_values_are_equal_their_rank_is_the_middle() -> None:
    values = np.asarray([0.0] * 600 + [1.0] * 200 + [2.0] * 200)
    np.testing.assert_allclose(rank_curve(values).at([0.0, 1.0, 2.0]), [0.3, 0.7, 0.9], atol=0.002)
    assert rank_curve(np.full(9, 3.0)).at([2.9, 3.0, 3.1]).tolist() == [0.0, 0.5, 1.0]
