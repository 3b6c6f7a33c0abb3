"""What lay ahead when it came counts when its time has come, in lists too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from fake_recorder import put_leads, waiting
from fake_scorer import FakeScorer
from query_plans import about_leads, plan_of, statements_of
from recorded import HOUR, T0, Desk

from decisions.policy import Policy
from features.cells import cell_rules
from features.vocabulary import TOUCH_TYPES
from serving.clock import utc_now
from serving.history.events import EventSent, keep_events
from serving.history.outcomes import OutcomeSent, keep_outcomes
from serving.importing.overlay import overlay
from serving.jobs.due import mark_due
from serving.jobs.due_changes import settle_due_changes
from serving.jobs.rescoring import Rescoring
from serving.jobs.sweeping import Sweeping
from serving.scoring.champion import Champion
from serving.settings import Settings
from serving.store.database import Store, open_store
from serving.store.schema import CHANGES, EVENTS, LEADS, OUTCOMES, STALE_LEADS

if TYPE_CHECKING:
    from pathlib import Path

DAY = 24 * HOUR


def due(store: Store, now: int, since: int = 0) -> int:
    return mark_due(store, since, now, TOUCH_TYPES, 100)


def outcome(store: Store, at: int, outcome: str, known_at: int = 0, lead: int = 1) -> None:
    row = {"lead": lead, "occurred_at": at, "known_at": known_at, "outcome": outcome}
    store.write(lambda connection: connection.execute(OUTCOMES.insert(), row))


def event(store: Store, at: int, kind: str = "page_view", lead: int = 1) -> None:
    row = {"lead": lead, "occurred_at": at, "known_at": 0, "type": kind}
    store.write(lambda connection: connection.execute(EVENTS.insert(), row))


def test_an_open_lead_is_marked_once_when_its_outcome_falls_due(store: Store) -> None:
    put_leads(store, 1, scored_at=5)
    outcome(store, 100, "won")
    assert (due(store, 99), due(store, 100), due(store, 101)) == (0, 1, 0)
    assert waiting(store) == [1]


@pytest.mark.parametrize(
    "values",
    [{"scored_at": 100}, {"arrived_at": None}, {"deleted_at": 1}, {"merged_into": 2}, {"standing": "won"}],
)
def test_a_lead_that_has_seen_it_or_is_not_shown_is_left_alone(
    store: Store, values: dict[str, int | str | None]
) -> None:
    put_leads(store, 1, **({"scored_at": 5} | values))
    outcome(store, 100, "lost")
    event(store, 100)
    assert due(store, 200) == 0


def test_what_was_known_when_it_was_is_nothing_to_wait_for(store: Store) -> None:
    put_leads(store, 1, scored_at=5)
    outcome(store, 100, "lost", known_at=100)
    assert due(store, 200) == 0


def test_a_mark_of_before_the_moment_is_renewed(store: Store) -> None:
    """Whoever took the lead before scores it as of before, and settles that mark alone."""
    put_leads(store, 1, scored_at=5)
    outcome(store, 100, "won")
    mark = {"lead": 1, "urgency": 2, "since": 99, "asked_at": 99, "mark": 1}
    store.write(lambda connection: connection.execute(STALE_LEADS.insert(), mark))
    assert due(store, 100) == 1
    with store.reading() as connection:
        assert connection.execute(sa.select(STALE_LEADS.c.mark)).scalar_one() == 2


@pytest.mark.parametrize(
    ("kind", "at", "marked"), [("page_view", 100, 1), ("sales_call", 100, 0), ("page_view", 40, 0)]
)
def test_a_lost_lead_is_marked_for_an_act_after_its_loss(
    store: Store, kind: str, at: int, marked: int
) -> None:
    put_leads(store, 1, standing="lost")
    outcome(store, 50, "lost", known_at=50)
    event(store, at, kind)
    assert due(store, 200) == marked


@pytest.mark.parametrize(
    ("ending", "at", "marked"),
    [("won", 40, 1), ("disqualified", 60, 1), ("disqualified", 40, 0), ("lost", 60, 0)],
)
def test_a_lost_lead_is_marked_for_an_outcome_that_counts(
    store: Store, ending: str, at: int, marked: int
) -> None:
    put_leads(store, 1, standing="lost")
    outcome(store, 50, "lost", known_at=50)
    outcome(store, at, ending)
    assert due(store, 200) == marked


def test_no_more_are_marked_than_asked_for_and_the_rest_comes_next(store: Store) -> None:
    for number in put_leads(store, 5, scored_at=5):
        event(store, 100 + number, lead=number)
    assert [mark_due(store, 0, 200, TOUCH_TYPES, 2) for _ in range(4)] == [2, 2, 1, 0]


def test_lists_say_how_a_lead_stands_when_the_moment_comes(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path / "home")
    desk.lead("ends", country="DE")
    desk.lead("comes back", country="DE")
    desk.outcome("comes back", "lost", T0)

    def sent(connection: sa.Connection) -> None:
        keep_outcomes(connection, [OutcomeSent("ends", "won", T0 + DAY)], T0 + HOUR)
        keep_events(connection, [EventSent("comes back", "page_view", T0 + DAY)], T0 + HOUR)

    store.write(sent)

    def stand(now: int) -> list[str]:
        due(store, now)
        rescoring = Rescoring(store, desk.recorder, desk.champion, lambda: now, "worker")
        while rescoring.step(now):
            pass
        return [desk.row(lead_id).standing for lead_id in ("ends", "comes back")]

    assert stand(T0 + DAY - 1) == ["open", "lost"]
    assert desk.row("ends").score is not None
    assert stand(T0 + DAY) == ["won", "open"]
    assert (desk.row("ends").score, desk.row("comes back").score is None) == (None, False)


def test_an_outcome_that_lay_ahead_counts_without_a_champion(store: Store, tmp_path: Path) -> None:
    put_leads(store, 2, scored_at=5, score=80)
    outcome(store, T0, "won", lead=1)
    nobody = Champion(Settings(home=tmp_path), Policy(), FakeScorer.load)
    sweeping = Sweeping(store, nobody, 24)
    for now in (T0 - 1, T0 + HOUR):
        sweeping.step(now)
    with store.reading() as connection:
        rows = connection.execute(sa.select(LEADS).order_by(LEADS.c.number)).all()
    assert [(row.standing, row.score) for row in rows] == [("won", None), ("open", 80)]
    assert not sweeping.step(T0 + 2 * HOUR)


def test_a_change_that_lay_ahead_is_scored_when_its_moment_comes(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path / "home")
    number = desk.lead("L-1", employees="10")
    desk.recorder.rescore([number], T0)
    row = {"lead": number, "column": "employees", "changed_at": T0 + DAY, "value": "420"}

    def imported(connection: sa.Connection) -> None:
        connection.execute(CHANGES.insert(), row)
        overlay(connection, [number], cell_rules(), T0 + HOUR)

    store.write(imported)

    def score(now: int) -> tuple[str, int]:
        Sweeping(store, desk.champion, 1_000).step(now)
        rescoring = Rescoring(store, desk.recorder, desk.champion, lambda: now, "worker")
        while rescoring.step(now):
            pass
        return desk.row("L-1").cells["employees"], desk.row("L-1").score

    assert score(T0 + DAY - 1) == ("10", 41)
    assert score(T0 + DAY) == ("420", 82)
    assert desk.row("L-1").next_change_at is None


def test_what_falls_due_is_read_from_its_own_index(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    said = statements_of(store)
    assert due(store, utc_now()) == 0
    assert settle_due_changes(store, utc_now(), cell_rules(), 100) == 0
    plans = [plan_of(store, *statement) for statement in about_leads(said)]
    store.close()
    assert [plan[0].split(" (")[0] for plan in plans] == [
        "SEARCH outcomes USING INDEX outcomes_ahead",
        "SEARCH events USING INDEX events_ahead",
        "SEARCH leads USING INDEX leads_by_next_change",
    ]
