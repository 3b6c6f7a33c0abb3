from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from sold_leads import (
    NOW,
    assignments_of,
    keep_leads_for_sales,
    keep_reps,
    owner_of,
    policy,
    share_an_address,
    write,
)

from decisions.routing.policy import QueueRules, Routing
from serving.history.merging import merge_leads
from serving.selling.clocks.answering import NotTheirsError
from serving.selling.clocks.timer_acts import TimerActs
from serving.selling.giving.assigning import (
    NoRoomError,
    NoSuchRepError,
    NotForSalesError,
    assign,
    assign_by_hand,
    give_back,
    reassign,
    withdraw,
)
from serving.selling.giving.assignments import NotOpenError
from serving.selling.giving.claiming import NotAMemberError, TakenError, accept, claim, reject, release
from serving.selling.giving.kept_turns import turns_kept
from serving.selling.giving.reps import add_time_off, reps_kept, set_status
from serving.selling.said.feedback import UnknownReasonError
from serving.store.database import Store
from serving.store.schema import ALIASES, LEADS
from serving.store.schema_selling import ASSIGNMENTS, FEEDBACK, LEAD_STATES, NOTICES, STAGES_PASSED, TIMERS

DAY_US = 86_400_000_000
POLICY = policy()
CLAIMED = policy(claim=True)


def pending_timers(store: Store) -> set[str]:
    with store.reading() as connection:
        pending = TIMERS.c.fired_at.is_(None) & TIMERS.c.cancelled_at.is_(None)
        return set(connection.execute(sa.select(TIMERS.c.assignment).where(pending)).scalars())


def close(store: Store, number: int, standing: str = "lost") -> None:
    write(
        store,
        lambda connection: (
            connection.execute(sa.update(LEADS).where(LEADS.c.number == number).values(standing=standing))
            and None
        ),
    )


def test_leads_go_to_reps_by_turns_once_and_each_has_its_timers(store: Store) -> None:
    keep_reps(store, ana={"queues": {"sales": 2}}, ben={})
    leads = keep_leads_for_sales(store, 6)
    made = [write(store, assign, lead, POLICY, NOW) for lead in leads]
    assert Counter(one.rep for one in made) == {"ana": 4, "ben": 2}
    again = [write(store, assign, lead, POLICY, NOW + 1) for lead in leads]
    assert [(one.id, one.is_new) for one in again] == [(one.id, False) for one in made]
    assert [owner_of(store, lead) for lead in leads] == [one.rep for one in made]
    assert pending_timers(store) == {one.id for one in made}
    with store.reading() as connection:
        turns = turns_kept(connection)
        [trace] = connection.execute(
            sa.select(ASSIGNMENTS.c.trace).where(ASSIGNMENTS.c.id == made[0].id)
        ).scalars()
    [pool] = turns.queues["sales"].pools.values()
    assert (pool.given, pool.leads) == ({"ana": 4, "ben": 2}, 6)
    assert any("It is the turn of" in step["words"] for step in trace)


def test_what_is_not_for_sales_or_not_open_is_given_to_nobody(store: Store) -> None:
    keep_reps(store, ana={})
    keep_leads_for_sales(store, 1, action="nurture")
    keep_leads_for_sales(store, 1, first=2)
    with pytest.raises(NotForSalesError, match="not decided"):
        write(store, assign, 1, POLICY, NOW)
    close(store, 2)
    for number in (2, 99):
        with pytest.raises(NotOpenError, match="not open"):
            write(store, assign, number, POLICY, NOW)


def test_capacity_a_day_counts_in_the_reps_own_day(store: Store) -> None:
    """In Auckland it is Tuesday already: what was given on Monday there counts no more."""
    keep_reps(
        store,
        ana={"capacity_a_day": 1, "zone": "Pacific/Auckland"},
        ben={"capacity_a_day": 1, "zone": "America/New_York"},
    )
    hour = DAY_US // 24
    leads = keep_leads_for_sales(store, 4)
    before = NOW - 3 * hour  # 23:13 in Auckland, 07:13 in New York
    assert {write(store, assign, lead, POLICY, before).rep for lead in leads[:2]} == {"ana", "ben"}
    assert write(store, assign, leads[2], POLICY, NOW).rep == "ana"
    assert write(store, assign, leads[3], POLICY, NOW).rep is None


