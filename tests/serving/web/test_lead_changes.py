"""'What changed' on the page of a stored lead."""

import re
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from typing import Any

import pytest
from service_here import Service

from serving.web.lead_changes import what_changed

CREATED = "2026-11-02T08:00:00Z"


@pytest.fixture
def browser(service: Service) -> Iterator[Any]:
    """A client that is signed in, and a stored lead of whom much became known today."""
    service.client.cookies.clear()
    service.client.post("/sign-in", data={"key": service.keys["read"], "next": "/leads"})
    lead = {"created_at": CREATED, "employees": "420", "Opted in?": "yes"}
    sent = {"headers": service.headers("ingest")}
    service.client.put("/v1/leads/W-1", json={"lead": lead}, **sent)
    service.client.put("/v1/leads/W-2", json={"lead": {"created_at": "2026-11-21T09:00:00Z"}}, **sent)
    service.client.put("/v1/leads/W-3", json={"lead": {"created_at": "2026-11-20T09:00:00Z"}}, **sent)
    event = {"lead_id": "W-1", "event_id": "w-1", "type": "page_view", "occurred_at": "2026-11-20T17:00:00Z"}
    service.client.post("/v1/events", json={"events": [event]}, **sent)
    yield service.client
    service.client.cookies.clear()


def section(page: str) -> str | None:
    found = re.search(r'<section class="card changes".*?</section>', page, re.DOTALL)
    return None if found is None else unescape(found.group())


def test_the_last_week_is_told_in_a_sentence_and_bar_by_bar(browser: Any) -> None:
    told = section(browser.get("/leads/W-1").text)
    assert told is not None
    assert "From 40 to 85 since 14 November: visited the website (+3), Employees: 0 → 420 (+42)." in told
    rows = re.findall(r'rowheader" scope="row">([^<]+)</th>', told)
    assert rows == ["A week ago", "A week passed", "Visited the website", "Employees: 0 → 420", "Now"]
    assert re.findall(r'class="points" role="cell">([^<]+)<', told) == ["40", "0", "+3", "+42", "85"]
    assert "No score of the lead is on record from then or before" in told


def test_each_bar_begins_where_the_one_above_ends(service: Service, browser: Any) -> None:
    assert browser is service.client
    lead = service.parts.leads.find("W-1")
    assert lead is not None
    changed = what_changed(service.parts.changes, lead)  # type: ignore[arg-type]  # it is open
    assert changed is not None
    for above, below in pairwise(changed.rows):
        assert above.end_x == below.start_x or below.kind == "total"
    first, last = changed.rows[0], changed.rows[-1]
    assert (first.width, last.width, changed.rows[-2].end_x) == (400.0, 850.0, 850.0)


@pytest.mark.parametrize("lead_id", ["L-1042", "W-2"])
def test_leads_of_files_and_those_that_came_in_just_now_have_no_changes(browser: Any, lead_id: str) -> None:
    page = browser.get(f"/leads/{lead_id}")
    assert (page.status_code, section(page.text)) == (200, None)


def test_a_young_lead_is_told_from_when_it_came_in(browser: Any) -> None:
    told = section(browser.get("/leads/W-3").text)
    assert told is not None
    assert "When it came in" in told
    assert "Still 40 since Friday: a quiet day." in told
