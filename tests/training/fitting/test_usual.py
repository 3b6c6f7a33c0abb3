import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.feature import Feature
from training.fitting.usual import LEADS, usual_values

NUMBER = Feature("employees", "number", "fit", "employees")
CATEGORY = Feature("country", "category", "fit", "country", vocabulary=("DE", "FR", "IT"))


@given(st.lists(st.one_of(st.just(np.nan), st.integers(0, 3).map(float)), max_size=60))
def test_usual_is_a_value_that_occurs_or_nothing(cells: list[float]) -> None:
    values = np.asarray([cells, cells], np.float64).T.reshape(-1, 2)
    number, code = usual_values((NUMBER, CATEGORY), values)
    known = sorted(cell for cell in cells if not np.isnan(cell))
    if len(known) < LEADS:
        assert np.isnan([number, code]).all()
        return
    assert number == known[(len(known) - 1) // 2]
    assert known.count(code) == max(map(known.count, known))
    assert all(known.count(smaller) < known.count(code) for smaller in known if smaller < code)
