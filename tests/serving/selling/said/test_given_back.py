"""Leads that sales gives back for a while: who decides when that is over, and who may have them meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest
from decided_leads import DEFAULT, decide, decided, facts, stages_of, state_of
from fake_recorder import put_leads, waiting
from sold_leads import assignments_of, keep_leads_for_sales, keep_reps, policy, write

from decisions.policy.handoff import Handoff
from serving.selling.giving.assigning import NotForSalesError, assign, withdraw
from serving.selling.giving.claiming import reject
from serving.selling.said import feedback
from serving.selling.standing.deciding import keep_decisions
from serving.selling.standing.due_decisions import mark_due_decisions
from serving.selling.standing.how_leads_stand import held_of
from serving.selling.standing.sales_stages import set_stage
from serving.store.database import Store

NOW = 1_795_253_400_000_000
SECOND = 1_000_000
DAY = 86_400 * SECOND
POLICY = policy()


@pytest.fixture
def lead(store: Store) -> int:
    """A lead that is for sales."""
    [lead] = put_leads(store, 1)
    decide(store, [lead], NOW, score=90)
    assert state_of(store, lead).stage == "SQL"
    return lead


def give_back(store: Store, lead: int, reason: str, at: int) -> None:
    write(store, feedback.returned, lead, reason, "rep-1", at, policy=DEFAULT)


def stage_at(store: Store, lead: int, at: int) -> str | None:
    """Return where a lead is once what fell due by a moment was looked for, and it was decided on."""
    mark_due_decisions(store, at, Handoff(), 100)
    decide(store, [lead], at, score=90)
    return state_of(store, lead).stage  # type: ignore[no-any-return]


def recycle(store: Store, lead: int, at: int) -> None:
    write(store, set_stage, lead, "recycled", None, at, at=at, author="boss", because="not now")


@pytest.mark.parametrize("first", [lambda *at: give_back(*at[:2], "too_early", at[2]), recycle])
def test_a_lead_that_was_recycled_twice_is_let_go_when_the_time_is_over(
    store: Store, lead: int, first: Callable[[Store, int, int], Any]
) -> None:
    first(store, lead, NOW + 1)
    give_back(store, lead, "too_early", NOW + SECOND)
    assert stage_at(store, lead, NOW + 2 * SECOND) == "recycled"
    assert stage_at(store, lead, NOW + 90 * DAY + SECOND - 1) == "recycled"
    assert stage_at(store, lead, NOW + 90 * DAY + SECOND) == "SQL"


def test_of_two_reasons_the_newest_stands(store: Store, lead: int) -> None:
    give_back(store, lead, "too_early", NOW + 1)
    give_back(store, lead, "no_budget", NOW + 2)
    for day in (90, 91, 179):
        assert stage_at(store, lead, NOW + day * DAY + 2) == "recycled"
    assert stage_at(store, lead, NOW + 180 * DAY + 2) == "SQL"


def test_a_worker_whose_clock_is_ahead_keeps_no_lead_for_ever(store: Store, lead: int) -> None:
    give_back(store, lead, "too_early", NOW - SECOND)
    assert stages_of(store, lead)[-1][:3] == ("recycled", None, NOW)
    assert stage_at(store, lead, NOW + 90 * DAY) == "SQL"


def test_a_lead_that_was_recycled_otherwise_since_stays(store: Store, lead: int) -> None:
    give_back(store, lead, "too_early", NOW + 1)
    write(store, feedback.accepted, lead, "rep-1", NOW + 2)
    recycle(store, lead, NOW + 3)
    assert stage_at(store, lead, NOW + 91 * DAY) == "recycled"


def test_what_lifts_a_ruling_out_keeps_no_recycled_lead_for_ever(store: Store, lead: int) -> None:
    give_back(store, lead, "too_early", NOW + 1)
    write(store, feedback.reinstated, lead, None, "they are real", "boss", NOW + 2)
    assert stage_at(store, lead, NOW + DAY) == "recycled"
    assert stage_at(store, lead, NOW + 90 * DAY + 1) == "SQL"


@pytest.mark.parametrize(("reason", "action"), [("too_early", "nurture"), ("competitor", "out")])
def test_a_rejected_lead_is_given_to_nobody_before_it_is_decided_on_again(
    store: Store, reason: str, action: str
) -> None:
    keep_reps(store, ana={}, ben={})
    [lead] = keep_leads_for_sales(store, 1)
    rep = write(store, assign, lead, POLICY, NOW).rep
    write(store, reject, lead, rep, reason, POLICY, NOW + 1)
    with pytest.raises(NotForSalesError, match="not decided"):
        write(store, assign, lead, POLICY, NOW + 2)
    assert (state_of(store, lead).action, state_of(store, lead).queue) == (action, None)
    assert assignments_of(store, lead) == [(rep, "rejected")]
    assert waiting(store) == [lead]


def test_a_decision_by_facts_of_before_it_was_rejected_gives_a_lead_to_nobody(store: Store) -> None:
    keep_reps(store, ana={}, ben={})
    [lead] = keep_leads_for_sales(store, 1)
    with store.snapshot() as connection:
        held = held_of(connection, [lead], NOW)[lead]
    rep = write(store, assign, lead, POLICY, NOW).rep
    write(store, reject, lead, rep, "competitor", POLICY, NOW + 1)
    late = decided(lead, facts(held, NOW + 9, raised=True))
    assert late.decision.action == "route"
    assert write(store, keep_decisions, [late], NOW + 9).routed == ()
    assert state_of(store, lead).action == "out"


@pytest.mark.parametrize(("takes_it", "again"), [(False, False), (True, True)])
def test_who_gave_a_lead_back_in_feedback_alone_does_not_get_it_again(
    store: Store, takes_it: bool, again: bool
) -> None:
    keep_reps(store, ana={}, ben={})
    [lead] = keep_leads_for_sales(store, 1)
    rep = write(store, assign, lead, POLICY, NOW).rep
    write(store, feedback.returned, lead, "too_early", rep, NOW + 1, policy=POLICY)
    if takes_it:
        write(store, feedback.accepted, lead, rep, NOW + 2)
    write(store, withdraw, lead, POLICY, NOW + 3, "It is not for sales any more.")
    assert assignments_of(store, lead) == [(rep, "closed" if takes_it else "rejected")]
    decide(store, [lead], NOW + 200 * DAY, policy=POLICY, raised=True)
    assert (write(store, assign, lead, POLICY, NOW + 200 * DAY).rep == rep) is again
