"""A past to replay, cut from a small company's tables."""

from functools import cache

import numpy as np
import pytest
from small_company import DAY_US, a_mapping, dated_company, day, tables

from decisions.deciding import Decider
from decisions.deciding.knowing import FactsReader
from decisions.policy import Policy
from decisions.policy.attributes import ROUTED_BY
from decisions.simulation.from_history import past_of, scored, some_leads, whole_leads
from features.cells import cell_rules
from features.history import History
from features.snapshots import Lives, Moments, census
from models.score import Score

POLICY = Policy()
LEADS = [{"lead_id": name, "created_at": day(3), "country": "de", "employees": "420"} for name in "abc"]
EVENTS = [
    {"lead_id": "a", "occurred_at": day(5), "type": "demo_requested"},
    {"lead_id": "a", "occurred_at": day(60), "type": "page_view", "page": "pricing"},
]


def an_outcome(lead_id: str, on: float, outcome: str = "won", **said: object) -> dict[str, object]:
    return {"lead_id": lead_id, "occurred_at": day(on), "outcome": outcome, **said}


OUTCOMES = [
    an_outcome("b", 300), an_outcome("b", 200), an_outcome("b", 150, "lost"),
    an_outcome("c", 250, known_at=day(401)),
]  # fmt: skip
TABLES = tables(LEADS, events=EVENTS, outcomes=OUTCOMES, extract_at=day(400))


@cache
def history() -> History:
    return History(TABLES, a_mapping())


@cache
def mondays() -> Moments:
    found = census(history(), Lives(TABLES, history()), a_mapping())
    return some_leads(found, history().owner_hash, 10**9)[0]


def test_each_lead_has_its_facts_on_each_monday_in_order() -> None:
    scorer = dated_company().scorer
    past = past_of(scored(history(), mondays(), scorer), POLICY, TABLES, since=day(30))
    assert [lead.lead_id for lead in past.leads] == ["a", "b", "c"]
    first = past.leads[0].facts
    assert [facts.as_of for facts in first] == sorted(facts.as_of for facts in first)
    assert first[0].as_of == day(7)
    assert (first[0].history["hand_raises"], first[0].attributes["country"]) == (1, "de")
    assert first[9].history["pricing_14d"] == 1  # day 70
    assert (past.since, past.known_until, past.horizon) == (day(30), day(400), 30 * DAY_US)


def test_facts_are_those_that_the_service_would_have_read() -> None:
    scorer = dated_company().scorer
    past = past_of(scored(history(), mondays(), scorer), POLICY, TABLES)
    leads = np.zeros(3, np.int64)
    batch = history().at(leads, mondays().as_of[:3])
    scores = [one for one in scorer.score(batch) if isinstance(one, Score)]
    wanted = [
        name for name in dict.fromkeys((*Decider(POLICY).needs, *ROUTED_BY)) if name in POLICY.attributes
    ]
    reader = FactsReader(POLICY, wanted, cell_rules(a_mapping().leads.missing, a_mapping().leads.decimal))
    assert list(past.leads[0].facts[:3]) == reader.of_batch(batch, scores)


def test_the_first_win_that_is_known_counts() -> None:
    past = past_of(scored(history(), mondays(), dated_company().scorer), POLICY, TABLES)
    assert [lead.won_at for lead in past.leads] == [None, day(200), None]
    assert [lead.won_value for lead in past.leads] == [None, None, None]


@pytest.mark.parametrize("most", [1, 60, 100, 10**9])
def test_leads_are_taken_whole(most: int) -> None:
    found, share = some_leads(mondays(), history().owner_hash, most)
    whole = np.bincount(mondays().lead, minlength=3)
    taken = np.bincount(found.lead, minlength=3)
    assert all(count in {0, of} for count, of in zip(taken.tolist(), whole.tolist(), strict=True))
    assert share == (taken > 0).sum() / 3
    assert len(found) <= max(most, int(whole.max()))


def test_of_leads_that_are_there_later_the_time_before_is_kept() -> None:
    kept = whole_leads(mondays(), day(220))  # b had won by then
    assert set(kept.lead.tolist()) == {0, 2}
    assert kept.as_of.min() == day(7)
