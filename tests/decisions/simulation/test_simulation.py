import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_pasts import HORIZON, a_lead, a_past, day, facts_on

from decisions.deciding import Decision
from decisions.policy import Policy, policy_of_text
from decisions.simulation import LeadPast, Past, Sales, Simulation, simulate
from decisions.simulation.assigning import Given
from decisions.simulation.draws import Draws, doubted
from decisions.simulation.figures import NAMES

AT_70, AT_60 = policy_of_text("score_threshold = 70"), policy_of_text("score_threshold = 60")
COUNTED = set(NAMES) - {"precision", "share_caught"}


def simulated(past: Past, other: Policy = AT_60, sales: Sales | None = None) -> Simulation:
    return simulate((past, AT_70), (past, other), sales)


def value(figures: object, name: str) -> float:
    assert isinstance(figures, dict)
    return float(figures[name].value)


FOUR = a_past(
    a_lead("a", [75, 80], won_on=30, won_value=5_000, deal_value=1_000),
    a_lead("b", [65, 65, 50], won_on=40, deal_value=2_000),
    a_lead("c", [65, 72], deal_value=3_000),
    a_lead("d", [10, 20], won_on=50),
)


def test_the_figures_of_a_past_that_is_counted_by_hand() -> None:
    found = simulated(FOUR).figures
    names = ("handed_over", "leads_a_day", "conversions", "caught", "share_caught", "precision")
    assert [value(found.present, name) for name in names] == [2, 2 / 3, 3, 1, 1 / 3, 1 / 2]
    assert [value(found.other, name) for name in names] == [3, 1, 3, 2, 2 / 3, 2 / 3]
    assert [value(found.difference, name) for name in names[:4]] == [1, pytest.approx(1 / 3), 0, 1]
    assert value(found.present, "expected_value") == pytest.approx(75 / 400 * 1_000 + 72 / 400 * 3_000 - 40)
    assert value(found.other, "expected_value") == pytest.approx(
        75 / 400 * 1_000 + 65 / 400 * 2_000 + 65 / 400 * 3_000 - 60
    )
    assert value(found.present, "realised_value") == 5_000 - 40
    assert value(found.other, "realised_value") == 5_000 + 2_000 - 60


def test_who_changes_sides_is_named_with_what_both_policies_say() -> None:
    found = simulated(FOUR).sides
    [b] = found.to_sales
    assert (b.lead_id, b.at, b.won) == ("b", day(0), True)
    assert b.why.startswith("Score 65 reaches the threshold of 60")
    assert b.why_not.startswith("Score 65 is below the threshold of 70")
    assert (found.from_sales, found.earlier, found.later) == ((), 1, 0)
    back = simulate((FOUR, AT_60), (FOUR, AT_70)).sides
    assert [one.lead_id for one in back.from_sales] == ["b"]
    assert (back.to_sales, back.earlier, back.later) == ((), 0, 1)


ROWS = st.lists(
    st.tuples(
        st.lists(st.integers(0, 99), min_size=1, max_size=5),
        st.one_of(st.none(), st.floats(0.5, 150)),
        st.integers(0, 1),
    ),
    max_size=10,
)


def past_of_rows(rows: list[tuple[list[int], float | None, int]]) -> Past:
    return a_past(
        *(
            a_lead(f"{n}", scores, won_on=won, every=7, hand_raises=raised)
            for n, (scores, won, raised) in enumerate(rows)
        ),
        since=7,
    )


@pytest.mark.proof(part="deciding")
@given(ROWS)
def test_a_policy_against_itself_changes_nobody(rows: list[tuple[list[int], float | None, int]]) -> None:
    found = simulate(*[(past_of_rows(rows), AT_70)] * 2)
    assert (found.sides.to_sales, found.sides.from_sales) == ((), ())
    assert (found.sides.earlier, found.sides.later) == (0, 0)
    for figure in found.figures.difference.values():
        assert figure is None or (figure.value, figure.low, figure.high) == (0, 0, 0)
    assert all(load.difference.value == 0 for load in found.of_queues)


@pytest.mark.proof(part="deciding")
@given(ROWS, st.integers(1, 99))
def test_a_lower_threshold_catches_no_fewer(
    rows: list[tuple[list[int], float | None, int]], threshold: int
) -> None:
    high, low = (policy_of_text(f"score_threshold = {one}") for one in (threshold, threshold - 1))
    past = past_of_rows(rows)
    found = simulate((past, high), (past, low))
    assert found.sides.from_sales == ()
    assert found.figures.difference["caught"] is not None
    assert found.figures.difference["caught"].value >= 0
    for curve in found.curves:
        caught = [point.share_caught for point in curve.points if point.share_caught is not None]
        assert caught == sorted(caught, reverse=True)


def test_the_same_arguments_give_the_same_answer_and_it_can_be_written_as_json() -> None:
    one, other = simulated(FOUR), simulated(FOUR)
    assert one == other
    assert json.loads(json.dumps(one.to_dict()))["figures"]["other"]["caught"]["value"] == 2


def test_a_horizon_that_has_not_passed_says_nothing_of_precision() -> None:
    young = a_past(a_lead("a", [75]), known=30)
    assert simulated(young).figures.present["precision"] is None
    old = a_past(a_lead("a", [75]), known=HORIZON / 86_400_000_000)
    assert value(simulated(old).figures.present, "precision") == 0


