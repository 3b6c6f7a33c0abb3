import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_company import a_mapping, tables
from threads import in_threads

from features.history import History
from features.snapshots import Lives
from serving.history.events import EventSent, keep_events
from serving.history.identity import find_lead, numbers_of
from serving.history.leads import LeadSent, keep_leads
from serving.history.outcomes import Outcome, OutcomeSent, OutcomeState, keep_outcomes
from serving.history.standing import settle_standing
from serving.store.database import Store
from serving.store.schema import EVENTS, LEADS, OUTCOMES, STALE_LEADS

NOW = 1_000
WON = OutcomeSent("L-1", "won", 500, "o-1", 99.5)


def keep(store: Store, *outcomes: OutcomeSent, now: int = NOW) -> list[OutcomeState]:
    return store.write(lambda connection: keep_outcomes(connection, outcomes, now))


def rows_of(store: Store, *names: str) -> list[tuple[Any, ...]]:
    with store.reading() as connection:
        query = sa.select(*(OUTCOMES.c[name] for name in names)).order_by(OUTCOMES.c.number)
        return [tuple(row) for row in connection.execute(query)]


def standings(store: Store, *lead_ids: str) -> list[str]:
    with store.reading() as connection:
        numbers = numbers_of(connection, lead_ids)
        rows = connection.execute(sa.select(LEADS).where(LEADS.c.number.in_(numbers.values())))
        held = {row.number: row.standing for row in rows}
        return [held[numbers[lead_id]] for lead_id in lead_ids]


def marks(store: Store) -> list[int]:
    with store.reading() as connection:
        query = sa.select(STALE_LEADS.c.mark).order_by(STALE_LEADS.c.lead)
        return list(connection.execute(query).scalars())


def test_an_outcome_is_kept_known_on_arrival_and_says_how_the_lead_stands(store: Store) -> None:
    assert keep(store, WON) == ["kept"]
    names = ("outcome_id", "outcome", "occurred_at", "known_at", "value", "ended_at")
    assert rows_of(store, *names) == [("o-1", "won", 500, NOW, 99.5, None)]
    assert standings(store, "L-1") == ["won"]
    assert marks(store) == [1]
    with store.reading() as connection:
        assert find_lead(connection, "L-1") is None


@pytest.mark.parametrize("outcome_id", ["o-1", None])
def test_the_same_again_is_repeated(store: Store, outcome_id: str | None) -> None:
    one = replace(WON, outcome_id=outcome_id)
    assert keep(store, one, one) == ["kept", "repeated"]
    assert keep(store, one, now=NOW + 1) == ["repeated"]
    assert rows_of(store, "known_at") == [(NOW,)]
    assert marks(store) == [1]


@pytest.mark.parametrize(
    "change",
    [{"outcome": "lost"}, {"occurred_at": 501}, {"value": 1.0, "lead_id": "L-2"}, {"lead_id": "L-2"}],
)
def test_the_same_id_with_other_content_corrects(store: Store, change: dict[str, Any]) -> None:
    other = replace(WON, **change)
    keep(store, WON)
    assert keep(store, other, now=NOW + 5) == ["corrected"]
    assert rows_of(store, "known_at", "ended_at") == [(NOW, NOW + 5), (NOW + 5, None)]
    assert rows_of(store, "outcome", "occurred_at", "value")[1] == (
        other.outcome,
        other.occurred_at,
        other.value,
    )
    assert standings(store, other.lead_id) == [other.outcome]


def test_a_correction_of_the_value_alone_leaves_it_known_since_when_it_was(store: Store) -> None:
    lost = OutcomeSent("L-1", "lost", 500, "o-1")
    keep(store, lost)
    assert keep(store, replace(lost, value=5.0), replace(lost, value=6.0), now=NOW + 5) == ["corrected"] * 2
    assert rows_of(store, "value", "known_at", "ended_at") == [
        (None, NOW, NOW + 5),
        (5.0, NOW, NOW + 5),
        (6.0, NOW, None),
    ]
    assert standings(store, "L-1") == ["lost"]


def test_an_outcome_that_moves_to_another_lead_opens_the_first(store: Store) -> None:
    keep(store, WON)
    keep(store, replace(WON, lead_id="L-2"), now=NOW + 1)
    assert standings(store, "L-1", "L-2") == ["open", "won"]
    assert marks(store) == [2, 1]


def test_without_an_id_another_outcome_stands_beside_the_first(store: Store) -> None:
    one = OutcomeSent("L-1", "lost", 500)
    assert (
        keep(store, one, replace(one, occurred_at=501), replace(one, outcome="disqualified")) == ["kept"] * 3
    )
    assert len(rows_of(store, "number")) == 3


def test_a_reversal_by_id_ends_that_outcome_alone(store: Store) -> None:
    lost = OutcomeSent("L-1", "lost", 400, "o-2")
    keep(store, WON, lost)
    assert keep(store, OutcomeSent("L-1", "reversed", 600, "o-1"), now=NOW + 1) == ["reversed"]
    assert rows_of(store, "outcome_id", "ended_at") == [("o-1", NOW + 1), ("o-2", None)]
    assert standings(store, "L-1") == ["lost"]
    assert keep(store, OutcomeSent("L-1", "reversed", 600, "o-1")) == ["nothing"]


