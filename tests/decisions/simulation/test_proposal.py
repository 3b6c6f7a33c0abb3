import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from decisions.simulation.proposal import Answer, proposed_threshold, rising


def answered(leads: int, seed: int = 1, *, slope: float = 1.0) -> list[Answer]:
    """Answers of a sales team that accepts a lead with a chance that is its score by 100, by `slope`."""
    generator = np.random.default_rng(seed)
    scores = generator.integers(40, 100, leads)
    accepts = generator.random(leads) < slope * scores / 100
    return [
        Answer(int(score), None if yes else "no_need") for score, yes in zip(scores, accepts, strict=True)
    ]


def test_the_threshold_is_where_sales_accepts_as_many_as_wanted() -> None:
    found = proposed_threshold(answered(4_000), wanted=0.7)
    assert found.threshold is not None
    assert found.threshold.low <= 70 <= found.threshold.high
    assert found.threshold.value == pytest.approx(70, abs=6)
    assert found.threshold.high - found.threshold.low < 20
    assert found.accepted + found.returned == 4_000
    assert found.why.startswith(f"From a score of {found.threshold.value:.0f} on")


def test_more_answers_leave_less_doubt() -> None:
    few, many = (proposed_threshold(answered(leads), wanted=0.7).threshold for leads in (150, 6_000))
    assert few is not None
    assert many is not None
    assert many.high - many.low < few.high - few.low


@pytest.mark.parametrize(("wanted", "seed"), [(0.4, 0), (0.55, 1), (0.6, 2), (0.7, 3), (0.45, 4)])
def test_who_wants_more_accepted_gets_no_lower_a_threshold(wanted: float, seed: int) -> None:
    answers = answered(200, seed)
    less, more = (proposed_threshold(answers, one).threshold for one in (wanted, wanted + 0.1))
    assert less is not None
    assert more is None or more.value >= less.value


@pytest.mark.parametrize(
    "answers",
    [
        [],
        answered(49),
        [Answer(80)] * 100,
        [Answer(80)] * 100 + [Answer(60, "no_need")] * 9,
        [Answer(80)] * 5 + [Answer(60, "no_need")] * 90,
        [Answer(80)] * 60 + [Answer(60, "wrong_person")] * 60,
    ],
)
def test_too_few_answers_propose_nothing_and_say_so(answers: list[Answer]) -> None:
    found = proposed_threshold(answers, wanted=0.7)
    assert found.threshold is None
    assert found.why.startswith("Too few answers")


def test_what_no_threshold_gives_is_not_proposed() -> None:
    found = proposed_threshold(answered(500, slope=0.3), wanted=0.9)
    assert found.threshold is None
    assert found.why.startswith("At no score does sales accept 90%")


def test_of_scores_that_sales_never_saw_nothing_is_claimed() -> None:
    found = proposed_threshold(answered(500), wanted=0.2)
    assert found.threshold is not None
    assert found.threshold.value == 40
    assert "of which these answers say nothing" in found.why


def test_returns_for_reasons_that_have_nothing_to_do_with_the_score_are_told_and_do_not_count() -> None:
    answers = answered(300)
    plain = proposed_threshold(answers, wanted=0.7)
    found = proposed_threshold([*answers, *[Answer(95, "not_reachable")] * 80], wanted=0.7)
    assert found.threshold == plain.threshold
    assert found.reasons == {"no_need": plain.returned, "not_reachable": 80}


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5)), min_size=1, max_size=30))
def test_rates_rise_as_in_isotonic_regression(rows: list[tuple[int, int]]) -> None:
    sums = np.asarray([float(min(total, weight)) for total, weight in rows])
    weights = np.asarray([float(weight) for _, weight in rows])
    expected = IsotonicRegression().fit_transform(np.arange(len(rows)), sums / weights, sample_weight=weights)
    assert rising(sums, weights) == pytest.approx(expected)
