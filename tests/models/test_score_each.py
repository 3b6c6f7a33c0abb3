"""Leads that are scored together, each alone: what a request that waits gets, beside what a batch gets."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from small_company import HOSTILE_NAME, Company, day

from features.events import NO_TIME
from features.key_book import KeyBook, codes_of
from features.lead_log import DETAIL_KEY, FIELDS, IS_TOUCH, KEY, KNOWN_AT, OCCURRED_AT, VALUE, LeadLog
from features.one_lead import OneLead
from models.score import Score, Unscorable

TOUCHES = frozenset({"sales_call", "email_sent"})
DAYS = st.sampled_from([90.0, 90.5, 99.0, 99.0, 100.0, 101.0, 3.0])
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["page_view", "sales_call", "email_sent", "never_heard_of"]),
            "occurred_at": DAYS,
            "known_at": DAYS | st.none(),
            "detail": st.sampled_from([None, "pricing", "blog", "docs"]),
            "value": st.sampled_from([np.nan, 0.0, 1.0, -2.5]),
        }
    ),
    max_size=9,
)
CREATED = st.sampled_from([day(0), day(80.25), NO_TIME])
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "country": st.sampled_from(["DE", "FR", " ", None, 5, True]),
        HOSTILE_NAME: st.sampled_from(["120", "many", None, 3]),
        "job_title": st.sampled_from(["CEO", "Plumber"]),
        "interests": st.sampled_from(["crm;ads", None]) | st.just(["crm"]),
        "shoe_size": st.just(44),
    },
)


def log_of(events: list[dict[str, Any]]) -> LeadLog:
    """Return the log of events as they come, in any order."""
    held = np.full((FIELDS + 1, len(events) + 3), 77)
    book = KeyBook(TOUCHES, 100)
    for at, event in enumerate(events):
        occurred_at = day(event["occurred_at"])
        held[OCCURRED_AT, at] = occurred_at
        held[KNOWN_AT, at] = occurred_at if event["known_at"] is None else day(event["known_at"])
        codes = codes_of(book[event["type"], event["detail"]])
        held[KEY, at], held[DETAIL_KEY, at], held[IS_TOUCH, at] = codes
        held[VALUE].view(np.float64)[at] = event["value"]
    return LeadLog(held, len(events), book.keys_met())


def copied(lead: OneLead) -> OneLead:
    """Return a lead whose events somebody else may put in order."""
    return lead._replace(events=lead.events._replace(held=lead.events.held.copy()))


@examples(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(CELLS, EVENTS, st.sampled_from([day(0), day(80.25), NO_TIME])), min_size=1, max_size=5
    ),
    st.sampled_from([None, 5]),
)
def test_each_lead_has_the_score_of_its_own_batch_to_the_bit(
    company: Company, asked: list[tuple[Any, ...]], shown: int | None
) -> None:
    scorer = company.scorer
    leads = [
        OneLead(f"L-{at}", created_at, day(100), cells, log_of(events))
        for at, (cells, events, created_at) in enumerate(asked)
    ]
    batches = [copied(lead).batch() for lead in leads]
    vectors = scorer.vectors.of_each(leads)
    for at, (batch, found) in enumerate(
        zip(batches, scorer.score_each(leads, vectors, shown=shown), strict=True)
    ):
        [expected] = scorer.score(batch, shown=shown)
        assert vectors.values[at].tobytes() == scorer.vectors(batch).values.tobytes()
        assert found == expected
        if isinstance(found, Score) and isinstance(expected, Score):
            assert found.contributions is not None
            assert expected.contributions is not None
            assert found.contributions.tobytes() == expected.contributions.tobytes()
        else:
            assert isinstance(found, Unscorable)


@given(EVENTS, st.randoms(use_true_random=False))
def test_events_are_put_in_the_order_of_a_log_however_they_come(
    events: list[dict[str, Any]], random: Any
) -> None:
    shuffled = random.sample(events, len(events))
    ordered, other = log_of(events).in_order(), log_of(shuffled).in_order()
    assert [ordered.keys[code] for code in ordered.key] == [other.keys[code] for code in other.key]
    assert ordered.value.tobytes() == other.value.tobytes()
    assert ordered.occurred_at.tolist() == sorted(other.occurred_at.tolist())