def test_a_reversal_without_an_id_ends_all_of_its_lead(store: Store) -> None:
    keep(store, WON, OutcomeSent("L-1", "lost", 400), OutcomeSent("L-2", "lost", 400))
    assert keep(store, OutcomeSent("L-1", "reversed", 600)) == ["reversed"]
    assert standings(store, "L-1", "L-2") == ["open", "lost"]
    assert (
        keep(store, OutcomeSent("L-1", "reversed", 600), OutcomeSent("L-3", "reversed", 1)) == ["nothing"] * 2
    )
    assert marks(store)[:2] == [2, 1]


def test_what_is_corrected_and_reversed_in_one_batch_leaves_its_traces(store: Store) -> None:
    lost = replace(WON, outcome="lost")
    back = OutcomeSent("L-1", "reversed", 600, "o-1")
    assert keep(store, WON, lost, back, WON) == ["kept", "corrected", "reversed", "kept"]
    assert rows_of(store, "outcome", "ended_at") == [("won", NOW), ("lost", NOW), ("won", None)]


def test_an_outcome_of_later_counts_when_its_time_has_come(store: Store) -> None:
    keep(store, replace(WON, occurred_at=NOW + 10))
    assert standings(store, "L-1") == ["open"]
    with store.reading() as connection:
        number = numbers_of(connection, ["L-1"])["L-1"]
    settle = partial(settle_standing, numbers=[number])
    assert store.write(lambda connection: settle(connection, now=NOW + 9)) == set()
    assert store.write(lambda connection: settle(connection, now=NOW + 10)) == {number}
    assert standings(store, "L-1") == ["won"]


@pytest.mark.parametrize("outcome", ["won", "lost", "disqualified"])
def test_a_lead_that_ends_loses_its_score_in_the_same_transaction(store: Store, outcome: Outcome) -> None:
    keep(store, replace(WON, outcome="reversed"))
    scored = {"score": 82, "probability": 0.3, "grade": "A1", "action": "route", "scored_at": NOW}
    of_record = {"scored_by": "m", "record_id": "r", "recorded_at": NOW}
    with store.reading() as connection:
        number = numbers_of(connection, ["L-1"])["L-1"]
    lead = LEADS.c.number == number
    store.write(lambda c: c.execute(sa.update(LEADS).where(lead).values(scored | of_record)))
    keep(store, replace(WON, outcome=outcome))
    with store.reading() as connection:
        row = connection.execute(LEADS.select().where(lead)).mappings().one()
    assert row["standing"] == outcome
    assert [row[name] for name in (*scored, "scored_by")] == [None] * 6
    assert (row["record_id"], row["recorded_at"]) == ("r", NOW)


def test_two_who_correct_one_outcome_at_one_time_leave_one(store: Store) -> None:
    def correct(who: int) -> None:
        # The leads differ, so that no lock on a lead makes them wait for one another.
        for number in range(4):
            keep(store, OutcomeSent(f"L-{who}", "lost", number, "o-1"))

    in_threads([partial(correct, who) for who in range(6)])
    assert [row for row in rows_of(store, "ended_at") if row == (None,)] == [(None,)]


def test_what_comes_in_at_one_time_leaves_the_right_standing(store: Store) -> None:
    def lose(who: int) -> None:
        for number in range(5):
            keep(store, OutcomeSent("L-1", "lost", 10 * who + number))

    def act(who: int) -> None:
        for number in range(5):
            events = [EventSent("L-1", "page_view", 10 * who + number)]
            store.write(partial(keep_events, events=events, now=NOW))

    in_threads([partial(act if who % 2 else lose, who) for who in range(6)])
    assert standings(store, "L-1") == ["open"]
    keep(store, OutcomeSent("L-1", "disqualified", 55))
    assert standings(store, "L-1") == ["disqualified"]


def test_what_one_lead_has_costs_each_new_outcome_nothing(store: Store) -> None:
    def steps(lead_id: str, outcomes: int) -> int:
        """How many calls it takes to keep as many outcomes again as the lead has."""
        sent = [OutcomeSent(lead_id, "lost", at, f"{lead_id}-{at}") for at in range(outcomes)]
        keep(store, *sent)
        calls = count()
        sys.setprofile(lambda *_: next(calls))
        try:
            keep(store, *(replace(one, outcome_id=None, value=1.0) for one in sent))
        finally:
            sys.setprofile(None)
        return next(calls)

    steps("L-1", 10)
    assert steps("L-3", 400) < 2.5 * steps("L-2", 200)


def test_what_stands_twice_is_repeated_until_both_are_reversed(store: Store) -> None:
    one, other = (OutcomeSent("L-1", "lost", 500, outcome_id) for outcome_id in ("o-1", "o-2"))
    nameless = replace(one, outcome_id=None)
    back = [replace(sent, outcome="reversed") for sent in (one, other)]
    assert keep(store, one, other, nameless) == ["kept", "kept", "repeated"]
    assert keep(store, back[0], nameless, back[1], nameless) == ["reversed", "repeated", "reversed", "kept"]