def test_a_lead_that_nobody_can_take_waits_and_is_answered_by_the_marketing_tool_once(store: Store) -> None:
    keep_reps(store, ana={"capacity_open": 1})
    first, second = keep_leads_for_sales(store, 2)
    write(store, assign, first, POLICY, NOW)
    waiting = write(store, assign, second, POLICY, NOW)
    assert (waiting.rep, waiting.state, waiting.queue) == (None, "waiting", "sales")
    assert write(store, assign, second, POLICY, NOW + 1).id == waiting.id
    with store.reading() as connection:
        [notice] = connection.execute(NOTICES.select()).all()
    assert (notice.kind, notice.to, notice.lead) == ("acknowledgement", None, second)
    assert write(store, withdraw, first, POLICY, NOW + 2, "It is over.")
    assert not write(store, withdraw, first, POLICY, NOW + 2, "It is over.")
    assert write(store, assign, second, POLICY, NOW + 3).rep == "ana"
    assert assignments_of(store, second) == [(None, "taken"), ("ana", "offered")]
    done = sa.update(NOTICES).values(done_at=NOW)
    for again in (1, 2):  # what is asked stands until it is done, then it is asked anew
        live = write(store, assign, second, POLICY, NOW + 3 + again)
        waits = write(store, reassign, live.id, POLICY, NOW + 3 + again, "Nobody answered.")
        assert waits is not None
        assert waits.rep is None
        with store.reading() as connection:
            assert len(connection.execute(NOTICES.select()).all()) == again
        write(store, lambda connection: connection.execute(done) and None)
        write(store, assign_by_hand, second, "ana", POLICY, NOW + 4 + again, by="max", reason="x")


def test_time_off_and_status_keep_leads_away(store: Store) -> None:
    keep_reps(store, ana={}, ben={})
    leads = keep_leads_for_sales(store, 6)
    off = write(store, add_time_off, "ana", NOW - 1, NOW + DAY_US, None)
    assert write(store, add_time_off, "ana", NOW - 1, NOW + DAY_US, None) == off
    assert write(store, add_time_off, "nobody", NOW - 1, NOW + DAY_US, None) is None
    assert {write(store, assign, lead, POLICY, NOW).rep for lead in leads[:2]} == {"ben"}
    back = NOW + DAY_US
    assert {write(store, assign, lead, POLICY, back).rep for lead in leads[2:4]} == {"ana", "ben"}
    assert write(store, set_status, "ben", "away", NOW)
    assert write(store, assign, leads[4], POLICY, back).rep == "ana"
    with store.reading() as connection:
        assert [one.status for one in reps_kept(connection)] == ["active", "away"]


def test_duplicates_go_to_the_same_owner_and_so_does_a_company(store: Store) -> None:
    keep_reps(store, ana={}, ben={}, cy={})
    keep_leads_for_sales(store, 2)
    of_company = keep_leads_for_sales(store, 4, first=3, attributes={"email_domain": "acme.example"})
    free = keep_leads_for_sales(store, 6, first=10, attributes={"email_domain": "gmail.com"})
    share_an_address(store, 1, 2)
    owners = [write(store, assign, lead, POLICY, NOW).rep for lead in (1, 2)]
    assert owners[0] == owners[1]
    assert len({write(store, assign, lead, POLICY, NOW).rep for lead in of_company}) == 1
    assert len({write(store, assign, lead, POLICY, NOW).rep for lead in free}) == 3


def test_whom_the_crm_names_gets_the_lead(store: Store) -> None:
    keep_reps(store, **{name: {} for name in ("Ana", "ben", "cy", "dora")})
    leads = keep_leads_for_sales(store, 3, attributes={"crm_owner": "ana"})
    assert {write(store, assign, lead, POLICY, NOW).rep for lead in leads} == {"Ana"}


def test_a_lead_that_opens_again_goes_to_who_had_it(store: Store) -> None:
    keep_reps(store, ana={}, ben={}, cy={}, dora={})
    [lead] = keep_leads_for_sales(store, 1)
    first = write(store, assign, lead, POLICY, NOW).rep
    write(store, withdraw, lead, POLICY, NOW + 1, "Lost.")
    assert owner_of(store, lead) is None
    assert write(store, assign, lead, POLICY, NOW + 2).rep == first


