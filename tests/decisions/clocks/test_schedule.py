from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisions.clocks.asking import asked_for
from decisions.clocks.policy import DEFAULT_CLOCKS, ClockRules, FollowUp, Sla
from decisions.clocks.responses import Elapsed, response_times, status
from decisions.clocks.schedule import Assigned, Contact, Deadline, deadlines, open_deadlines
from decisions.clocks.working_time import REP_ALWAYS, WorkingTime
from features.durations import DAY_US

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
BERLIN = WorkingTime("Europe/Berlin", (((540, 1_020),),) * 5 + ((), ()))
CLOCKS = ClockRules(
    sla={
        "all": Sla(
            acknowledge="5 minutes",
            warn_before="2 minutes",
            escalate_after="10 minutes",
            reassign_after="20 minutes",
            hops=2,
            first_contact="1 hour",
            accept="8 hours",
        )
    },
    follow_up={
        "SQL": FollowUp(attempts=("1 day", "3 days"), remind_before="2 hours", end_after="7 days"),
        "opportunity": FollowUp(attempts=("2 days",)),
    },
)


def at(text: str, zone: str = "Europe/Berlin") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000


MONDAY_TEN = at("2026-11-23T10:00")
OFFERED = Assigned(assigned_at=MONDAY_TEN, stage="SQL", temperature="hot")


def due(assigned: Assigned, kind: str, step: int = 0, working: WorkingTime = BERLIN) -> Deadline:
    found = [one for one in deadlines(assigned, CLOCKS, working) if (one.kind, one.step) == (kind, step)]
    assert len(found) == 1
    return found[0]


def kinds(assigned: Assigned) -> list[str]:
    return [
        f"{one.kind} {one.step}" if one.step else one.kind for one in open_deadlines(assigned, CLOCKS, BERLIN)
    ]


def test_an_answer_is_due_by_the_wall_and_by_working_hours() -> None:
    late = replace(OFFERED, assigned_at=at("2026-11-27T16:57"))  # a Friday, three minutes before the end
    acknowledge = due(late, "acknowledge")
    assert acknowledge.by_wall == at("2026-11-27T17:02")
    assert acknowledge.by_working == at("2026-11-30T09:02")
    assert acknowledge.due_at == acknowledge.by_working


def test_the_policy_says_which_counts() -> None:
    by_wall = ClockRules(sla={"all": Sla(acknowledge="5 minutes", hours="wall")}, follow_up={})
    [one] = deadlines(replace(OFFERED, assigned_at=at("2026-11-27T16:57")), by_wall, BERLIN)
    assert one.due_at == one.by_wall
    assert one.by_working == at("2026-11-30T09:02")


def test_who_never_works_is_held_to_the_wall() -> None:
    gone = due(OFFERED, "acknowledge", working=WorkingTime("UTC", ((),) * 7))
    assert (gone.by_working, gone.due_at) == (None, MONDAY_TEN + 5 * MINUTE_US)


@pytest.mark.parametrize(
    ("zone", "night", "hours_later"),
    [
        ("Europe/Berlin", "2026-03-28", 23),  # the night is an hour shorter
        ("Europe/Berlin", "2026-10-24", 25),
        ("America/New_York", "2026-03-07", 23),
        ("America/New_York", "2026-10-31", 25),
        ("Australia/Lord_Howe", "2026-04-04", 24.5),
        ("Australia/Lord_Howe", "2026-10-03", 23.5),
        ("UTC", "2026-03-28", 24),
    ],
)
def test_deadlines_go_through_changes_of_clocks(zone: str, night: str, hours_later: float) -> None:
    """Half an hour before the day ends an hour is left of which the other half is the next morning's."""
    daily = WorkingTime(zone, (((540, 1_020),),) * 7)
    assigned = Assigned(assigned_at=at(f"{night}T16:30", zone), stage="SQL")
    contact = due(assigned, "first_contact", working=daily)
    assert contact.due_at - at(f"{night}T09:30", zone) == hours_later * HOUR_US
    assert contact.by_wall - assigned.assigned_at == HOUR_US


def test_an_offered_lead_has_these_clocks() -> None:
    assert kinds(OFFERED) == ["warning", "acknowledge", "escalate", "reassign", "first_contact", "accept"]
    assert due(OFFERED, "warning").due_at == MONDAY_TEN + 3 * MINUTE_US


