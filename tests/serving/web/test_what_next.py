"""What may come next, as the page of a lead shows it."""

import numpy as np
from fake_scorer import DATED, FakeScorer
from small_company import Company, a_batch, an_event, dated_company, day, flat_company

from features.mapping import mapping_from
from models.what_if import Outlook, foretell
from serving.web.what_next import OF_ONE_TYPE, ROWS, SCALE, WhatNext, what_next


def section(company: Company, lead: int) -> tuple[WhatNext, Outlook]:
    of = company.history.at(np.asarray([lead]), np.asarray([company.history.extract_at]))
    shown, found = what_next(company.scorer, of), foretell(company.scorer, of)
    assert shown is not None
    assert isinstance(found, Outlook)
    return shown, found


def test_the_rows_are_some_of_what_is_foretold_in_its_order() -> None:
    company, moved = dated_company(), set()
    for lead in range(30):
        shown, found = section(company, lead)
        told = [one.clause.casefold() for one in found.next]
        places = [told.index(row.what.casefold()) for row in shown.rows]
        assert places[0] == 0
        assert places == sorted(places)
        assert len(shown.rows) <= ROWS
        types = [found.next[place].hypothesis.events[0]["type"] for place in places[1:]]
        assert max(map(types.count, types), default=0) <= OF_ONE_TYPE
        for row, place in zip(shown.rows, places, strict=True):
            one = found.next[place]
            assert row.score == one.score.score
            assert row.width == (0 if one.share is None else round(SCALE * one.share.share))
            assert (row.moved, row.change[0]) in {("for", "+"), ("against", "\N{MINUS SIGN}"), ("rest", "±")}
            moved.add(row.moved)
            assert (row.share == "") == (one.share is None)
        if shown.such_leads:
            assert found.such_leads is not None
            assert f"score {found.such_leads.score_from} to" in shown.such_leads
    assert {"for", "rest"} <= moved


def test_there_is_no_section_without_events_or_where_the_lead_cannot_be_read() -> None:
    flat = flat_company()
    assert what_next(flat.scorer, flat.history.at(np.asarray([0]), np.asarray([day(400)]))) is None
    fake = FakeScorer(mapping_from(DATED))
    assert what_next(fake, a_batch({"employees": ["many"]})) is None


def test_without_shares_the_scores_alone_are_shown() -> None:
    fake = FakeScorer(mapping_from(DATED))
    fake.rung = "points"
    shown = what_next(fake, a_batch({"employees": [100]}, events=[[an_event("page_view", day(3))]]))
    assert shown is not None
    assert shown.such_leads == ""
    assert [(row.what, row.score, row.change, row.share) for row in shown.rows] == [
        ("Nothing has come for 7 days", 53, "±0", ""),
        ("The lead has opened an e-mail", 56, "+3", ""),
        ("The lead has visited the website", 56, "+3", ""),
        ("The lead has visited the pricing page", 56, "+3", ""),
    ]