def test_a_win_after_the_horizon_or_before_the_handover_is_not_caught() -> None:
    late = a_past(a_lead("a", [75], won_on=91), a_lead("b", [75], won_on=90))
    assert value(simulated(late).figures.present, "conversions") == 1
    early = a_past(a_lead("a", [10, 10, 75], won_on=1.5))
    assert value(simulated(early).figures.present, "caught") == 0
    assert value(simulated(early).figures.present, "conversions") == 1


def test_without_probabilities_nothing_is_expected() -> None:
    found = simulated(a_past(a_lead("a", [75], probability=None, rung="points")))
    assert found.figures.present["expected_value"] is None
    assert [len(curve.points) for curve in found.curves] == [1, 0]


@pytest.mark.parametrize("name", NAMES)
def test_counts_are_scaled_where_some_leads_stand_for_all(name: str) -> None:
    whole = simulated(FOUR).figures.other
    third = simulated(replace(FOUR, share=1 / 3))
    factor = 3 if name in COUNTED else 1
    assert value(third.figures.other, name) == pytest.approx(factor * value(whole, name))
    assert any("33.3%" in caution for caution in third.cautions)


def test_the_load_is_told_for_each_queue_and_each_rep() -> None:
    asked: list[tuple[str, int]] = []

    def assigning(policy: Policy) -> object:
        reps = iter(["ann", "ben", "ann", "ben"])

        def assign(one: Given) -> str | None:
            asked.append((one.lead_id, one.facts.as_of))
            return next(reps)

        return assign

    found = simulated(FOUR, sales=Sales(assigning=assigning))  # type: ignore[arg-type]  # as a rep's
    assert [(load.name, load.present.value, load.other.value) for load in found.of_queues] == [
        ("sales", pytest.approx(2 / 3), pytest.approx(1))
    ]
    loads = {load.name: (load.present.value * 3, load.other.value * 3) for load in found.of_reps}
    assert loads == {"ann": (pytest.approx(1), pytest.approx(2)), "ben": (pytest.approx(1), pytest.approx(1))}
    assert asked == [("a", day(0)), ("c", day(1)), ("a", day(0)), ("b", day(0)), ("c", day(0))]


def test_response_times_are_the_recorded_ones_else_what_the_policy_demands() -> None:
    hour = 3_600_000_000

    def allowed(policy: Policy) -> object:
        def by_temperature(decision: Decision) -> int:
            return {"hot": hour, "warm": 8 * hour}.get(decision.temperature, 24 * hour)

        return by_temperature

    assert simulated(FOUR).responses_other.how == "unknown"
    demanded = simulated(FOUR, sales=Sales(allowed=allowed)).responses_other  # type: ignore[arg-type]  # as above
    assert (demanded.how, demanded.median_hours, demanded.known) == ("allowed", 8, 3)
    recorded = simulated(FOUR, sales=Sales(recorded={"a": hour, "b": 3 * hour})).responses_other
    assert (recorded.how, recorded.median_hours, recorded.known) == ("recorded", 2, 2)
    assert recorded.handed_over == 3


def test_what_a_reader_has_to_know_is_said() -> None:
    said = simulated(FOUR).cautions
    assert "treated under the policy of their time" in said[0]
    assert not any("No outcome says" in caution for caution in said)
    assert any("No outcome says" in one for one in simulated(a_past(a_lead("a", [1]))).cautions)
    dear = "Wins were worth 5,000 on average, where the policy takes 1,000"
    assert any(one.startswith(dear) for one in said)
    fair = policy_of_text("[handoff.value]\ndeal = 4000")
    assert not any(one.startswith("Wins were worth") for one in simulated(FOUR, fair).cautions)


def test_an_empty_past_is_told_without_figures_of_nothing() -> None:
    found = simulated(a_past())
    assert (found.leads, found.moments) == (0, 0)
    assert found.figures.other["share_caught"] is None


def test_the_interval_is_that_of_theory() -> None:
    """The standard error of a mean of n draws is their spread by the root of n."""
    values = np.random.default_rng(3).exponential(size=2_000)
    mean = doubted(Draws(2_000, seed=1).sums({"sum": values})["sum"] / 2_000)
    assert mean is not None
    spread = 1.96 * values.std() / np.sqrt(2_000)
    assert mean.high - mean.value == pytest.approx(spread, rel=0.25)
    assert mean.value - mean.low == pytest.approx(spread, rel=0.25)


def test_progress_is_told_over_both_replays() -> None:
    told: list[tuple[int, int]] = []
    simulate((FOUR, AT_70), (FOUR, AT_60), report=lambda done, of: told.append((done, of)))
    assert told == [(9, 18), (18, 18)]


def test_facts_may_differ_where_policies_ask_for_different_things() -> None:
    theirs = a_past(LeadPast(lead_id="a", facts=(facts_on(0, 65, country="fr"),)))
    ours = a_past(LeadPast(lead_id="a", facts=(facts_on(0, 65, country="de"),)))
    only = policy_of_text('score_threshold = 60\n[lists]\nmarkets = ["de"]')
    assert len(simulate((theirs, AT_70), (ours, only)).sides.to_sales) == 1
    assert len(simulate((theirs, AT_70), (theirs, only)).sides.to_sales) == 0