def test_who_did_not_answer_loses_the_lead_to_others_until_there_is_nobody(store: Store) -> None:
    keep_reps(store, ana={}, ben={})
    [lead] = keep_leads_for_sales(store, 1)
    first = write(store, assign, lead, POLICY, NOW)
    second = write(store, reassign, first.id, POLICY, NOW + 1, "Nobody acknowledged it.")
    assert second is not None
    assert {first.rep, second.rep} == {"ana", "ben"}
    assert write(store, reassign, first.id, POLICY, NOW + 2, "again") is None  # it is over already
    third = write(store, reassign, second.id, POLICY, NOW + 3, "Nobody acknowledged it.")
    assert third is not None
    assert third.rep is None
    assert assignments_of(store, lead) == [
        (first.rep, "reassigned"),
        (second.rep, "reassigned"),
        (None, "waiting"),
    ]
    assert pending_timers(store) == set()
    with store.reading() as connection:
        hops = connection.execute(sa.select(ASSIGNMENTS.c.hops).order_by(ASSIGNMENTS.c.assigned_at)).scalars()
        assert list(hops) == [0, 1, 2]


def test_a_lead_that_is_given_back_waits_in_its_queue(store: Store) -> None:
    keep_reps(store, ana={})
    [lead] = keep_leads_for_sales(store, 1)
    first = write(store, assign, lead, POLICY, NOW)
    waiting = write(store, give_back, first.id, POLICY, NOW + 1, "Too many hops.")
    assert waiting is not None
    assert assignments_of(store, lead) == [("ana", "returned"), (None, "waiting")]
    assert write(store, assign, lead, POLICY, NOW + 2).rep is None  # Ana had it


def test_a_timer_may_end_the_stage(store: Store) -> None:
    keep_reps(store, ana={})
    [lead] = keep_leads_for_sales(store, 1)
    first = write(store, assign, lead, POLICY, NOW)
    acts = TimerActs(lambda: POLICY).acts
    for now in (NOW + 1, NOW + 2):
        write(store, acts.end_stage, first.id, now, "Nobody answered.", stage="recycled")
    assert assignments_of(store, lead) == [("ana", "closed")]
    with store.reading() as connection:
        state = connection.execute(LEAD_STATES.select()).one()
        [passed] = connection.execute(STAGES_PASSED.select()).all()
    assert (state.stage, state.stage_since, state.action, state.owner) == (
        "recycled",
        NOW + 1,
        "nurture",
        None,
    )
    assert (passed.stage, passed.because) == ("recycled", "Nobody answered.")


def test_managers_assign_by_hand_with_a_reason_and_not_beyond_capacity_unless_they_say_so(
    store: Store,
) -> None:
    keep_reps(store, ana={"queues": {}, "capacity_open": 1}, ben={}, gone={"status": "left"})
    leads = keep_leads_for_sales(store, 2)
    [nurtured] = keep_leads_for_sales(store, 1, first=3, action="nurture", queue=None)
    write(store, assign, leads[0], POLICY, NOW)

    def by_hand(lead: int, rep: str, **said: Any) -> Any:
        return write(store, assign_by_hand, lead, rep, POLICY, NOW + 1, by="max", reason="knows them", **said)

    assert by_hand(leads[0], "ana").is_new
    assert not by_hand(leads[0], "ana").is_new
    assert assignments_of(store, leads[0]) == [("ben", "reassigned"), ("ana", "offered")]
    with pytest.raises(NoRoomError, match="Ana has 1 open leads, of 1"):
        by_hand(nurtured, "ana")
    assert by_hand(nurtured, "ana", over_capacity=True).queue == "sales"
    for rep in ("gone", "nobody"):
        with pytest.raises(NoSuchRepError, match="not known, or has left"):
            by_hand(leads[1], rep)
    with store.reading() as connection:
        query = sa.select(ASSIGNMENTS.c.by, ASSIGNMENTS.c.reason).where(ASSIGNMENTS.c.rep == "ana")
        assert set(connection.execute(query).all()) == {("max", "knows them")}


def test_of_two_claims_one_leaves_an_owner(store: Store) -> None:
    keep_reps(store, ana={}, ben={}, cy={"queues": {"other": 1}}, gone={"status": "left"})
    [lead] = keep_leads_for_sales(store, 1)
    assert write(store, assign, lead, CLAIMED, NOW).state == "waiting"
    for rep, error in (("cy", NotAMemberError), ("gone", NoSuchRepError), ("nobody", NoSuchRepError)):
        with pytest.raises(error, match="rep"):
            write(store, claim, lead, rep, CLAIMED, NOW)
    assert write(store, claim, lead, "ben", CLAIMED, NOW + 1).state == "accepted"
    assert not write(store, claim, lead, "ben", CLAIMED, NOW + 2).is_new
    with pytest.raises(TakenError, match="waits in no queue"):
        write(store, claim, lead, "ana", CLAIMED, NOW + 2)
    assert assignments_of(store, lead) == [(None, "taken"), ("ben", "accepted")]


