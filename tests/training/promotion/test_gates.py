"""Each gate: what it lets through, what it stops, and how it says so."""

from dataclasses import replace

import pytest
from made_about import made_about

from training.about import About
from training.evidence.evidence import BASE_RATE, BAYES, COMPANY_CARD, SCORECARD
from training.measures import Figure
from training.promotion.comparison import Comparison
from training.promotion.gates import (
    Gate,
    embargo_gate,
    latency_gate,
    model_gates,
    no_comparison_gate,
    points_gates,
    slope_gate,
)

EVEN = (100,) * 10
STABLE = Figure(0.0, 0.0, 0.02)


def a_comparison(difference: Figure, stability: Figure = STABLE) -> Comparison:
    return Comparison(
        champion=3,
        how="twins",
        said="a test",
        rows=1_000,
        leads=500,
        conversions=60,
        champion_log_loss=0.3,
        challenger_log_loss=0.3 + difference.value,
        difference=difference,
        bands=(EVEN, EVEN),
        stability=stability,
        moved=0.1,
    )


def good() -> About:
    """What a promotable version holds."""
    about = made_about()
    rivals = tuple(replace(rival, lead=Figure(0.02, 0.01, 0.03)) for rival in about.evidence.rivals)
    signal = None if about.evidence.signal is None else replace(about.evidence.signal, is_there=True)
    return replace(about, kept=(), evidence=replace(about.evidence, rivals=rivals, signal=signal))


def with_measure(about: About, **figures: Figure) -> About:
    measures = {**about.evidence.measures, **figures}
    return replace(about, evidence=replace(about.evidence, measures=measures))


def with_lead(about: About, name: str, lead: Figure) -> About:
    rivals = [replace(rival, lead=lead) if rival.name == name else rival for rival in about.evidence.rivals]
    return replace(about, evidence=replace(about.evidence, rivals=tuple(rivals)))


def barred(gates: tuple[Gate, ...]) -> list[str]:
    return [gate.name for gate in gates if gate.stands_in_the_way]


def test_a_good_version_passes_every_gate_with_or_without_a_champion() -> None:
    alone = model_gates(good(), None, 1.0)
    assert [gate.name for gate in alone] == [
        "signal", "baselines", "calibration slope", "leaks", "embargo", "latency",
    ]  # fmt: skip
    beside = model_gates(good(), a_comparison(Figure(0.0, 0.0, 0.0)), 1.0)
    assert {"log loss", "grades"} == {gate.name for gate in beside} - {gate.name for gate in alone}
    assert all(gate.passed for gate in (*alone, *beside))
    assert all(gate.figure and gate.said for gate in beside)


@pytest.mark.parametrize(
    ("about", "stopped"),
    [
        (with_lead(good(), BASE_RATE, Figure(0.01, -0.001, 0.02)), "baselines"),
        (with_lead(good(), SCORECARD, Figure(0.01, -0.001, 0.02)), "baselines"),
        (with_lead(good(), COMPANY_CARD, Figure(0.01, -0.001, 0.02)), "baselines"),
        (with_lead(good(), BAYES, Figure(-0.02, -0.03, -0.01)), "baselines"),
        (with_measure(good(), calibration_slope=Figure(0.6, 0.5, 0.79)), "calibration slope"),
        (with_measure(good(), calibration_slope=Figure(1.6, 1.26, 1.9)), "calibration slope"),
        (replace(good(), kept=("Lead Quality",)), "leaks"),
    ],
)
def test_each_weakness_is_stopped_by_its_gate_alone(about: About, stopped: str) -> None:
    assert barred(model_gates(about, a_comparison(Figure(0.0, 0.0, 0.0)), 1.0)) == [stopped]


def test_no_signal_is_stopped() -> None:
    about = good()
    assert about.evidence.signal is not None
    evidence = replace(about.evidence, signal=replace(about.evidence.signal, is_there=False))
    assert barred(model_gates(replace(about, evidence=evidence), None, 1.0)) == ["signal"]


def test_a_rival_that_need_not_be_beaten_may_be_as_good() -> None:
    about = with_lead(good(), BAYES, Figure(-0.001, -0.01, 0.01))
    assert barred(model_gates(about, None, 1.0)) == []


@pytest.mark.parametrize(
    ("low", "high", "passes"),
    [(0.001, 0.02, False), (0.0, 0.02, True), (-0.01, 0.02, True), (-0.02, -0.01, True)],
)
def test_worse_than_the_champion_counts_with_confidence_only(low: float, high: float, passes: bool) -> None:
    gates = model_gates(good(), a_comparison(Figure((low + high) / 2, low, high)), 1.0)
    assert (barred(gates) == []) is passes
    assert passes or barred(gates) == ["log loss"]


@pytest.mark.parametrize(
    ("stability", "passes"), [(Figure(0.6, 0.2501, 0.9), False), (Figure(0.6, 0.25, 0.9), True)]
)
def test_scores_are_said_to_mean_something_else_with_confidence_only(stability: Figure, passes: bool) -> None:
    gates = model_gates(good(), a_comparison(Figure(0, 0, 0), stability), 1.0)
    assert barred(gates) == ([] if passes else ["grades"])
    assert f"stability index {stability}" in {gate.figure for gate in gates}


@pytest.mark.parametrize(
    ("slope", "passes"),
    [
        (Figure(0.8, 0.7, 0.9), True),
        (Figure(0.7, 0.6, 0.8), True),
        (Figure(1.3, 1.25, 1.4), True),
        (Figure(1.3, 1.2501, 1.4), False),
        (Figure(0.75, 0.7, 0.7999), False),
    ],
)
def test_a_slope_is_out_of_bounds_where_its_whole_interval_is(slope: Figure, passes: bool) -> None:
    assert slope_gate(with_measure(good(), calibration_slope=slope).evidence).passed is passes


def test_a_slope_that_was_not_measured_stops() -> None:
    about = good()
    measures = {k: v for k, v in about.evidence.measures.items() if k != "calibration_slope"}
    gate = slope_gate(replace(about.evidence, measures=measures))
    assert gate.stands_in_the_way
    assert gate.figure == "not measured"


def test_a_slow_score_warns_and_never_blocks() -> None:
    gate = latency_gate(1_000.0)
    assert not gate.passed
    assert not gate.stands_in_the_way
    assert latency_gate(0.5).passed


@pytest.mark.parametrize(("is_embargoed", "passes"), [(True, True), (None, True), (False, False)])
def test_an_embargo_that_was_given_up_warns_and_never_blocks(is_embargoed: bool | None, passes: bool) -> None:
    about = good()
    evidence = replace(about.evidence, is_embargoed=is_embargoed)
    assert embargo_gate(evidence).passed is passes
    assert barred(model_gates(replace(about, evidence=evidence), None, 1.0)) == []


def test_points_are_asked_about_their_rules_and_replace_no_model() -> None:
    assert barred(points_gates(9, (), None, 0.1)) == []
    assert barred(points_gates(9, ("no such feature",), "points", 99.0)) == []
    assert barred(points_gates(0, ("no such feature",), "model", 0.1)) == ["rules", "rung"]
    assert barred(points_gates(9, (), "blend", 0.1)) == ["rung"]


def test_without_a_comparison_a_champion_is_not_replaced() -> None:
    assert no_comparison_gate("nobody knows").stands_in_the_way