MOMENTS = st.integers(0, 9)
LEAD_IDS = st.sampled_from(["one", "other"])
SENT = st.lists(
    st.one_of(
        st.builds(
            OutcomeSent,
            lead_id=LEAD_IDS,
            outcome=st.sampled_from(["won", "lost", "lost", "disqualified", "reversed", "reversed"]),
            occurred_at=MOMENTS,
            outcome_id=st.sampled_from([None, "a", "b"]),
        ),
        st.builds(
            EventSent,
            lead_id=LEAD_IDS,
            type=st.sampled_from(["page_view", "sales_call"]),
            occurred_at=MOMENTS,
            known_at=MOMENTS,
        ),
    ),
    max_size=10,
)
EXAMPLES = count()


def standing_rows(sent: Sequence[OutcomeSent | EventSent]) -> list[tuple[str, str, int]]:
    """A plain reading: what stands after outcomes were taken one after the other."""
    stand: list[OutcomeSent] = []
    for one in sent:
        if isinstance(one, EventSent):
            continue
        by = "lead_id" if one.outcome_id is None else "outcome_id"
        same = [row for row in stand if getattr(row, by) == getattr(one, by)]
        if one.outcome != "reversed" and any(replace(row, outcome_id=one.outcome_id) == one for row in same):
            continue
        if one.outcome == "reversed" or one.outcome_id is not None:
            stand = [row for row in stand if row not in same]
        if one.outcome != "reversed":
            stand.append(one)
    return [(row.lead_id, row.outcome, row.occurred_at) for row in stand]


def outcomes_learned(connection: sa.Connection, leads: dict[str, int]) -> sa.CursorResult[Any]:
    """The outcomes of leads as training reads them."""
    names = ("number", "lead_id", "outcome", "occurred_at", "known_at")
    view = sa.table("training_outcomes", *map(sa.column, names))
    return connection.execute(sa.select(view).where(view.c.lead_id.in_(leads)).order_by(view.c.number))


def lives_say(connection: sa.Connection, leads: dict[str, int], now: int) -> list[bool]:
    """Whether those who learn from the rows that the store holds take the leads for open."""
    ids = {number: lead_id for lead_id, number in leads.items()}
    events = [
        {**row, "lead_id": ids[row["lead"]], "is_touch": row["type"] == "sales_call"}
        for row in connection.execute(sa.select(EVENTS).where(EVENTS.c.lead.in_(ids))).mappings()
    ]
    outcomes = [dict(row) for row in outcomes_learned(connection, leads).mappings()]
    rows = [{"lead_id": lead_id, "created_at": 0} for lead_id in leads]
    all_tables = tables(rows, events=events, outcomes=outcomes, extract_at=20)
    lives = Lives(all_tables, History(all_tables, a_mapping()))
    return lives.is_open(np.arange(len(rows)), np.full(len(rows), now)).tolist()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(SENT, st.integers(1, 4), st.booleans())
@pytest.mark.proof(part="standing")
def test_outcomes_late_corrected_and_reversed_leave_the_standing_that_the_rows_give(
    store: Store, sent: list[OutcomeSent | EventSent], size: int, time_passes: bool
) -> None:
    example = next(EXAMPLES)
    named = [in_example(one, example) for one in sent]
    batches = [named[start : start + size] for start in range(0, len(named), size)]
    lead_ids = [f"one-{example}", f"other-{example}"]

    def take_in(connection: sa.Connection) -> dict[str, int]:
        keep_leads(connection, [LeadSent(lead_id, 0, {}) for lead_id in lead_ids], 0)
        for number, batch in enumerate(batches):
            now = number if time_passes else 9
            keep_outcomes(connection, [one for one in batch if isinstance(one, OutcomeSent)], now)
            keep_events(connection, [one for one in batch if isinstance(one, EventSent)], now)
        leads = numbers_of(connection, lead_ids)
        if time_passes:
            settle_standing(connection, leads.values(), len(batches))
        return leads

    leads = store.write(take_in)
    with store.reading() as connection:
        learned_from = outcomes_learned(connection, leads)
        rows = [(row.lead_id, row.outcome, row.occurred_at) for row in learned_from]
        assert sorted(rows) == sorted(standing_rows([one for batch in batches for one in batch]))
        learned = lives_say(connection, leads, len(batches) if time_passes else 9)
    assert [standing == "open" for standing in standings(store, *lead_ids)] == learned


def in_example(one: OutcomeSent | EventSent, example: int) -> OutcomeSent | EventSent:
    """Give it ids of its own, so that examples in one store have nothing to do with one another."""
    if isinstance(one, OutcomeSent) and one.outcome_id:
        one = replace(one, outcome_id=f"{one.outcome_id}-{example}")
    return replace(one, lead_id=f"{one.lead_id}-{example}")
