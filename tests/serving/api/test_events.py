"""Events and outcomes over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from service_here import Service

from serving.api.event_fields import EventFields
from serving.wire.values import Faults

Ask = Callable[..., Any]
AT = "2026-11-20T17:02:11Z"


def event(of: str, **fields: Any) -> dict[str, Any]:
    return {"lead_id": of, "type": "page_view", "occurred_at": AT, **fields}


def test_events_are_kept_once_and_said_in_order(ask: Ask) -> None:
    first = event("E-1", event_id="e-1", properties={"page": "pricing"})
    other = {**first, "properties": {"page": "home"}}
    answer = ask("POST", "/events", json={"events": [first, first, other, event("E-1"), {"lead_id": "E-1"}]})
    assert answer.status_code == 200
    *kept, bad = answer.json()["events"]
    assert [one["state"] for one in kept] == ["kept", "repeated", "differs", "kept"]
    assert [one["event_id"] for one in kept] == ["e-1", "e-1", "e-1", None]
    assert [error["field"] for error in bad["errors"]] == ["events[4].type", "events[4].occurred_at"]
    ask("PUT", "/leads/E-1", json={"lead": {"created_at": "2026-11-02T08:00:00Z"}})
    told = ask("GET", "/leads/E-1/timeline").json()["happenings"]
    events = [one["event"] for one in told if one["kind"] == "event"]
    assert sorted(one["properties"] is None for one in events) == [False, True]


def test_events_of_a_lead_that_nobody_sent_are_kept_until_it_comes(ask: Ask) -> None:
    ask("POST", "/events", json={"events": [event("E-2", event_id="e-2")]})
    announced = ask("GET", "/leads/E-2")
    assert announced.status_code == 404
    assert announced.json()["detail"] == (
        "Events or outcomes are kept for this id, but the lead itself was not sent yet."
    )
    assert ask("GET", "/leads/E-none").json()["detail"] == "No lead has this id."
    assert ask("GET", "/leads/E-2/score", scope="score").status_code == 404
    ask("PUT", "/leads/E-2", json={"lead": {"created_at": "2026-11-02T08:00:00Z"}})
    assert len(ask("GET", "/leads/E-2/timeline").json()["happenings"]) == 1


def test_the_company_own_names_of_events_are_understood(ask: Ask) -> None:
    own = {"user": "E-3", "kind": "Email Opened", "time_stamp": AT, "row": "e-3", "page": "home"}
    answer = ask("POST", "/events", json={"events": [own]})
    assert answer.json() == {"events": [{"event_id": "e-3", "state": "kept"}], "warnings": []}
    ask("PUT", "/leads/E-3", json={"lead": {}})
    [told] = ask("GET", "/leads/E-3/timeline").json()["happenings"]
    assert (told["event"]["type"], told["event"]["properties"]) == ("Email Opened", {"page": "home"})


def test_fields_that_nothing_is_made_of_are_said(ask: Ask) -> None:
    answer = ask("POST", "/events", json={"events": [event("E-4", known_at=AT, colour="red")]})
    assert answer.json()["warnings"] == [
        "The events' known_at is not taken from requests: an event is known since it arrived.",
        "The events' field 'colour' is not known, and is ignored.",
    ]


@pytest.mark.parametrize(
    ("fields", "field", "expected"),
    [
        ({"occurred_at": "2026-11-21T09:40:01Z"}, "occurred_at", "a time that is not in the future"),
        ({"occurred_at": "1899-12-31T00:00:00Z"}, "occurred_at", "a year from 1900 to 2200"),
        ({"type": "a\0"}, "type", "text without NUL characters"),
        ({"event_id": "\0"}, "event_id", "text without NUL characters"),
        ({"lead_id": "\0"}, "lead_id", "text without NUL characters"),
        ({"properties": {"a": [{"b": "\0"}]}}, "properties", "text without NUL characters"),
        ({"properties": {"\0": 1}}, "properties", "text without NUL characters"),
        ({"properties": {"n": 10**30}}, "properties", "a number that a computer can hold"),
        ({"properties": []}, "properties", "a JSON object"),
        ({"value": "many"}, "value", "a number"),
        ({"user": "x"}, "lead_id", "either lead_id or user"),
    ],
)
def test_what_cannot_be_kept_of_an_event_is_said(ask: Ask, fields: Any, field: str, expected: str) -> None:
    answer = ask("POST", "/events", json={"events": [event("E-5", **fields)]})
    [problem] = answer.json()["events"]
    [error] = problem["errors"]
    assert (error["field"], error["expected"]) == (f"events[0].{field}", expected)


def test_a_day_alone_stands_for_its_end_also_while_it_is_not_over(ask: Ask) -> None:
    sent = {"events": [event("E-6", event_id="e-6", occurred_at="2026-11-21T23:59:59.999999Z")]}
    assert (
        ask(
            "POST",
            "/outcomes",
            json={"outcomes": [{"lead_id": "E-6", "outcome": "won", "occurred_at": "2026-11-21"}]},
        ).json()["outcomes"][0]["state"]
        == "kept"
    )
    assert ask("POST", "/events", json=sent).json()["events"][0]["state"] == "kept"


def test_too_many_events_are_refused_as_a_whole(ask: Ask) -> None:
    answer = ask("POST", "/events", json={"events": [event("E-7")] * 1_001})
    assert (answer.status_code, answer.json()["errors"][0]["expected"]) == (422, "at most 1000 of them")


def test_a_request_with_a_key_of_its_own_is_done_once(ask: Ask) -> None:
    sent = {
        "events": [
            event("E-8"),
            {"lead_id": "E-8", "type": "page_view", "occurred_at": "2027-01-01T00:00:00Z"},
        ]
    }
    key = {"Idempotency-Key": "0b6f3c1c"}
    first = ask("POST", "/events", json=sent, headers=key)
    second = ask("POST", "/events", json=sent, headers=key)
    assert first.content == second.content
    ask("PUT", "/leads/E-8", json={"lead": {}})
    assert len(ask("GET", "/leads/E-8/timeline").json()["happenings"]) == 1
    other = ask("POST", "/events", json={"events": []}, headers=key)
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    elsewhere = ask("POST", "/outcomes", json={"outcomes": []}, headers=key)
    assert elsewhere.status_code == 422
    theirs = ask("POST", "/events", json=sent, headers=key, scope="admin")
    assert theirs.json()["events"][0]["state"] == "kept"


def test_a_request_that_comes_again_with_the_rotated_key_is_done_once(ask: Ask, service: Service) -> None:
    key, old = service.ring.create("the CRM", ["ingest"])
    rotated = service.ring.rotate(key.id, 1_000_000)
    assert rotated is not None
    sent = {"events": [event("E-9")]}
    answers = [
        ask(
            "POST",
            "/events",
            json=sent,
            headers={"Authorization": f"Bearer {text}", "Idempotency-Key": "over the change"},
        )
        for text in (old, rotated[1])
    ]
    assert answers[0].content == answers[1].content
    ask("PUT", "/leads/E-9", json={"lead": {}})
    assert len(ask("GET", "/leads/E-9/timeline").json()["happenings"]) == 1


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "é".encode()])
def test_a_key_of_a_request_is_short_plain_text(ask: Ask, key: Any) -> None:
    answer = ask("POST", "/events", json={"events": []}, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


def test_outcomes_are_corrected_reversed_and_decide_what_is_scored(ask: Ask) -> None:
    ask("PUT", "/leads/O-1", json={"lead": {"created_at": "2026-11-02T08:00:00Z", "employees": 9}})

    def state(**fields: Any) -> str:
        sent = {"lead_id": "O-1", "outcome": "lost", "occurred_at": AT, "outcome_id": "o-1", **fields}
        return str(ask("POST", "/outcomes", json={"outcomes": [sent]}).json()["outcomes"][0]["state"])

    assert [state(), state(), state(outcome="disqualified")] == ["kept", "repeated", "corrected"]
    refused = ask("GET", "/leads/O-1/score", scope="score")
    assert (refused.status_code, refused.json()["stage"]) == (409, "disqualified")
    assert refused.json()["type"] == "urn:leadlens:problem:not-open"
    before = ask("GET", "/leads/O-1/score?as_of=2026-11-10", scope="score")
    assert before.json()["as_of"] == "2026-11-10T23:59:59.999999Z"
    assert [state(outcome="reversed"), state(outcome="reversed")] == ["reversed", "nothing"]
    assert ask("GET", "/leads/O-1/score", scope="score").status_code == 200


def test_an_outcome_that_does_not_exist_is_refused(ask: Ask) -> None:
    answer = ask(
        "POST", "/outcomes", json={"outcomes": [{"lead_id": "O-2", "outcome": "maybe", "occurred_at": AT}]}
    )
    [problem] = answer.json()["outcomes"]
    assert problem["errors"][0]["field"] == "outcomes[0].outcome"


def test_an_outcome_is_answered_with_how_its_lead_stands_once_all_are_kept(ask: Ask) -> None:
    sent = [
        {"lead_id": "O-3", "outcome": "won", "occurred_at": AT, "outcome_id": "o-3"},
        {"lead_id": "O-4", "outcome": "lost", "occurred_at": AT},
        {"lead_id": "O-3", "outcome": "reversed", "occurred_at": AT, "outcome_id": "o-3"},
    ]
    key = {"Idempotency-Key": "how they stand"}
    first, again = (ask("POST", "/outcomes", json={"outcomes": sent}, headers=key).json() for _ in range(2))
    said = [(one["state"], one["standing"]) for one in first["outcomes"]]
    assert said == [("kept", "open"), ("kept", "lost"), ("reversed", "open")]
    assert again == first


def test_what_was_kept_is_told_as_kept_though_another_champion_does_not_understand_it(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = {
        "json": {"events": [event("E-again", event_id="e-again"), {}]},
        "headers": {"Idempotency-Key": "again"},
    }
    first = ask("POST", "/events", **sent).json()["events"]

    def refuse(_self: object, _event: object, _now: int, faults: Faults) -> None:
        faults.say("type", "another", "this", "Send another.")

    monkeypatch.setattr(EventFields, "read", refuse)
    kept, bad = ask("POST", "/events", **sent).json()["events"]
    assert kept == first[0] == {"event_id": "e-again", "state": "kept"}
    assert bad["status"] == 422
