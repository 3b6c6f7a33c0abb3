"""What would follow: laws of the variants of one lead."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_company import Company, a_mapping, an_event, day

from features.added_events import with_more
from features.batch import LeadBatch
from features.durations import DAY_US
from features.events import event_log_of_rows
from features.words import ENGLISH
from models.next_acts import LAST_ACT
from models.score import Score, Unscorable
from models.scorecard.built_in import built_in_scorecard
from models.what_if import Foretold, Outlook, foretell, foretelling, sent_events
from models.what_if.hypothesis import plausible, touch_types
from models.what_if.variants import variants

TOUCHES = touch_types(a_mapping())
LEADS = st.integers(0, 399)
MOMENTS = st.integers(40, 300).map(day)
EVENT = st.builds(
    an_event,
    st.sampled_from(["page_view", "email_opened", "sales_call", "unheard_of"]),
    st.integers(0, 300).map(day),
    page=st.sampled_from([None, "pricing", "blog", "nowhere"]),
)


def lead_of(company: Company, lead: int, as_of: int = day(200)) -> LeadBatch:
    return company.history.at(np.asarray([lead], np.int64), np.asarray([as_of], np.int64))


def outlook(company: Company, lead: LeadBatch, sent: Any = ()) -> Outlook:
    found = foretell(company.scorer, lead, sent)
    assert isinstance(found, Outlook)
    return found


def bits(score: Score) -> tuple[Any, ...]:
    assert score.vector is not None
    return (score, score.vector.tobytes(), score.margin)


def scored(company: Company, lead: LeadBatch) -> Score:
    [score] = company.scorer.score(lead, shown=0)
    assert isinstance(score, Score)
    return score


@given(LEADS, MOMENTS)
def test_adding_nothing_gives_the_score_itself_to_the_bit(company: Company, lead: int, as_of: int) -> None:
    """Also of a moment at which part of what is in the log has not happened yet."""
    of = lead_of(company, lead, as_of)
    assert bits(outlook(company, of).now) == bits(scored(company, of))


@given(LEADS, MOMENTS, st.lists(EVENT, min_size=1, max_size=4))
def test_each_variant_is_scored_as_it_is_alone(
    company: Company, lead: int, as_of: int, events: list[dict[str, Any]]
) -> None:
    of = lead_of(company, lead, as_of)
    sent = sent_events(events, company.scorer.spec, TOUCHES, together=True)
    found = outlook(company, of, sent)
    assert len(found.sent) == len(events) + 1
    for one in (*found.next, *found.sent):
        [_, alone] = company.scorer.score(variants(of, [one.hypothesis], TOUCHES), shown=0)
        assert isinstance(alone, Score)
        assert bits(one.score) == bits(alone)


@given(LEADS, st.lists(EVENT, min_size=1, max_size=3))
def test_a_variant_is_the_lead_to_which_this_happened(
    company: Company, lead: int, events: list[dict[str, Any]]
) -> None:
    of = lead_of(company, lead).alone()
    sent = sent_events(events, company.scorer.spec, TOUCHES, together=True)
    together = outlook(company, of, sent).sent[-1]
    happened = replace(of, events=with_more(of.events, event_log_of_rows([events], TOUCHES)))
    mine, real = together.score, scored(company, happened)
    assert (mine.margin, mine.score) == (real.margin, real.score)


@given(LEADS, MOMENTS)
def test_that_nothing_comes_is_the_same_lead_a_week_later(company: Company, lead: int, as_of: int) -> None:
    """What is in the log for that week does not count: it has not happened."""
    nothing = outlook(company, lead_of(company, lead, as_of)).next[0]
    assert (nothing.hypothesis.kind, nothing.score.as_of) == ("nothing", as_of + 7 * DAY_US)
    assert not [warning for warning in nothing.score.warnings if "after as_of" in warning]
    log, own = company.history.events, company.history.owner[lead]
    times = log.occurred_at[log.offsets[own] : log.offsets[own + 1]]
    if not ((times > as_of) & (times <= as_of + 7 * DAY_US)).any():
        assert nothing.score.margin == scored(company, lead_of(company, lead, as_of + 7 * DAY_US)).margin


def test_a_lead_with_very_many_events_is_foretold_in_several_batches_alike(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = lead_of(company, 3)
    whole = outlook(company, of)
    monkeypatch.setattr(foretelling, "EVENTS_AT_ONCE", 2 * len(of.alone().events.key))
    parted = outlook(company, of)
    assert parted == whole
    assert [bits(one.score) for one in parted.next] == [bits(one.score) for one in whole.next]


def test_the_lead_is_not_touched(company: Company) -> None:
    of = lead_of(company, 3).alone()
    before = [array.tobytes() for array in (of.events.occurred_at, of.events.offsets, of.events.key)]
    outlook(company, of)
    assert before == [array.tobytes() for array in (of.events.occurred_at, of.events.offsets, of.events.key)]


def test_every_event_that_the_model_counts_is_plausible_once(company: Company) -> None:
    spec = company.scorer.spec
    found = plausible(spec, TOUCHES, day(9))
    assert [one.key for one in found] == [None, *spec.event_keys]
    by_key = {one.key: one for one in found}
    [pricing] = by_key["page_view.pricing"].events
    assert (pricing["type"], pricing["detail"], pricing["occurred_at"]) == ("page_view", "pricing", day(9))
    assert {one.kind for one in found} == {"nothing", "act", "touch"}
    assert by_key["sales_call"].kind == "touch"


def test_a_type_with_a_full_stop_in_its_name_is_parted_from_its_detail(company: Company) -> None:
    spec = replace(
        company.scorer.spec, event_keys=("a.b", "a.b.pricing"), detail_keys=("a.b.pricing",), touch_keys=()
    )
    [_, bare, detailed] = plausible(spec, TOUCHES, 0)
    assert [(one.events[0]["type"], one.events[0]["detail"]) for one in (bare, detailed)] == [
        ("a.b", None),
        ("a.b", "pricing"),
    ]


def test_what_is_foretold_stands_by_how_often_it_comes_times_how_far_it_moves(company: Company) -> None:
    moved = 0
    for lead in range(30):
        found = outlook(company, lead_of(company, lead))
        worth = [one.share.share * abs(one.change) for one in found.next[1:] if one.share]
        assert worth == sorted(worth, reverse=True)
        known = [one.share is not None for one in found.next[1:]]
        assert known == sorted(known, reverse=True)
        moved += len(set(worth)) > 3
    assert moved > 5


def test_shares_are_those_of_leads_with_the_scores_and_the_quiet_of_this_one(company: Company) -> None:
    acts, names = company.scorer.next_acts, company.scorer.spec.names
    assert acts is not None
    told = 0
    for lead in range(40):
        found = outlook(company, lead_of(company, lead))
        assert found.now.vector is not None
        days = float(found.now.vector[names.index(LAST_ACT)])
        for one in found.next:
            assert one.share == acts.share(one.hypothesis.key, found.now.score, days)
            told += one.share is not None
        assert found.such_leads == acts.such_leads(found.now.score, days)
        assert found.such_leads.score_from <= found.now.score <= found.such_leads.score_to
    assert told > 100


def test_it_is_said_as_a_prediction(company: Company) -> None:
    found = {one.hypothesis.key: one for one in outlook(company, lead_of(company, 3)).next}
    pricing = found["page_view.pricing"]
    share = "none" if pricing.share is None else pricing.sentence
    assert pricing.sentence.startswith(
        f"Once the lead has visited the pricing page, the model would say {pricing.score.score} ("
    )
    assert "within 7 days." in share
    assert found["sales_call"].sentence.startswith("Once we have called the lead, the model would say ")
    assert found[None].sentence.startswith("Once nothing has come for 7 days, the model would say ")
    assert "predictions" in ENGLISH.text("what_if.note")
    every = " ".join(one.sentence for one in found.values())
    assert not [word for word in ("because", "raises", "leads to", "causes", "makes") if word in every]


def test_a_scorecard_foretells_points_and_no_shares() -> None:
    scorer = built_in_scorecard()
    lead = LeadBatch(
        lead_ids=["L-1"],
        created_at=np.asarray([day(0)]),
        as_of=np.asarray([day(10)]),
        cells={},
        events=event_log_of_rows([[an_event("page_view", day(3), page="pricing")]], frozenset()),
        owner=np.zeros(1, np.int64),
    )
    found = foretell(scorer, lead)
    assert isinstance(found, Outlook)
    assert bits(found.now)[1] == bits(scorer.score(lead)[0])[1]  # type: ignore[arg-type]  # it is a score
    assert found.such_leads is None
    assert {one.share for one in found.next} == {None}
    assert {one.log_odds for one in found.next} == {None}
    assert max(one.change for one in found.next) > 0
    moved = [abs(one.change) for one in found.next[1:]]
    assert moved == sorted(moved, reverse=True)
    assert all(one.sentence.endswith(").") for one in found.next)


def test_a_lead_that_cannot_be_read_is_said(company: Company) -> None:
    of = lead_of(company, 3)
    name = next(column.name for column in company.scorer.spec.columns if column.kind == "number")
    found = foretell(company.scorer, replace(of, cells={**of.cells, name: ["many"]}))
    assert isinstance(found, Unscorable)
    assert found.faults[0].where == name


def test_an_event_that_the_model_does_not_know_moves_nothing_and_is_named(company: Company) -> None:
    sent = sent_events([an_event("unheard_of", day(200))], company.scorer.spec, TOUCHES)
    [one] = outlook(company, lead_of(company, 3), sent).sent
    assert (one.change, one.share) == (0, None)
    assert math.isclose(one.log_odds or 0.0, 0.0, abs_tol=1e-15)
    assert any("'unheard_of' are not known" in warning for warning in one.score.warnings)
    assert "How often that happens to such leads is not known." in one.sentence


@pytest.mark.parametrize(("place", "key"), [(0, "page_view.pricing"), (1, "page_view"), (2, "email_opened")])
def test_a_callers_event_is_told_by_the_nearest_key_that_is_counted(
    company: Company, place: int, key: str
) -> None:
    rows = [
        an_event("page_view", day(200), page="pricing"),
        an_event("page_view", day(200), page="nowhere"),
        an_event("email_opened", day(200)),
    ]
    found: list[Foretold] = list(
        outlook(company, lead_of(company, 3), sent_events(rows, company.scorer.spec, TOUCHES)).sent
    )
    assert (found[place].hypothesis.key, found[place].hypothesis.sent) == (key, (place,))
