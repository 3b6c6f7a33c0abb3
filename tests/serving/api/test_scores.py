"""Scores of stored leads, and what is remembered of them, over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from service_here import Service

from serving.store.database import StoreBusyError

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


def test_an_explanation_is_told_and_not_recorded(ask: Ask) -> None:
    ask("PUT", "/leads/S-30", json={"lead": {"created_at": CREATED, "employees": 100}})
    told = ask("GET", "/leads/S-30/explanation", scope="score").json()
    assert ask("GET", "/leads/S-30/scores").json()["records"] == []
    given = ask("GET", "/leads/S-30/score?explain=true", scope="score").json()
    [record] = ask("GET", "/leads/S-30/scores").json()["records"]
    assert "explanation" not in record["answer"]
    assert told == {
        **{name: given[name] for name in ("lead_id", "as_of", "score", "rung", "model")},
        **given["explanation"],
    }
    past = ask("GET", "/leads/S-30/explanation?as_of=2026-11-10", scope="score").json()
    scored = ask("GET", "/leads/S-30/score?as_of=2026-11-10&explain=true", scope="score").json()
    assert past["handoff"] == scored["explanation"]["handoff"] != told["handoff"]


def test_who_cannot_be_scored_is_not_explained(ask: Ask) -> None:
    assert ask("GET", "/leads/S-nobody/explanation", scope="score").status_code == 404
    assert ask("GET", "/leads/S-30/explanation?as_of=2030-01-01", scope="score").status_code == 422
    ask("PUT", "/leads/S-31", json={"lead": {"created_at": CREATED}})
    lost = {"lead_id": "S-31", "occurred_at": "2026-11-05T00:00:00Z", "outcome": "lost"}
    ask("POST", "/outcomes", json={"outcomes": [lost]})
    refused = ask("GET", "/leads/S-31/explanation", scope="score")
    assert (refused.status_code, refused.json()["stage"]) == (409, "lost")


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


def test_records_of_leads_that_were_merged_into_one_are_its_own(ask: Ask) -> None:
    for lead_id in ("S-15", "S-16", "S-17"):
        ask("PUT", f"/leads/{lead_id}", json={"lead": {"created_at": CREATED}})
        ask("GET", f"/leads/{lead_id}/score", scope="score")
    ask("POST", "/leads/S-16/merge", json={"lead_ids": ["S-15"]})
    ask("POST", "/leads/S-17/merge", json={"lead_ids": ["S-16"]})
    whole = ask("GET", "/leads/S-17/scores").json()["records"]
    assert {record["answer"]["lead_id"] for record in whole} == {"S-15", "S-16", "S-17"}
    paged, cursor = [], ""
    while cursor is not None:
        page = ask("GET", f"/leads/S-17/scores?limit=1{cursor and '&cursor='}{cursor}").json()
        paged += page["records"]
        cursor = page["next"]
    assert paged == whole


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


def recording_key(service: Service, *scopes: str) -> str:
    return service.ring.create("for recording", scopes or ("score", "ingest"))[1]


def recorded(service: Service, body: Any, *scopes: str) -> Any:
    headers = {"Authorization": f"Bearer {recording_key(service, *scopes)}"}
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


def test_what_the_model_cannot_read_is_refused_before_it_is_kept(ask: Ask, service: Service) -> None:
    answer = recorded(service, {"lead": {"lead_id": "S-11", "created_at": CREATED, "employees": "many"}})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "lead.employees")
    assert ask("GET", "/leads/S-11").status_code == 404


def test_what_is_kept_and_cannot_be_scored_is_told_as_kept(ask: Ask, service: Service) -> None:
    ask("PUT", "/leads/S-12", json={"lead": {"created_at": CREATED, "employees": "many"}})
    answer = recorded(service, {"lead": {"lead_id": "S-12", "colour": "red"}})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "lead.employees")
    assert answer.json()["detail"].startswith("The lead and its events are kept, but not scored. ")
    assert "red" in ask("GET", "/leads/S-12").text


def test_a_store_that_is_busy_after_it_has_kept_does_not_say_that_nothing_was_written(
    ask: Ask, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_busy(*_: object, **__: object) -> None:
        raise StoreBusyError("the store is held by others")

    monkeypatch.setattr(type(service.parts.recorder), "score_now", is_busy)
    answer = recorded(service, {"lead": {"lead_id": "S-13", "created_at": CREATED}})
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:leadlens:problem:kept-not-scored")
    assert answer.json()["detail"].startswith("The lead and its events are kept, but not scored.")
    assert ask("GET", "/leads/S-13").status_code == 200


def test_a_recorded_request_that_comes_again_with_its_key_keeps_its_events_once(
    ask: Ask, service: Service
) -> None:
    event = {"type": "page_view", "occurred_at": "2026-11-20T17:02:11Z"}
    body = {"lead": {"lead_id": "S-14", "created_at": CREATED}, "events": [event]}
    headers = {"Authorization": f"Bearer {recording_key(service)}", "Idempotency-Key": "s-14"}
    answers = [
        service.client.post("/score?record=true", json=sent, headers=headers)
        for sent in (body, body, {**body, "events": []})
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 422]
    assert answers[0].json() == answers[1].json()
    told = ask("GET", "/leads/S-14/timeline").json()["happenings"]
    assert [one["kind"] for one in told].count("event") == 1
