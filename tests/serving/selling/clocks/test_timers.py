from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from decided_leads import decide, state_of
from fake_assigning import RULES, FakeAssigning, keep_open_leads, keep_rep

from decisions.clocks.policy import ClockRules, Sla
from decisions.policy import Policy
from features.durations import DAY_US
from serving.jobs.clocks import PUT_OFF_US, Clocks
from serving.selling.clocks.firing import Acts
from serving.selling.clocks.timer_acts import TimerActs
from serving.selling.clocks.timers import settle_timers, settle_timers_of_reps
from serving.selling.giving.handing_over import hand_over
from serving.selling.standing.sales_stages import set_stage
from serving.store.database import Store
from serving.store.schema import LEADS
from serving.store.schema_selling import (
    ASSIGNMENTS,
    LEAD_STATES,
    NOTICES,
    REP_CONTACTS,
    REP_TIME_OFF,
    REPS,
    TIMERS,
)

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
NOW = 1_790_000_000_000_000
ASSIGNING = FakeAssigning(RULES)


@pytest.fixture
def clocks(store: Store) -> Clocks:
    keep_open_leads(store, 3)
    keep_rep(store, "ann", manager="max")
    return Clocks(store, lambda: RULES, ASSIGNING.acts)


def assign(store: Store, lead: int = 1, now: int = NOW, **values: Any) -> None:
    store.write(lambda connection: ASSIGNING.assign(connection, f"a{lead}", lead, now, **values))


def change(store: Store, values: dict[str, Any], now: int, assignment: str = "a1") -> None:
    def changed(connection: sa.Connection) -> None:
        if values:
            connection.execute(sa.update(ASSIGNMENTS).where(ASSIGNMENTS.c.id == assignment).values(values))
        settle_timers(connection, [assignment], RULES, now)

    store.write(changed)


def contact(store: Store, at: int, outcome: str = "no_answer", assignment: str = "a1") -> None:
    row = {
        "id": f"{assignment}{at}"[-32:],
        "lead": 1,
        "assignment": assignment,
        "rep": "ann",
        "at": at,
        "known_at": at,
        "channel": "phone",
        "outcome": outcome,
    }

    def kept(connection: sa.Connection) -> None:
        connection.execute(REP_CONTACTS.insert().values(row))
        settle_timers(connection, [assignment], RULES, at)

    store.write(kept)


def timers(store: Store, assignment: str = "a1") -> dict[str, sa.Row[Any]]:
    with store.reading() as connection:
        rows = connection.execute(TIMERS.select().where(TIMERS.c.assignment == assignment))
        return {f"{row.kind} {row.step}" if row.step else row.kind: row for row in rows}


def pending(store: Store, assignment: str = "a1") -> set[str]:
    rows = timers(store, assignment).items()
    return {name for name, row in rows if row.fired_at is None and row.cancelled_at is None}


def notices(store: Store) -> list[tuple[str, str | None, str]]:
    with store.reading() as connection:
        rows = connection.execute(NOTICES.select().order_by(NOTICES.c.number)).all()
    return [(row.kind, row.to, row.text) for row in rows]


def work_off(clocks: Clocks, now: int) -> None:
    while clocks.step(now):
        pass


def test_an_assignment_comes_with_its_timers(store: Store, clocks: Clocks) -> None:
    assign(store)
    found = timers(store)
    assert found.keys() == {"warning", "acknowledge", "escalate", "reassign", "first_contact", "accept"}
    acknowledge = found["acknowledge"]
    assert acknowledge.due_at == acknowledge.due_by_wall == acknowledge.due_by_working == NOW + 5 * MINUTE_US
    work_off(clocks, NOW)
    assert notices(store) == []


def test_settling_again_changes_nothing(store: Store, clocks: Clocks) -> None:
    assign(store)
    before = timers(store)
    change(store, {}, NOW + MINUTE_US)
    work_off(clocks, NOW + MINUTE_US)
    assert timers(store) == before


def test_each_timer_fires_once_when_it_is_due(store: Store, clocks: Clocks) -> None:
    assign(store)
    for minute, expected in ((2, 0), (3, 1), (4, 1), (5, 2), (9, 2), (10, 3), (19, 3)):
        for _ in range(2):
            work_off(clocks, NOW + minute * MINUTE_US)
        assert len(notices(store)) == expected, minute
    assert [(kind, to) for kind, to, _ in notices(store)] == [
        ("reminder", "ann"),
        ("reminder", "ann"),
        ("escalation", "max"),
    ]


