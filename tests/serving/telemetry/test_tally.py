"""Values come into histograms one by one or many at once, and lie in the same buckets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.telemetry.definitions import REQUEST_SECONDS
from serving.telemetry.tally import Tally

LABELS = [("GET", "/livez"), ("POST", "/score"), ("GET", "/livez")]
values = st.lists(
    st.tuples(st.sampled_from(range(3)), st.floats(0, 20) | st.sampled_from(REQUEST_SECONDS.bounds)),
    max_size=40,
)


@given(told=values)
def test_many_values_at_once_are_those_values_one_by_one(told: list[tuple[int, float]]) -> None:
    at_once, one_by_one = Tally(), Tally()
    which = np.array([at for at, _ in told], dtype=np.intp)
    at_once.observe_many(REQUEST_SECONDS, LABELS, which, np.array([value for _, value in told]))
    for at, value in told:
        one_by_one.observe(REQUEST_SECONDS, LABELS[at], [value])
    for series, spread in at_once.spreads.items():
        other = one_by_one.spreads.get(series)
        assert spread.counts.tolist() == (other.counts.tolist() if other else [0] * len(spread.counts))
        assert spread.total == pytest.approx(other.total if other else 0.0)
    assert one_by_one.spreads.keys() <= at_once.spreads.keys()
