"""Scores of stored leads, and what is remembered of them, over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from service_here import Service

Ask = Callable[..., Any]
CREATED = "2026-11-02T08:00:00Z"


def test_a_stored_lead_is_scored_as_the_same_lead_in_a_request(ask: Ask, service: Service) -> None:
    lead = {"created_at": CREATED, "employees": "420"}
    events = [{"event_id": "s-1", "type": "page_view", "occurred_at": "2026-11-20T17:02:11Z"}]
    ask("PUT", "/leads/S-1", json={"lead": lead})
    ask("POST", "/events", json={"events": [{**events[0], "lead_id": "S-1"}]})
    stored = ask("GET", "/leads/S-1/score?reasons=all", scope="score")
    body = {"lead": {"lead_id": "S-1", **lead}, "events": events}
    pure = service.client.post("/score?reasons=all", json=body, headers=service.headers())
    assert stored.json() == pure.json()


def test_a_score_now_is_recorded_and_one_of_the_past_is_not(ask: Ask) -> None:
    ask("PUT", "/leads/S-2", json={"lead": {"created_at": CREATED, "employees": 100}})
    ask("GET", "/leads/S-2/score?as_of=2026-11-10", scope="score")
    assert ask("GET", "/leads/S-2/scores").json()["records"] == []
    given = ask("GET", "/leads/S-2/score?reasons=all", scope="score").json()
    ask("GET", "/leads/S-2/score", scope="score")
    assert ask("HEAD", "/leads/S-2/score", scope="score").status_code == 405
    [record] = ask("GET", "/leads/S-2/scores").json()["records"]
    assert record["answer"] == given
    told = ask("GET", "/leads/S-2").json()
    assert (told["score"], told["scored_at"]) == (given["score"], given["as_of"])
    [scored, changed] = ask("GET", "/leads/S-2/timeline").json()["happenings"]
    assert (scored["kind"], scored["score"]["record_id"]) == ("score", record["record_id"])
    assert (changed["kind"], changed["columns"]) == ("change", {"employees": 100})


def test_records_and_values_come_page_by_page(ask: Ask) -> None:
    for employees in (100, 200, 300):
        ask("PUT", "/leads/S-3", json={"lead": {"created_at": CREATED, "employees": employees}})
        ask("GET", "/leads/S-3/score", scope="score")
    for what, name in (("scores", "records"), ("history", "changes"), ("timeline", "happenings")):
        whole = ask("GET", f"/leads/S-3/{what}").json()
        first = ask("GET", f"/leads/S-3/{what}?limit=1").json()
        rest = ask("GET", f"/leads/S-3/{what}?cursor={first['next']}").json()
        assert first[name] + rest[name] == whole[name]
        assert whole["next"] is None
        wrong = ask("GET", f"/leads/S-3/{what}?cursor=x")
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "?cursor")
    values = [change["value"] for change in ask("GET", "/leads/S-3/history").json()["changes"]]
    assert values == [300, 200, 100]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("as_of=2026-11-01", "?as_of"),
        ("as_of=2026-11-22", "?as_of"),
        ("as_of=soon", "?as_of"),
        ("reasons=some", "?reasons"),
        ("record=true", "?record"),
    ],
)
def test_a_moment_that_cannot_be_asked_about_is_said(ask: Ask, query: str, field: str) -> None:
    ask("PUT", "/leads/S-4", json={"lead": {"created_at": CREATED}})
    answer = ask("GET", f"/leads/S-4/score?{query}", scope="score")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_what_cannot_be_read_of_a_stored_lead_is_said(ask: Ask) -> None:
    ask("PUT", "/leads/S-5", json={"lead": {"created_at": CREATED, "employees": "many"}})
    answer = ask("GET", "/leads/S-5/score", scope="score")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "lead.employees")


def recorded(service: Service, body: Any, *scopes: str) -> Any:
    _, text = service.ring.create("for recording", scopes or ("score", "ingest"))
    headers = {"Authorization": f"Bearer {text}"}
    return service.client.post("/score?record=true", json=body, headers=headers)


def test_a_request_that_is_recorded_is_kept_scored_and_remembered(ask: Ask, service: Service) -> None:
    event = {"event_id": "s-6", "type": "page_view", "occurred_at": "2026-11-20T17:02:11Z"}
    body = {"lead": {"lead_id": "S-6", "created_at": CREATED, "employees": "420"}, "events": [event]}
    answer = recorded(service, body)
    assert answer.json() == service.client.post("/score", json=body, headers=service.headers()).json()
    [record] = ask("GET", "/leads/S-6/scores").json()["records"]
    assert record["answer"]["score"] == answer.json()["score"]
    assert recorded(service, body).json() == answer.json()
    assert len(ask("GET", "/leads/S-6/scores").json()["records"]) == 1


def test_a_request_without_record_is_not_kept(ask: Ask, service: Service) -> None:
    body = {"lead": {"lead_id": "S-7", "created_at": CREATED}}
    assert service.client.post("/score", json=body, headers=service.headers()).status_code == 200
    assert ask("GET", "/leads/S-7").status_code == 404


@pytest.mark.parametrize("scope", ["score", "ingest"])
def test_recording_needs_both_scopes(service: Service, scope: str) -> None:
    body = {"lead": {"lead_id": "S-8", "created_at": CREATED}}
    assert recorded(service, body, scope).status_code == 403


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"as_of": CREATED}, "as_of"),
        ({"events": {}}, "events"),
        ({"events": [{"type": "page_view"}]}, "events[0].occurred_at"),
        ({"events": [{"type": "a", "occurred_at": CREATED, "lead_id": "other"}]}, "events[0].lead_id"),
        ({"events": [{}] * 51}, "events"),
        ({"lead": {}}, "lead.lead_id"),
        ({"x": 1}, "x"),
    ],
)
def test_what_cannot_be_recorded_is_said_and_nothing_is_kept(
    ask: Ask, service: Service, more: Any, field: str
) -> None:
    answer = recorded(service, {"lead": {"lead_id": "S-9", "created_at": CREATED}, **more})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert ask("GET", "/leads/S-9").status_code == 404