def test_a_lead_goes_on_as_often_as_the_policy_says_and_then_back(store: Store, clocks: Clocks) -> None:
    assign(store)
    for minute in range(1, 90):
        work_off(clocks, NOW + minute * MINUTE_US)
    with store.reading() as connection:
        rows = connection.execute(ASSIGNMENTS.select().order_by(ASSIGNMENTS.c.assigned_at)).all()
    assert [(row.rep, row.state, row.hops) for row in rows] == [
        ("ann", "reassigned", 0),
        ("bob", "reassigned", 1),
        ("cem", "returned", 2),
        (None, "waiting", 2),
    ]
    assert [(row.assigned_at - NOW) // MINUTE_US for row in rows] == [0, 20, 40, 60]
    assert [kind for kind, _, _ in notices(store)].count("reassigned") == 2
    assert pending(store) | pending(store, "a1+") | pending(store, "a1++") == set()
    assert timers(store, "a1++-") == {}, "nobody has it"


def test_a_worker_that_was_away_fires_all_that_fell_due_in_order(store: Store, clocks: Clocks) -> None:
    assign(store)
    work_off(clocks, NOW + 21 * MINUTE_US)
    assert [kind for kind, _, _ in notices(store)] == ["reminder", "escalation", "reassigned"]
    warning = timers(store)["warning"]
    assert (warning.fired_at, warning.cancelled_at) == (None, NOW + 21 * MINUTE_US), "no minutes are left"
    assert timers(store)["first_contact"].cancelled_at == NOW + 21 * MINUTE_US


def test_whoever_acknowledges_is_reminded_no_more(store: Store, clocks: Clocks) -> None:
    assign(store)
    change(store, {"acknowledged_at": NOW + MINUTE_US}, NOW + 2 * MINUTE_US)
    assert pending(store) == {"first_contact", "accept"}
    acknowledge = timers(store)["acknowledge"]
    assert (acknowledge.met_at, acknowledge.cancelled_at) == (NOW + MINUTE_US, NOW + 2 * MINUTE_US)
    work_off(clocks, NOW + 30 * MINUTE_US)
    assert notices(store) == []


def test_what_is_done_late_is_noted_with_the_timer_that_fired(store: Store, clocks: Clocks) -> None:
    assign(store)
    work_off(clocks, NOW + 6 * MINUTE_US)
    change(store, {"acknowledged_at": NOW + 7 * MINUTE_US}, NOW + 7 * MINUTE_US)
    acknowledge = timers(store)["acknowledge"]
    assert (acknowledge.fired_at, acknowledge.cancelled_at) == (NOW + 6 * MINUTE_US, None)
    assert acknowledge.met_at == NOW + 7 * MINUTE_US


def test_the_first_contact_begins_the_follow_up(store: Store, clocks: Clocks) -> None:
    assign(store)
    contact(store, NOW + MINUTE_US)
    assert pending(store) == {"accept", "follow_up 1", "follow_up 2", "end"}
    change(store, {"accepted_at": NOW + MINUTE_US}, NOW + MINUTE_US)
    contact(store, NOW + HOUR_US)
    assert pending(store) == {"follow_up 2", "end"}
    work_off(clocks, NOW + 3 * DAY_US + MINUTE_US)
    assert [text for _, _, text in notices(store)] == ["Follow-up 2 of 2 in stage SQL is due now."]


def test_an_end_takes_the_lead_out_of_its_stage(store: Store, clocks: Clocks) -> None:
    state = {
        "lead": 1, "decision_id": "d", "decided_at": NOW, "policy_sha256": "", "action": "route",
        "stage": "SQL", "stage_since": NOW, "temperature": "hot", "rule": "", "segments": {},
        "attributes": {},
    }  # fmt: skip
    store.write(lambda connection: connection.execute(LEAD_STATES.insert().values(state)) and None)
    assign(store)
    contact(store, NOW)
    change(store, {"accepted_at": NOW}, NOW)
    work_off(clocks, NOW + 7 * DAY_US)
    assert notices(store)[-1][::2] == ("ended", "Nobody was reached within 7 days: the lead is recycled.")
    with store.reading() as connection:
        assert connection.execute(sa.select(LEAD_STATES.c.stage)).scalar_one() == "recycled"
    assert pending(store) == set()


def test_whoever_is_reached_is_followed_up_no_more(store: Store, clocks: Clocks) -> None:
    assign(store)
    contact(store, NOW, outcome="reached")
    assert pending(store) == {"accept"}
    assert timers(store)["follow_up 1"].met_at == NOW


@pytest.mark.parametrize(
    "values", [{"standing": "won"}, {"standing": "lost"}, {"deleted_at": NOW}, {"merged_into": 2}]
)
def test_a_lead_that_is_open_no_more_has_no_timers(
    store: Store, clocks: Clocks, values: dict[str, Any]
) -> None:
    assign(store)
    of_lead = sa.update(LEADS).where(LEADS.c.number == 1)
    store.write(lambda connection: connection.execute(of_lead.values(values)) and None)
    work_off(clocks, NOW + HOUR_US)
    assert notices(store) == []
    assert pending(store) == set()


def test_a_lead_that_is_open_again_has_its_timers_again(store: Store, clocks: Clocks) -> None:
    assign(store)
    of_lead = sa.update(LEADS).where(LEADS.c.number == 1)
    for standing, expected in (("lost", 0), ("open", 6)):
        store.write(lambda connection, to=standing: connection.execute(of_lead.values(standing=to)) and None)
        change(store, {}, NOW)
        assert len(pending(store)) == expected


def test_time_off_moves_timers(store: Store, clocks: Clocks) -> None:
    assign(store)
    away = {"id": "o", "rep": "ann", "from_at": NOW + MINUTE_US, "until_at": NOW + HOUR_US}

    def gone(connection: sa.Connection) -> None:
        connection.execute(REP_TIME_OFF.insert().values(away))
        settle_timers_of_reps(connection, ["ann"], RULES, NOW)

    store.write(gone)
    acknowledge = timers(store)["acknowledge"]
    assert acknowledge.due_by_wall == NOW + 5 * MINUTE_US
    assert acknowledge.due_at == acknowledge.due_by_working == NOW + HOUR_US + 4 * MINUTE_US
    work_off(clocks, NOW + 30 * MINUTE_US)
    assert notices(store) == []


def test_a_new_policy_holds_for_leads_that_reps_have_already(store: Store, clocks: Clocks) -> None:
    for lead in (1, 2, 3):
        assign(store, lead)
    work_off(clocks, NOW)
    slower = ClockRules(sla={"all": Sla(acknowledge="1 day")}, follow_up={})
    clocks.rules = lambda: slower
    work_off(clocks, NOW + HOUR_US)
    for lead in (1, 2, 3):
        assert pending(store, f"a{lead}") == {"acknowledge"}
        assert timers(store, f"a{lead}")["acknowledge"].due_at == NOW + DAY_US
    assert notices(store) == []


def test_a_timer_that_nobody_armed_is_armed_when_a_worker_starts(store: Store, clocks: Clocks) -> None:
    assign(store)
    store.write(lambda connection: connection.execute(TIMERS.delete()) and None)
    work_off(Clocks(store, lambda: RULES, ASSIGNING.acts), NOW + 3 * MINUTE_US)
    assert timers(store)["warning"].fired_at == NOW + 3 * MINUTE_US


def test_a_lead_whose_timers_cannot_be_fired_keeps_no_other_waiting(
    store: Store, clocks: Clocks, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("L-1 has no heir")

    assign(store, 1, NOW - MINUTE_US)
    assign(store, 2)
    acts = ASSIGNING.acts
    clocks.acts = Acts(
        reassign=lambda connection, assignment_id, now, why: (
            fails() if assignment_id == "a1" else acts.reassign(connection, assignment_id, now, why)
        ),
        give_back=acts.give_back,
        end_stage=acts.end_stage,
    )
    work_off(clocks, NOW + 20 * MINUTE_US)
    assert timers(store, "a2")["reassign"].fired_at is not None
    assert pending(store) == {"warning", "acknowledge", "escalate", "reassign", "first_contact", "accept"}
    assert "RuntimeError at" in caplog.text
    assert "heir" not in caplog.text
    clocks.acts = acts
    work_off(clocks, NOW + 20 * MINUTE_US + PUT_OFF_US)
    assert timers(store)["reassign"].fired_at == NOW + 20 * MINUTE_US + PUT_OFF_US


def at(text: str, zone: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("zone", "evening", "morning"),
    [
        ("Europe/Berlin", "2026-03-27T16:58", "2026-03-30T09:03"),  # over the night of 2026-03-29
        ("Europe/Berlin", "2026-10-23T16:58", "2026-10-26T09:03"),  # over that of 2026-10-25
        ("America/New_York", "2026-03-06T16:58", "2026-03-09T09:03"),
        ("America/New_York", "2026-10-30T16:58", "2026-11-02T09:03"),
        ("Australia/Lord_Howe", "2026-04-03T16:58", "2026-04-06T09:03"),
        ("Australia/Lord_Howe", "2026-10-02T16:58", "2026-10-05T09:03"),
    ],
)
def test_a_clock_that_moves_over_a_change_of_clocks_fires_at_the_local_minute(
    store: Store, clocks: Clocks, zone: str, evening: str, morning: str
) -> None:
    hours = {"zone": zone, "hours": {"mon-fri": "09:00-17:00"}}
    content = sa.update(REPS).where(REPS.c.id == "ann").values(content=hours)
    store.write(lambda connection: connection.execute(content) and None)
    start, due = at(evening, zone), at(morning, zone)
    assign(store, now=start)
    for now in range(start, due, 30 * MINUTE_US):
        work_off(clocks, now)
    work_off(clocks, due - 1)
    [(_, _, warning)] = notices(store)
    assert warning.startswith("Acknowledge this lead"), "at 9:01, with two minutes left"
    work_off(clocks, due)
    assert timers(store)["acknowledge"].fired_at == due
    assert timers(store)["acknowledge"].due_by_wall == start + 5 * MINUTE_US


def test_a_lead_that_the_clocks_took_out_of_its_stage_stays_out_whatever_its_score(store: Store) -> None:
    keep_open_leads(store, 1)
    keep_rep(store, "ann", queues={"sales": 1})
    policy = Policy(clocks=RULES)
    job = Clocks(store, lambda: RULES, TimerActs(lambda: policy).acts)
    kept = decide(store, [1], NOW, policy=policy, score=90, acts=2)
    store.write(lambda connection: hand_over(connection, kept, policy, NOW))
    with store.reading() as connection:
        [assignment] = connection.execute(sa.select(ASSIGNMENTS.c.id)).scalars()
    contact(store, NOW, assignment=assignment)
    work_off(job, NOW + 7 * DAY_US)
    for later in range(2):
        decide(store, [1], NOW + 8 * DAY_US + later, policy=policy, score=90)
        assert (state_of(store, 1).stage, state_of(store, 1).action) == ("recycled", "nurture")


def test_a_stage_that_a_decision_moves_begins_its_follow_up(store: Store) -> None:
    keep_open_leads(store, 1)
    keep_rep(store, "ann", queues={"sales": 1})
    policy = Policy(clocks=ClockRules(sla={}, follow_up={"opportunity": RULES.follow_up["SQL"]}))

    def said(connection: sa.Connection) -> None:
        at = NOW + HOUR_US
        set_stage(connection, 1, "opportunity", "proposal", at, at=at, author="ann", because="it is")

    for now in (NOW, NOW + HOUR_US):
        store.write(lambda connection, then=now: None if then == NOW else said(connection))
        kept = decide(store, [1], now, policy=policy, score=90, acts=2)
        store.write(lambda connection, by=kept, then=now: hand_over(connection, by, policy, then) and None)
    with store.reading() as connection:
        [assignment] = connection.execute(sa.select(ASSIGNMENTS.c.id)).scalars()
    assert pending(store, assignment) == {"follow_up 1", "follow_up 2", "end"}


def test_a_lead_whose_win_is_reversed_at_once_has_its_timers_again(store: Store) -> None:
    keep_open_leads(store, 1)
    keep_rep(store, "ann", queues={"sales": 1})
    policy = Policy(clocks=RULES)
    job = Clocks(store, lambda: RULES, TimerActs(lambda: policy).acts)
    of_lead = sa.update(LEADS).where(LEADS.c.number == 1)

    def decide_again(now: int) -> None:
        kept = decide(store, [1], now, policy=policy, score=90, acts=2)
        store.write(lambda connection: hand_over(connection, kept, policy, now) and None)

    decide_again(NOW)
    with store.reading() as connection:
        [assignment] = connection.execute(sa.select(ASSIGNMENTS.c.id)).scalars()
    armed = pending(store, assignment)
    for standing, expected in (("won", set()), ("open", armed - {"warning"})):
        store.write(lambda connection, to=standing: connection.execute(of_lead.values(standing=to)) and None)
        work_off(job, NOW + 3 * MINUTE_US)
        if standing == "open":
            decide_again(NOW + 4 * MINUTE_US)
            work_off(job, NOW + 4 * MINUTE_US)
        assert pending(store, assignment) == expected
    assert [kind for kind, _, _ in notices(store)] == ["reminder"]


def test_what_was_announced_too_late_is_not_announced_after_all(store: Store, clocks: Clocks) -> None:
    assign(store)
    work_off(clocks, NOW + 6 * MINUTE_US)
    told = notices(store)
    change(store, {}, NOW + 7 * MINUTE_US)
    work_off(clocks, NOW + 7 * MINUTE_US)
    assert notices(store) == told
