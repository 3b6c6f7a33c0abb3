"""Answers after the qualification are for decisions alone: neither scores nor training see them."""

from pathlib import Path
from typing import Any

import pytest
from decided_leads import DEFAULT, decide, state_of
from fake_scorer import FakeScorer
from recorded import Desk
from settled_leads import settle

from decisions.deciding.attributes import answer_columns
from features.mapping import Mapping, mapping_from
from serving.history.leads import LeadSent, keep_leads
from serving.history.training_tables import stored_tables
from serving.scoring.known import KnownLead, KnownLeads
from serving.scoring.recording import DecidedLead
from serving.store.database import Store

NOW = 1_795_253_400_000_000
HOUR = 3_600_000_000
DAY = 24 * HOUR
ANSWERS = answer_columns(DEFAULT)


@pytest.fixture
def mapping() -> Mapping:
    content = {"leads": {"source": "store"}, "outcomes": {}, "training": {"horizon": "9 days"}}
    return mapping_from(content)


def send(store: Store, now: int, **cells: Any) -> int:
    sent = [LeadSent("L-1", NOW, cells)]
    return store.write(lambda connection: keep_leads(connection, sent, now))[0].number


@pytest.fixture
def lead(store: Store) -> int:
    """A lead that answered once, was qualified a day later, and was asked more and otherwise since."""
    number = send(store, NOW, Budget="maybe", country="DE", size=4)
    send(store, NOW + 2 * HOUR, Budget="yes")
    yes = {"bant_budget": "yes", "bant_need": "yes", "bant_timeline": "yes"}
    decide(store, [number], NOW + DAY, attributes=yes)
    assert state_of(store, number).qualified_at == NOW + DAY
    send(store, NOW + 2 * DAY, **{"Decision maker": "no", "Budget": None, "size": 5})
    send(store, NOW + 3 * DAY, **{"Decision maker": "yes", "Budget": "no"})
    return number


def known(store: Store, mapping: Mapping, number: int, as_of: int) -> KnownLead:
    with store.reading() as connection:
        return KnownLeads(mapping, ANSWERS).read(connection, [number], as_of)[0]


def test_features_see_what_stood_when_the_lead_was_qualified_and_decisions_see_all(
    store: Store, mapping: Mapping, lead: int
) -> None:
    early = known(store, mapping, lead, NOW + HOUR)
    assert (early.asked.cells, early.answers) == ({"Budget": "maybe", "country": "DE", "size": 4}, {})
    at_once = known(store, mapping, lead, NOW + 2 * DAY)
    assert at_once.asked.cells == {"Budget": "yes", "country": "DE", "size": 5}
    assert at_once.answers == {"Budget": None, "Decision maker": "no"}
    now = known(store, mapping, lead, NOW + 9 * DAY)
    assert now.asked.cells == {"Budget": "yes", "country": "DE", "size": 5}
    assert now.answers == {"Budget": "no", "Decision maker": "yes"}


def test_without_columns_that_answer_all_is_as_it_stands(store: Store, mapping: Mapping, lead: int) -> None:
    with store.reading() as connection:
        [known] = KnownLeads(mapping).read(connection, [lead], NOW + 9 * DAY)
    assert known.asked.cells == {"Budget": "no", "country": "DE", "size": 5, "Decision maker": "yes"}
    assert not known.answers


def test_training_sees_what_scores_see(store: Store, mapping: Mapping, lead: int) -> None:
    del lead
    changes, all_changes = (stored_tables(store, mapping, one).changes for one in (ANSWERS, frozenset()))
    assert changes is not None
    assert all_changes is not None
    told = {(row.column, str(row.value)) for row in changes.itertuples()}
    assert told == {("Budget", "maybe"), ("Budget", "yes"), ("country", "DE"), ("size", "4"), ("size", "5")}
    assert len(all_changes) == len(changes) + 4
    label = {"label": "country", "positive": "DE"}
    other = [LeadSent("L-2", NOW, {"country": "FR"})]
    store.write(lambda connection: keep_leads(connection, other, NOW))
    flat = mapping_from({"leads": {"source": "store", "flat": True}, "outcomes": label})
    row, _ = stored_tables(store, flat, ANSWERS).leads.to_dict("records")
    assert (row["Budget"], row["size"], row.get("Decision maker")) == ("yes", 5, None)


def test_a_lead_that_was_never_qualified_hides_nothing(store: Store, mapping: Mapping) -> None:
    number = send(store, NOW, Budget="yes")
    decide(store, [number], NOW + DAY)
    send(store, NOW + 2 * DAY, Budget="no")
    assert known(store, mapping, number, NOW + 3 * DAY).asked.cells == {"Budget": "no"}


def test_a_late_answer_changes_the_decision_and_not_the_score(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path / "home")
    yes = {"budget": "yes", "authority": "yes", "need confirmed": "yes"}
    desk.lead("one", NOW, employees="40", **yes)
    settle(desk, NOW + HOUR)
    scored = desk.row("one")
    desk.lead("one", NOW + 2 * HOUR, budget="no", timeline="no")
    settle(desk, NOW + 3 * HOUR)
    [state] = [desk.recorder.decide_now("one", NOW + 4 * HOUR)]
    assert isinstance(state, DecidedLead)
    assert state.judged.decision.bant == {"budget": "no", "authority": "yes", "need": "yes", "timeline": "no"}
    assert (state.judged.decision.qualified, desk.row("one").score) == (False, scored.score)
    assert known(store, FakeScorer.load(desk.home).mapping, scored.number, NOW + 9 * HOUR).asked.cells == {  # type: ignore[union-attr]
        "employees": "40",
        **yes,
    }