def test_nobody_claims_more_than_there_is_room_for(store: Store) -> None:
    keep_reps(store, ana={"capacity_open": 1})
    leads = keep_leads_for_sales(store, 2)
    for lead in leads:
        write(store, assign, lead, CLAIMED, NOW)
    write(store, claim, leads[0], "ana", CLAIMED, NOW)
    with pytest.raises(NoRoomError, match="Ana has 1 open"):
        write(store, claim, leads[1], "ana", CLAIMED, NOW)


def test_reps_accept_reject_and_put_back_what_is_theirs(store: Store) -> None:
    keep_reps(store, ana={}, ben={})
    [lead] = keep_leads_for_sales(store, 1)
    first = write(store, assign, lead, POLICY, NOW)
    rep, other = first.rep, {"ana": "ben", "ben": "ana"}[first.rep or ""]
    for act in (accept, lambda *given: reject(*given[:3], "no_need", *given[3:])):
        with pytest.raises(NotTheirsError, match="another rep"):
            write(store, act, lead, other, POLICY, NOW)
    assert write(store, accept, lead, rep, POLICY, NOW + 5).is_new
    assert not write(store, accept, lead, rep, POLICY, NOW + 9).is_new
    with store.reading() as connection:
        row = connection.execute(ASSIGNMENTS.select()).one()
    assert (row.state, row.accepted_at, row.acknowledged_at) == ("accepted", NOW + 5, NOW + 5)
    write(store, release, lead, rep, "Speaks Finnish only.", POLICY, NOW + 10)
    assert write(store, assign, lead, POLICY, NOW + 11).rep == other
    with pytest.raises(UnknownReasonError, match="expected one of"):
        write(store, reject, lead, other, "no reason", POLICY, NOW + 12)
    assert write(store, reject, lead, other, "no_need", POLICY, NOW + 12).is_new
    assert not write(store, reject, lead, other, "no_need", POLICY, NOW + 13).is_new
    assert assignments_of(store, lead) == [
        (rep, "released"),
        (None, "taken"),
        (other, "rejected"),
    ]
    assert owner_of(store, lead) is None
    with store.reading() as connection:
        said = connection.execute(sa.select(FEEDBACK.c.kind, FEEDBACK.c.author).order_by(FEEDBACK.c.at)).all()
    assert said == [("accepted", rep), ("rejected", other)]


def test_a_lead_that_others_are_merged_into_has_one_owner(store: Store) -> None:
    keep_reps(store, ana={}, ben={}, cy={})
    leads = keep_leads_for_sales(store, 4)
    rows = [{"lead_id": f"L-{n}", "lead": n} for n in leads]
    write(store, lambda connection: connection.execute(ALIASES.insert(), rows) and None)
    made = [write(store, assign, lead, POLICY, NOW + lead) for lead in leads[1:]]
    write(store, merge_leads, "L-1", ["L-2", "L-3"], NOW + 9)
    assert assignments_of(store, 1) == [(made[0].rep, "offered"), (made[1].rep, "closed")]
    assert owner_of(store, 1) == made[0].rep
    write(store, merge_leads, "L-4", ["L-1"], NOW + 10)
    assert owner_of(store, 4) == made[2].rep
    assert Counter(state for _, state in assignments_of(store, 4)) == {"closed": 2, "offered": 1}
    assert pending_timers(store) == {made[2].id}


def test_a_queue_may_choose_by_what_reps_have_closed(store: Store) -> None:
    best = policy(Routing(queues={"sales": QueueRules(choose="best_fit")}))
    keep_reps(store, ana={}, ben={})
    segments = {"industry": "retail"}
    leads = keep_leads_for_sales(store, 12, segments=segments)
    for number in leads[:10]:
        rep, standing = ("ana", "won") if number % 2 else ("ben", "lost")
        write(store, assign_by_hand, number, rep, best, NOW, by="max", reason="x")
        close(store, number, standing)
    [new] = keep_leads_for_sales(store, 1, first=50, segments=segments)
    assert write(store, assign, new, best, NOW).rep == "ana"
