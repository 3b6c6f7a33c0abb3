import random
from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_pasts import a_lead, a_past, day, facts_on
from msgspec.structs import replace
from some_facts import DAY_US

from decisions.deciding import Held
from decisions.policy import Policy, policy_of_text
from decisions.simulation import LeadPast, Past
from decisions.simulation.replay import Replayed, replay

AT_70 = policy_of_text("score_threshold = 70")
SCORES = st.lists(st.integers(0, 99), min_size=1, max_size=6)


def at(threshold: int, hysteresis: int = 5) -> Policy:
    return policy_of_text(f"score_threshold = {threshold}\n[handoff]\nhysteresis = {hysteresis}")


def handed_over(replayed: Replayed) -> list[list[int]]:
    """On which places of its past each lead goes to sales."""
    return [[one.place for one in path.handovers] for path in replayed.paths]


def test_a_lead_goes_to_sales_when_it_reaches_the_threshold() -> None:
    past = a_past(a_lead("a", [60, 69, 70, 90]), a_lead("b", [10, 20, 30, 69]))
    assert handed_over(replay(past, AT_70)) == [[2], []]


def test_a_lead_at_the_edge_stays_until_it_falls_below_by_the_hysteresis() -> None:
    past = a_past(a_lead("a", [70, 66, 70, 66]), a_lead("b", [70, 64, 70]))
    assert handed_over(replay(past, at(70, 5))) == [[0], [0, 2]]
    assert handed_over(replay(past, at(70, 0))) == [[0, 2], [0, 2]]


def test_who_was_over_before_the_past_begins_is_not_told_to_the_replay() -> None:
    held = Held(stage="SQL", substage="offered", since=day(-9), over_threshold=True)
    past = a_past(a_lead("a", [68, 68], held=held))
    assert handed_over(replay(past, AT_70)) == [[]]


def test_what_sales_said_counts_only_of_leads_that_were_handed_over_here_too() -> None:
    said = Held(stage="opportunity", substage="proposal", since=day(1), by_sales=True, owner="ann", returns=1)
    first, later = facts_on(0, 75), facts_on(1, 40, held=said)
    past = a_past(LeadPast(lead_id="a", facts=(first, later)))
    kept = [[step.action for step in path.steps] for path in replay(past, at(70)).paths]
    assert kept == [["route", "route"]]
    not_kept = [[step.action for step in path.steps] for path in replay(past, at(80)).paths]
    assert not_kept == [["nurture", "nurture"]]


def test_what_came_before_is_not_counted_and_is_with_sales_already() -> None:
    past = a_past(a_lead("a", [75, 75, 60, 75]), a_lead("b", [10, 10, 75]), since=2)
    [a, b] = replay(past, AT_70).paths
    assert [(one.place, one.counts) for one in a.handovers] == [(0, False), (3, True)]
    assert [(one.place, one.counts) for one in b.handovers] == [(2, True)]


def test_the_days_are_those_since_the_round_before() -> None:
    weekly = a_past(a_lead("a", [10] * 5, every=7), since=14)
    replayed = replay(weekly, AT_70)
    assert (replayed.days, replayed.last - replayed.first) == (21, 14)
    assert replay(a_past(a_lead("a", [10])), AT_70).days == 1
    assert replay(a_past(), AT_70).days == 1


def pasts() -> st.SearchStrategy[Past]:
    won = st.one_of(st.none(), st.floats(0.5, 60))
    lead = st.tuples(SCORES, won, st.integers(0, 3), st.integers(0, 1), st.integers(20, 60))
    return st.lists(lead, max_size=12).map(
        lambda rows: a_past(
            *(
                a_lead(f"L{n:02}", scores, won_on=won, begins=begins, hand_raises=raised, fit_score=fit)
                for n, (scores, won, begins, raised, fit) in enumerate(rows)
            ),
            since=1,
        )
    )


@pytest.mark.proof(part="deciding")
@given(pasts(), st.integers(1, 99), st.integers(0, 20))
def test_a_lower_threshold_hands_nobody_over_later(past: Past, threshold: int, hysteresis: int) -> None:
    high, low = replay(past, at(threshold, hysteresis)), replay(past, at(threshold - 1, hysteresis))
    for above, below in zip(high.paths, low.paths, strict=True):
        if above.handovers:
            assert below.handovers[0].place <= above.handovers[0].place


