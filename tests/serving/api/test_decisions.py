"""Decisions about leads over HTTP."""

from collections.abc import Callable
from typing import Any

from service_here import Service

Ask = Callable[..., Any]
CREATED = "2026-11-02T08:00:00Z"


def put(ask: Ask, lead_id: str, **cells: Any) -> None:
    assert ask("PUT", f"/leads/{lead_id}", json={"lead": {"created_at": CREATED, **cells}}).is_success


def act(ask: Ask, lead_id: str, kind: str = "page_view") -> None:
    event = {"lead_id": lead_id, "type": kind, "occurred_at": "2026-11-20T10:00:00Z"}
    assert ask("POST", "/events", json={"events": [event]}).is_success


def decide(ask: Ask, lead_id: str) -> dict[str, Any]:
    answer = ask("POST", f"/leads/{lead_id}/decide", scope="score")
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def test_a_lead_is_decided_on_and_the_decision_names_the_rules(ask: Ask) -> None:
    put(ask, "D-1", employees=400)
    act(ask, "D-1")
    told = decide(ask, "D-1")
    decision = told["decision"]
    assert (decision["action"], decision["stage"], decision["queue"]) == ("route", "SQL", "sales")
    assert decision["rule"] in {fired["rule"] for fired in decision["trace"]}
    kept = ask("GET", "/leads/D-1/decisions").json()
    assert [one["decision"] for one in kept["decisions"]] == [decision]
    assert kept["next"] is None


def test_the_state_of_a_lead_tells_stages_answers_and_why(ask: Ask) -> None:
    put(ask, "D-2", employees=1, budget="yes")
    before = ask("GET", "/leads/D-2/state").json()
    assert (before["decision"], before["stages"], before["looked_at"]) == (None, [], None)
    act(ask, "D-2")
    decide(ask, "D-2")
    ask("POST", "/leads/D-2/bant", json={"answers": {"need": "no"}, "author": "rep-1"})
    told = ask("GET", "/leads/D-2/state").json()
    assert told["decision"]["decision"]["why"]
    assert [(one["stage"], one["left_at"], one["by"]) for one in told["stages"]] == [("IQL", None, "policy")]
    assert [(one["question"], one["answer"], one["source"]) for one in told["bant"]] == [
        ("budget", "yes", "columns"),
        ("authority", "unknown", None),
        ("need", "no", "rep"),
        ("timeline", "unknown", None),
    ]


def test_decisions_come_page_by_page(ask: Ask) -> None:
    put(ask, "D-3")
    for stage in ("opportunity", "recycled", "opportunity"):
        assert ask("PUT", "/leads/D-3/stage", json={"stage": stage, "author": "rep-1"}).is_success
        decide(ask, "D-3")
    first = ask("GET", "/leads/D-3/decisions?limit=2").json()
    rest = ask("GET", f"/leads/D-3/decisions?limit=2&cursor={first['next']}").json()
    stages = [one["decision"]["stage"] for one in (*first["decisions"], *rest["decisions"])]
    assert stages == ["opportunity", "recycled", "opportunity"]
    assert rest["next"] is None
    assert ask("GET", "/leads/D-3/decisions?cursor=x").status_code == 422


def test_an_ended_lead_is_decided_on_too(ask: Ask) -> None:
    put(ask, "D-4")
    ask(
        "POST", "/outcomes", json={"outcomes": [{"lead_id": "D-4", "outcome": "won", "occurred_at": CREATED}]}
    )
    assert (decide(ask, "D-4")["decision"]["stage"], decide(ask, "D-4")["decision"]["action"]) == (
        "customer",
        "none",
    )


def test_a_lead_that_is_not_there_has_no_decision(ask: Ask, service: Service) -> None:
    for method, path, scope in (
        ("POST", "decide", "score"),
        ("GET", "decisions", "read"),
        ("GET", "state", "read"),
    ):
        assert ask(method, f"/leads/nobody-at-all/{path}", scope=scope).status_code == 404
    wrong = service.client.post("/v1/leads/D-1/decide", headers=service.headers("read"))
    assert wrong.status_code == 403