def test_whoever_acknowledges_still_owes_contact_and_acceptance() -> None:
    assert kinds(replace(OFFERED, acknowledged_at=MONDAY_TEN + 1)) == ["first_contact", "accept"]


def test_a_contact_or_an_acceptance_acknowledges() -> None:
    contacted = replace(OFFERED, contacts=(Contact(MONDAY_TEN + 7),))
    assert kinds(contacted) == ["accept", "reminder 1", "follow_up 1", "reminder 2", "follow_up 2", "end"]
    assert due(contacted, "acknowledge").met_at == MONDAY_TEN + 7
    assert kinds(replace(OFFERED, accepted_at=MONDAY_TEN + 9)) == ["first_contact"]


def test_each_further_contact_is_the_next_attempt() -> None:
    tried = replace(OFFERED, contacts=(Contact(MONDAY_TEN), Contact(MONDAY_TEN + HOUR_US)))
    assert kinds(tried) == ["accept", "reminder 2", "follow_up 2", "end"]
    assert due(tried, "follow_up", 1).met_at == MONDAY_TEN + HOUR_US


def test_whoever_is_reached_is_followed_up_no_more() -> None:
    reached = replace(OFFERED, contacts=(Contact(MONDAY_TEN), Contact(MONDAY_TEN + HOUR_US, reached=True)))
    assert kinds(reached) == ["accept"]
    at_once = replace(OFFERED, contacts=(Contact(MONDAY_TEN, reached=True),))
    assert kinds(at_once) == ["accept"]


def test_an_attempt_outside_of_hours_is_due_when_these_begin() -> None:
    friday = at("2026-11-27T15:00")
    contacted = replace(OFFERED, assigned_at=friday, contacts=(Contact(friday),))
    first = due(contacted, "follow_up", 1)
    assert (first.by_wall, first.due_at) == (at("2026-11-28T15:00"), at("2026-11-30T09:00"))
    assert due(contacted, "follow_up", 2).due_at == at("2026-11-30T15:00")
    assert due(contacted, "reminder", 2).due_at == at("2026-11-30T13:00")


def test_a_later_stage_has_its_own_schedule_from_when_it_began() -> None:
    contacted = replace(OFFERED, contacts=(Contact(MONDAY_TEN, reached=True),), accepted_at=MONDAY_TEN)
    moved = replace(contacted, stage_now="opportunity", stage_since=MONDAY_TEN + DAY_US)
    assert kinds(moved) == ["follow_up 1"]
    assert due(moved, "follow_up", 1).by_wall == MONDAY_TEN + 3 * DAY_US
    assert due(moved, "follow_up", 1).stage == "opportunity"
    assert kinds(replace(moved, stage_now="customer")) == []
    was_there = replace(moved, stage_since=MONDAY_TEN - DAY_US)
    assert due(was_there, "follow_up", 1).by_wall == MONDAY_TEN + 2 * DAY_US


@pytest.mark.parametrize("contacts", [(), (Contact(MONDAY_TEN),)])
def test_nothing_is_due_once_it_is_over(contacts: tuple[Contact, ...]) -> None:
    assert kinds(replace(OFFERED, contacts=contacts, ended_at=MONDAY_TEN + 5)) == []


@pytest.mark.parametrize(
    ("kind", "hops", "act", "to", "words"),
    [
        ("warning", 0, "tell", "rep", "Acknowledge this lead: 2 minutes are left."),
        ("acknowledge", 0, "tell", "rep", "not acknowledged within 5 minutes of working time"),
        ("escalate", 0, "tell", "manager", "Nobody has acknowledged this lead within 10 minutes"),
        ("reassign", 1, "reassign", "rep", "another rep gets this lead"),
        ("reassign", 2, "return", "manager", "after 2 changes of rep: it goes back to its queue"),
        ("first_contact", 0, "tell", "manager", "not contacted within 1 hour"),
        ("accept", 0, "tell", "manager", "neither accepted nor rejected this lead within 8 hours"),
    ],
)
def test_a_deadline_that_passes_asks_for_something(
    kind: str, hops: int, act: str, to: str, words: str
) -> None:
    assigned = replace(OFFERED, hops=hops)
    asked = asked_for(due(assigned, kind), assigned, CLOCKS)
    assert (asked.act, asked.to) == (act, to)
    assert words in asked.words


