"""What changed about a lead, over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from openapi_schema_validator import OAS30ReadValidator
from service_here import Service

from serving.api.openapi import openapi_document

Ask = Callable[..., Any]
CREATED = "2026-11-02T08:00:00Z"
NOW = "2026-11-21T09:30:00Z"


@pytest.fixture
def lead(ask: Ask) -> str:
    """A lead of whom an event became known, and of whom nothing else did."""
    ask("PUT", "/leads/C-1", json={"lead": {"created_at": CREATED}})
    event = {"lead_id": "C-1", "event_id": "c-1", "type": "page_view", "occurred_at": "2026-11-20T17:02:11Z"}
    ask("POST", "/events", json={"events": [event]})
    return "/leads/C-1/changes"


def test_what_changed_is_told_in_a_sentence_and_in_steps_that_add_up(ask: Ask, lead: str) -> None:
    told = ask("GET", f"{lead}?since=2026-11-14").json()
    assert told["text"].startswith("From 40 to 43 since 14 November: ")
    assert (told["since"]["score"], told["until"]["score"], told["effect"]) == (40, 43, 3)
    assert [step["kind"] for step in told["steps"]] == ["time", "events"]
    assert [step["text"] for step in told["steps"]] == ["a week passed", "visited the website"]
    assert sum(step["effect"] for step in told["steps"]) == 3
    for step in told["steps"]:
        assert sum(reason["effect"] for reason in step["reasons"]) == step["effect"]
        assert step["reasons"][-1]["family"] is None
    assert told["recorded"] is None
    assert "No score of the lead is on record" in told["warnings"][0]


def test_the_answer_is_as_declared(ask: Ask, lead: str) -> None:
    document = openapi_document()
    operation = document["paths"]["/v1/leads/{id}/changes"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    ask("GET", "/leads/C-1/score", scope="score")
    for query in (f"since={NOW}", "since=2026-11-14", "since=2026-11-14&until=2026-11-16&reasons=all"):
        answer = ask("GET", f"{lead}?{query}")
        assert answer.status_code == 200
        OAS30ReadValidator({**schema, "components": document["components"]}).validate(answer.json())
    assert [one["name"] for one in operation["parameters"]] == ["id", "since", "until", "reasons"]


def test_from_now_to_now_nothing_changed_and_the_record_is_named(ask: Ask, lead: str) -> None:
    ask("PUT", "/leads/C-1", json={"lead": {"created_at": CREATED, "crm_note": "one"}})
    ask("PUT", "/leads/C-1", json={"lead": {"created_at": CREATED}})  # the store's now is a little after NOW
    ask("GET", "/leads/C-1/score", scope="score")
    [record] = ask("GET", "/leads/C-1/scores").json()["records"]
    told = ask("GET", f"{lead}?since={NOW}").json()
    assert (told["steps"], told["effect"], told["log_odds"], told["warnings"]) == ([], 0, 0, [])
    assert told["recorded"]["record_id"] == record["record_id"]
    assert told["recorded"]["score"] == told["since"]["score"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "?since"),
        ("since=soon", "?since"),
        ("since=2026-11-22", "?since"),
        ("since=2026-11-01", "?since"),
        ("since=2026-11-14&until=2026-11-10", "?since"),
        ("since=2026-11-14&until=2026-11-23", "?until"),
        ("since=2026-11-14&until=later", "?until"),
        ("since=2026-11-14&reasons=some", "?reasons"),
        ("since=2026-11-14&record=true", "?record"),
    ],
)
def test_moments_that_cannot_be_compared_are_said(ask: Ask, lead: str, query: str, field: str) -> None:
    answer = ask("GET", f"{lead}?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_a_lead_that_is_not_there_or_cannot_be_read_has_no_changes(ask: Ask) -> None:
    assert ask("GET", "/leads/C-none/changes?since=2026-11-14").status_code == 404
    ask("PUT", "/leads/C-2", json={"lead": {"created_at": CREATED, "employees": "many"}})
    answer = ask("GET", "/leads/C-2/changes?since=2026-11-14")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "lead.employees")


def test_a_closed_lead_is_told_up_to_its_close(ask: Ask) -> None:
    ask("PUT", "/leads/C-3", json={"lead": {"created_at": CREATED}})
    lost = {"lead_id": "C-3", "outcome": "lost", "occurred_at": "2026-11-18T10:00:00Z", "outcome_id": "c-3"}
    ask("POST", "/outcomes", json={"outcomes": [lost]})
    answer = ask("GET", "/leads/C-3/changes?since=2026-11-14")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:leadlens:problem:not-open")
    assert answer.json()["stage"] == "lost"
    assert "name it as until" in answer.json()["detail"]
    assert ask("GET", "/leads/C-3/changes?since=2026-11-14&until=2026-11-17").status_code == 200
    again = {"lead_id": "C-3", "type": "page_view", "occurred_at": NOW}
    ask("POST", "/events", json={"events": [again]})


def test_the_key_needs_the_scope_read(service: Service, ask: Ask, lead: str) -> None:
    assert ask("GET", f"{lead}?since=2026-11-14", scope="ingest").status_code == 403
    assert ask("GET", f"{lead}?since=2026-11-14", scope="read").status_code == 200
