import pytest
from made_pasts import a_lead, a_past

from decisions.policy import policy_of_text
from decisions.simulation import Past, Sales, Simulation, simulate
from decisions.simulation.figures import NAMES
from decisions.simulation.report import (
    WORDS,
    figure_rows,
    report_of,
    said_of_best,
    said_of_sides,
    what_was_replayed,
)

AT_70, AT_60 = policy_of_text("score_threshold = 70"), policy_of_text('name = "sooner"\nscore_threshold = 60')
PAST = a_past(
    a_lead("a", [75, 80], won_on=30, won_value=5_000),
    *(a_lead(f"b{number:02}", [65, 65]) for number in range(25)),
)


def simulated(past: Past = PAST, sales: Sales | None = None) -> Simulation:
    return simulate((past, AT_70), (past, AT_60), sales)


def test_every_figure_has_its_words() -> None:
    assert tuple(WORDS) == NAMES


def test_each_figure_stands_beside_its_difference_with_intervals() -> None:
    rows = {name: told for name, *told in figure_rows(simulated())}
    assert rows["leads to sales"][0].startswith("1 [")
    assert rows["leads to sales"][1].startswith("26 [26, 26]")
    assert rows["leads to sales"][2].startswith("+25 [")
    assert rows["share caught"] == ["100.0% [100.0%, 100.0%]"] * 2 + ["+0.0 points [+0.0, +0.0]"]
    assert rows["a day to the queue sales"][1] == "13.0 [13.0, 13.0]"
    assert rows["first contact"] == ["not known", "not known", ""]


def test_what_is_not_known_is_said_to_be_so() -> None:
    rows = {name: told for name, *told in figure_rows(simulated(a_past(a_lead("a", [5], probability=None))))}
    assert rows["share caught"] == ["not known"] * 3


def test_the_page_tells_all_of_it_and_names_the_first_who_change_sides() -> None:
    found = simulated()
    page = report_of(found)
    assert page.startswith("# What 'sooner' would have done")
    assert what_was_replayed(found) in page
    assert said_of_sides(found).startswith("25 leads would go to sales that do not now, 0 would no longer")
    for caution in found.cautions:
        assert f"- {caution}" in page
    assert "| b00 | 2026-11-21 | Score 65 reaches the threshold of 60" in page
    assert "And 5 more." in page
    assert "### No longer to sales" not in page


@pytest.mark.parametrize(
    ("capacity", "said"),
    [(None, "By score, the best threshold would have been 75"), (0.1, "By score: no threshold keeps within")],
)
def test_the_best_threshold_is_said_or_why_there_is_none(capacity: float | None, said: str) -> None:
    curve = simulated(sales=Sales(capacity=capacity)).curves[0]
    assert said_of_best(curve).startswith(said)


def test_without_probabilities_nothing_is_said_of_the_value() -> None:
    curve = simulated(a_past(a_lead("a", [75], probability=None, rung="points"))).curves[1]
    assert said_of_best(curve) == "By value: nothing can be said, for there is none."