@pytest.mark.parametrize(
    ("kind", "step", "act", "words"),
    [
        ("reminder", 1, "tell", "Follow-up 1 of 2 in stage SQL is due soon."),
        ("follow_up", 2, "tell", "Follow-up 2 of 2 in stage SQL is due now."),
        ("end", 0, "end", "Nobody was reached within 7 days: the lead is recycled."),
    ],
)
def test_follow_ups_ask_for_something(kind: str, step: int, act: str, words: str) -> None:
    contacted = replace(OFFERED, contacts=(Contact(MONDAY_TEN),))
    asked = asked_for(due(contacted, kind, step), contacted, CLOCKS)
    assert (asked.act, asked.words) == (act, words)
    assert asked.stage == ("recycled" if act == "end" else None)


@pytest.mark.parametrize("kind", ["warning", "follow_up", "end"])
def test_what_was_armed_by_another_policy_is_still_told(kind: str) -> None:
    contacted = replace(OFFERED, contacts=(Contact(MONDAY_TEN),))
    armed = next(one for one in deadlines(contacted, CLOCKS, BERLIN) if one.kind == kind)
    assert asked_for(armed, contacted, ClockRules(sla={}, follow_up={})).words


def test_response_is_measured_both_ways() -> None:
    friday = at("2026-11-27T16:30")
    answered = replace(
        OFFERED,
        assigned_at=friday,
        acknowledged_at=friday + 60_000_000,
        contacts=(Contact(at("2026-11-30T09:45")),),
    )
    times = response_times(answered, BERLIN)
    assert times["acknowledge"] == Elapsed(MINUTE_US, MINUTE_US)
    assert times["first_contact"] == Elapsed(at("2026-11-30T09:45") - friday, 75 * MINUTE_US)
    assert times["accept"] is None


def test_a_deadline_is_kept_missed_running_or_over() -> None:
    deadline = due(OFFERED, "acknowledge")
    last = deadline.due_at
    assert status(deadline, OFFERED, last) == "running"
    assert status(deadline, OFFERED, last + 1) == "missed"
    assert status(replace(deadline, met_at=last), OFFERED, last + 9) == "kept"
    assert status(replace(deadline, met_at=last + 1), OFFERED, last + 9) == "missed"
    ended = replace(OFFERED, ended_at=last - 1)
    assert status(deadline, ended, last + 9) == "over"
    assert status(deadline, replace(OFFERED, ended_at=last + 1), last + 9) == "missed"


MOMENTS = st.integers(MONDAY_TEN, MONDAY_TEN + 30 * DAY_US)
HAPPENED = st.builds(
    Assigned,
    assigned_at=st.just(MONDAY_TEN),
    stage=st.sampled_from([None, "SQL", "MQL"]),
    temperature=st.sampled_from([None, "hot", "warm", "cold"]),
    hops=st.integers(0, 5),
    stage_now=st.sampled_from([None, "SQL", "opportunity", "customer"]),
    stage_since=st.none() | MOMENTS,
    acknowledged_at=st.none() | MOMENTS,
    accepted_at=st.none() | MOMENTS,
    contacts=st.lists(st.builds(Contact, MOMENTS, st.booleans()), max_size=5).map(
        lambda made: tuple(sorted(made, key=lambda one: one.at))
    ),
    ended_at=st.none() | MOMENTS,
)


@given(HAPPENED, st.sampled_from([BERLIN, REP_ALWAYS]))
def test_each_deadline_is_one(assigned: Assigned, working: WorkingTime) -> None:
    found = deadlines(assigned, DEFAULT_CLOCKS, working)
    assert len({(one.kind, one.stage, one.step) for one in found}) == len(found)
    assert found == deadlines(assigned, DEFAULT_CLOCKS, working)
    for one in found:
        assert one.by_working is not None
        assert one.by_working >= one.by_wall, "working time is never more than time"
        assert working is BERLIN or one.by_working == one.by_wall
        assert asked_for(one, assigned, DEFAULT_CLOCKS).words


@given(HAPPENED, MOMENTS)
def test_what_happens_opens_no_deadline_but_those_that_follow_it(assigned: Assigned, moment: int) -> None:
    before = {(one.kind, one.stage, one.step) for one in open_deadlines(assigned, DEFAULT_CLOCKS, BERLIN)}
    accepted = replace(assigned, accepted_at=moment, acknowledged_at=moment)
    after = {(one.kind, one.stage, one.step) for one in open_deadlines(accepted, DEFAULT_CLOCKS, BERLIN)}
    assert after <= before
    assert not open_deadlines(replace(assigned, ended_at=moment), DEFAULT_CLOCKS, BERLIN)
