import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.columns import Column
from features.spec import FeatureSpec
from models.reasons.rest import REST, remainder
from models.reasons.telling import Reasoning
from models.score import Reason

SPEC = FeatureSpec(
    columns=(
        Column(name="employees", kind="number", family="fit"),
        Column(name="page_view", kind="number", family="fit"),
        Column(name="utm_source", kind="category", family="context", vocabulary=("search",)),
        Column(name="job_title", kind="title", family="fit"),
    ),
    unused=(),
    event_keys=("page_view",),
    touch_keys=(),
    has_age=True,
    has_events=True,
    missing=(),
    decimal=".",
)
NUMBERS = st.one_of(st.floats(-5, 5), st.just(0.0), st.floats(-1e-12, 1e-12))
N = len(SPEC.features)
CONTRIBUTIONS = st.lists(NUMBERS, min_size=N, max_size=N).map(np.asarray)


def in_order(parts: list[float]) -> float:
    total = 0.0
    for part in parts:
        total += part
    return total


def some_values() -> Any:
    """Return a lead of whom everything is known."""
    values = np.ones(N)
    values[[i for i, f in enumerate(SPEC.features) if f.is_category]] = 0.0
    return values


def told(contributions: Any, values: Any = None, **more: Any) -> tuple[Reason, ...]:
    given_more = {"log_odds": in_order(list(contributions)), "points": 7.0, "slope": 3.0, "shown": 5} | more
    return Reasoning(SPEC).reasons(some_values() if values is None else values, contributions, **given_more)


def same(parts: list[float], total: float) -> bool:
    """Whether a sum in order is `total` to the bit or, where no last part gives that, next to it."""
    largest = max(abs(part) for part in [*parts, total])
    return in_order(parts) == total or abs(in_order(parts) - total) <= math.ulp(largest)


@given(CONTRIBUTIONS, st.integers(-99, 99), st.floats(0, 500), st.sampled_from([0, 1, 5, None]))
def test_log_odds_and_effects_add_up_to_what_they_explain(
    contributions: Any, points: int, slope: float, shown: int | None
) -> None:
    log_odds = in_order(list(contributions))
    reasons = told(contributions, points=float(points), slope=slope, shown=shown)
    assert same([reason.log_odds for reason in reasons], log_odds)
    assert same([reason.effect for reason in reasons], float(points))


@given(CONTRIBUTIONS, st.lists(st.booleans(), min_size=4, max_size=4))
def test_the_largest_are_told_first_and_the_rest_comes_last(contributions: Any, missing: list[bool]) -> None:
    values = some_values()
    values[:5][[*missing, missing[3]]] = math.nan
    *shown, rest = told(contributions, values)
    every = told(contributions, values, shown=None)[:-1]
    assert tuple(shown) == every[:5]
    sizes = [abs(reason.log_odds) for reason in every]
    assert sizes == sorted(sizes, reverse=True)
    assert 0.0 not in sizes
    assert (rest.family, rest.features) == (None, ())
    assert rest.text == REST or rest.text.startswith("Not known (")
    names = [name for reason in every for name in reason.features]
    assert len(set(names)) == len(names)
    for reason in every:
        at = [SPEC.names.index(name) for name in reason.features]
        assert reason.log_odds == in_order(contributions[at].tolist())
        assert abs(reason.effect - reason.log_odds * 3.0) <= 1e-12
        assert {SPEC.features[i].family for i in at} == {reason.family}
        assert not np.isnan(values[at]).all()


def test_a_group_of_which_nothing_is_known_is_part_of_the_rest_however_large() -> None:
    contributions, values = np.zeros(N), some_values()
    contributions[:2], values[0] = [9.0, 1.0], math.nan
    reasons = told(contributions, values)
    assert [reason.features for reason in reasons] == [("page_view",), ()]
    assert reasons[-1].log_odds == 9.0


@pytest.mark.parametrize(
    ("amount", "said"), [(-9.0, "Not known (Employees) or small"), (9.0, REST), (-0.01, REST)]
)
def test_what_is_not_known_is_named_where_it_lowers_the_score_and_is_never_a_merit(
    amount: float, said: str
) -> None:
    contributions, values = np.zeros(N), some_values()
    contributions[:2], values[0] = [amount, 1.0], math.nan
    assert told(contributions, values)[-1].text == said


def test_a_column_and_a_type_of_event_of_one_name_are_two_reasons() -> None:
    contributions = np.zeros(N)
    first_event = SPEC.names.index("page_view.count.7d")
    contributions[1], contributions[first_event] = 1.0, 2.0
    first, second, _ = told(contributions)
    assert (first.family, second.family) == ("engagement", "fit")
    assert second.features == ("page_view",)
    assert (first.text, second.text) == ("Visited the website once in the last 7 days", "Page view: 1")


def test_equal_sizes_are_told_in_the_order_of_the_features() -> None:
    contributions = np.zeros(N)
    contributions[:3] = [1.0, -1.0, 1.0]
    assert [reason.features[0] for reason in told(contributions)[:-1]] == [
        "employees",
        "page_view",
        "utm_source",
    ]


def test_five_are_shown_unless_asked_otherwise() -> None:
    contributions = np.arange(1.0, N + 1)
    assert len(told(contributions)) == 6
    groups = len({(f.is_of_column, f.about) for f in SPEC.features} - {(False, "activity")})
    assert len(told(contributions, shown=None)) == groups + 1


@given(st.lists(st.floats(-1e3, 1e3), max_size=6), st.floats(-1e3, 1e3))
def test_a_remainder_added_last_gives_the_total_whenever_any_number_does(
    parts: list[float], total: float
) -> None:
    rest = remainder(parts, total)
    partial = in_order(parts)
    if partial + rest != total:
        candidate = total - partial
        for _ in range(4):
            candidate = float(np.nextafter(candidate, -np.inf))
        for _ in range(9):
            assert partial + candidate != total
            candidate = float(np.nextafter(candidate, np.inf))
        assert abs(partial + rest - total) <= math.ulp(max(abs(partial), abs(rest)))
