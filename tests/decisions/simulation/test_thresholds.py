import numpy as np
import pytest
from made_pasts import a_lead, a_past, day, facts_on
from numpy.typing import NDArray

from decisions.policy import policy_of_text
from decisions.policy.handoff import Value
from decisions.simulation import LeadPast, Past
from decisions.simulation.draws import Draws
from decisions.simulation.replay import replay
from decisions.simulation.thresholds import By, Curve, curve
from training.synthetic.recipe import DAY_US, History
from training.synthetic.truth import censuses
from training.synthetic.world import World

POLICY = policy_of_text("score_threshold = 70")
WORTH = Value(deal=1_000, touch_cost=100)


def curve_of(past: Past, by: By, worth: Value = WORTH, capacity: float | None = None) -> Curve:
    return curve(past, replay(past, POLICY), by, worth, capacity, Draws(len(past.leads), seed=1))


def test_the_curve_tells_what_each_threshold_would_have_given() -> None:
    past = a_past(
        a_lead("a", [30, 50, 40], won_on=20),
        a_lead("b", [40, 20]),
        a_lead("c", [10], hand_raises=1, won_on=9, won_value=700),
        a_lead("d", [99], fit_score=3, won_on=9),
    )
    found = curve_of(past, "score")
    rows = [(one.threshold, one.leads_a_day * 3, one.share_caught, one.realised) for one in found.points]
    assert rows == [
        (30, pytest.approx(3), pytest.approx(2 / 3), 1_700 - 300),
        (40, pytest.approx(3), pytest.approx(2 / 3), 1_700 - 300),
        (50, pytest.approx(2), pytest.approx(2 / 3), 1_700 - 200),
    ]
    assert found.best is not None
    assert (found.best.threshold.value, found.best.realised.value) == (50, 1_500)


def test_the_best_threshold_keeps_within_what_the_team_has_room_for() -> None:
    leads = [a_lead(f"{n:02}", [score], won_on=30) for n, score in enumerate([90, 80, 70, 60, 50, 40])]
    for capacity, least in ((None, 40), (6, 40), (4.5, 60), (2, 80), (1, 90)):
        best = curve_of(a_past(*leads), "score", capacity=capacity).best
        assert best is not None
        assert best.threshold.value == least
        assert best.leads_a_day <= (capacity or 6)
    assert curve_of(a_past(*leads), "score", capacity=0.5).best is None


def test_who_went_before_what_is_counted_is_no_lead_of_a_day_but_is_caught() -> None:
    past = a_past(a_lead("a", [80, 80], won_on=30), a_lead("b", [10, 80], won_on=30), since=1)
    [_, point] = curve_of(past, "score").points
    assert (point.threshold, point.leads_a_day, point.share_caught) == (80, 1, 1)
    assert point.realised == 2_000 - 100


def test_no_threshold_hands_over_a_lead_that_lacks_what_is_required() -> None:
    asks = policy_of_text("[required]\nfields = ['phone']")
    past = a_past(a_lead("a", [30], won_on=20), a_lead("b", [20], won_on=9))
    draws = Draws(len(past.leads), seed=1)
    assert curve(past, replay(past, asks), "score", WORTH, None, draws).points == ()
    assert curve_of(past, "score").points != ()


def test_nothing_is_best_where_nobody_converted() -> None:
    found = curve_of(a_past(a_lead("a", [50])), "score")
    assert (len(found.points), found.best) == (1, None)
    assert curve_of(a_past(), "value").points == ()


@pytest.mark.parametrize("capacity", [None, 25.0])
def test_the_best_threshold_on_the_value_is_near_the_best_that_there_is(capacity: float | None) -> None:
    """On a generated history: what the true probabilities say of the threshold that was found by outcomes.

    Without a limit the truth's best is 0: from there on a lead is worth its touch.
    """
    worth = Value(deal=1_000, touch_cost=60)
    past, chances = _single_census(said=0.8)
    found = curve_of(past, "value", worth, capacity)
    assert found.best is not None

    def gain(threshold: float) -> tuple[float, int]:
        goes = 0.8 * chances * worth.deal - worth.touch_cost >= threshold
        return float((chances[goes] * worth.deal - worth.touch_cost).sum()), int(goes.sum())

    truth = [gain(point.threshold) for point in found.points]
    best = max(value for value, leads in truth if capacity is None or leads <= capacity)
    reached, leads = gain(found.best.threshold.value)
    assert reached >= 0.93 * best
    assert capacity is None or leads <= capacity
    assert capacity is not None or truth[0][0] < best / 2  # else any threshold would do
    assert found.best.threshold.low <= found.best.threshold.value <= found.best.threshold.high


def _single_census(said: float) -> tuple[Past, NDArray[np.float64]]:
    """Return the open leads of one day, of whom a scorer says `said` times their chance, and the chances."""
    history = History(leads=6_000, seed=5, observable=True)
    world = World.of(history)
    census = list(censuses(world))[30]
    won_within = (world.outcomes.occurred_us > census.as_of_us) & (
        world.outcomes.occurred_us <= census.as_of_us + history.horizon_days * DAY_US
    )
    won = set(world.outcomes.lead[world.outcomes.won & won_within].tolist())
    chances = census.probability.tolist()
    leads = [
        LeadPast(
            lead_id=str(lead),
            facts=(facts_on(0, min(99, int(100 * chance)), probability=said * chance, fit_score=80),),
            won_at=day(30) if lead in won else None,
        )
        for lead, chance in zip(census.lead.tolist(), chances, strict=True)
    ]
    return a_past(*leads), census.probability