@pytest.mark.proof(part="deciding")
@given(pasts(), st.integers(1, 4))
def test_the_same_past_and_policy_give_the_same_in_whatever_order_the_leads_are(
    past: Past, a_day: int
) -> None:
    policy = policy_of_text(f'[handoff]\nby = "capacity"\na_day = {a_day}')
    order = list(range(len(past.leads)))
    random.Random(1).shuffle(order)  # noqa: S311 - no secret
    mixed = a_past(*(past.leads[place] for place in order), since=1)
    found = replay(past, policy).paths
    assert replay(mixed, policy).paths == tuple(found[place] for place in order)


@pytest.mark.proof(part="deciding")
@given(pasts(), st.integers(1, 4), st.sampled_from(["capacity", "value"]))
def test_no_more_than_the_best_of_a_day_reach_the_threshold(past: Past, a_day: int, by: str) -> None:
    policy = policy_of_text(f'[handoff]\nby = "{by}"\na_day = {a_day}\nfit = 25')
    quiet = a_past(
        *(
            LeadPast(
                lead_id=lead.lead_id,
                facts=tuple(
                    replace(one, history={**one.history, "hand_raises": 0, "demos_14d": 0})
                    for one in lead.facts
                ),
            )
            for lead in past.leads
        )
    )
    replayed = replay(quiet, policy)
    rounds = sorted({one.as_of for lead in quiet.leads for one in lead.facts})
    gaps = [(now - before) // DAY_US for before, now in pairwise(rounds)]
    for now, days in zip(rounds, [max(gaps, default=1), *gaps], strict=False):
        given_now = sum(one.at == now for path in replayed.paths for one in path.handovers)
        assert given_now <= a_day * days


def test_the_best_of_the_day_go_a_raised_hand_takes_a_place_and_equals_go_by_their_chance() -> None:
    policy = policy_of_text('[handoff]\nby = "capacity"\na_day = 3')
    past = a_past(
        a_lead("a", [80], probability=0.1),
        a_lead("b", [80], probability=0.3),
        a_lead("c", [95], probability=0.5),
        a_lead("d", [99], probability=0.6, fit_score=5),
        a_lead("e", [20], hand_raises=1),
    )
    found = replay(past, policy)
    assert handed_over(found) == [[], [0], [0], [], [0]]
    assert found.paths[1].handovers[0].decision.why.startswith("Score 80 is among the best 3 of the day.")


def test_room_that_was_not_used_is_lost_and_room_of_several_days_is_theirs() -> None:
    policy = policy_of_text('[handoff]\nby = "capacity"\na_day = 1')
    daily = a_past(*(a_lead(name, [80], begins=2) for name in "abc"), a_lead("x", [5, 5, 5], fit_score=1))
    assert sum(bool(places) for places in handed_over(replay(daily, policy))) == 1
    weekly = a_past(*(a_lead(name, [80, 80], every=7) for name in "abcdefghijklmnopq"))
    first, later = (
        sum(one.place == place for path in replay(weekly, policy).paths for one in path.handovers)
        for place in (0, 1)
    )
    assert (first, later) == (7, 7)


def test_who_is_worth_it_stays_with_sales_and_who_no_longer_is_does_not() -> None:
    policy = policy_of_text('[handoff]\nby = "value"\na_day = 1\n[handoff.value]\nleast = 50')
    past = a_past(
        LeadPast(
            lead_id="a",
            facts=tuple(facts_on(n, 80, probability=chance) for n, chance in enumerate([0.2, 0.08, 0.06])),
        )
    )
    [path] = replay(past, policy).paths
    assert [step.action for step in path.steps] == ["route", "route", "nurture"]


def test_a_part_of_a_lead_is_carried_on_to_the_next_round() -> None:
    policy = policy_of_text('[handoff]\nby = "capacity"\na_day = 1')
    past = a_past(*(a_lead(f"{n:02}", [80] * 4) for n in range(9)), share=0.5)
    assert sorted(chain(*handed_over(replay(past, policy)))) == [1, 3]


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    replay(a_past(a_lead("a", [1, 2, 3])), AT_70, lambda done, of: told.append((done, of)))
    assert told == [(3, 3)]


@pytest.mark.parametrize("share", [0.5, 0.25])
def test_some_of_the_leads_get_their_share_of_the_room(share: float) -> None:
    policy = policy_of_text('[handoff]\nby = "capacity"\na_day = 4')
    past = a_past(*(a_lead(f"{n:02}", [80]) for n in range(20)), share=share)
    assert sum(map(len, handed_over(replay(past, policy)))) == 4 * share
