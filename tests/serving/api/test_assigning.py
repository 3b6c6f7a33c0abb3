"""Reps, assignments and queues over HTTP."""

from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from service_here import NOW, Service

from serving.store.schema import ALIASES
from serving.store.schema_selling import LEAD_STATES

Ask = Callable[..., Any]
_numbers = count()

REP = {
    "name": "Ana",
    "queues": [{"queue": "sales", "weight": 2}],
    "zone": "Europe/Berlin",
    "hours": [{"days": "mon-fri", "hours": ["09:00-12:00", "13:00-17:00"]}],
    "holidays": "DE-BY",
    "territories": ["DE:80*", "AT"],
    "capacity_open": 50,
    "manager": "max",
}


def a_lead(ask: Ask, service: Service, **state: Any) -> str:
    """Put a lead that is decided to go to sales."""
    lead_id = f"assigned-{next(_numbers)}"
    ask("PUT", f"/leads/{lead_id}", json={"lead": {"created_at": "2026-11-02T08:00:00Z"}})

    def decided(connection: sa.Connection) -> None:
        of_alias = sa.select(ALIASES.c.lead).where(ALIASES.c.lead_id == lead_id)
        values = {
            "lead": connection.execute(of_alias).scalar_one(),
            "decision_id": "d",
            "decided_at": NOW,
            "decided_as": "d",
            "policy_sha256": "0" * 64,
            "action": "route",
            "temperature": "hot",
            "queue": "sales",
            "rule": "routes.sales",
            "segments": {},
            "attributes": {},
        }
        connection.execute(LEAD_STATES.insert().values(values | state))

    service.parts.store.write(decided)
    return lead_id


@pytest.fixture
def reps(ask: Ask) -> None:
    """Two reps who are always there, and nobody else."""
    for rep in ask("GET", "/reps").json()["reps"]:
        ask("DELETE", f"/reps/{quote(rep['id'], safe='')}", scope="admin")
    for rep in ("ann", "bob"):
        body = {"name": rep.title(), "queues": [{"queue": "sales"}]}
        assert ask("PUT", f"/reps/{rep}", scope="admin", json=body).status_code in {200, 201}


def test_a_rep_is_put_told_and_leaves(ask: Ask) -> None:
    made = ask("PUT", "/reps/ana", scope="admin", json=REP)
    assert made.status_code == 201
    told = ask("GET", "/reps/ana").json()
    assert told == made.json()
    assert {name: told[name] for name in REP} == REP
    assert (told["id"], told["status"], told["languages"], told["open_now"]) == ("ana", "active", [], 0)
    again = ask("PUT", "/reps/ana", scope="admin", json={"name": "Ana"})
    assert (again.status_code, again.json()["hours"], again.json()["territories"]) == (200, None, [])
    assert ask("POST", "/reps/ana/status", scope="admin", json={"status": "away"}).json()["status"] == "away"
    assert ask("DELETE", "/reps/ana", scope="admin").json()["status"] == "left"
    assert "ana" in [rep["id"] for rep in ask("GET", "/reps").json()["reps"]]
    assert ask("PUT", "/reps/ana", scope="ingest", json=REP).status_code == 403


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"territories": ["Bavaria"]}, "territories[0]"),
        ({"hours": [{"days": "monday", "hours": ["09:00-17:00"]}]}, "hours"),
        ({"hours": [{"days": "mon", "hours": ["9 to 5"]}]}, "hours"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"holidays": "XX"}, "holidays"),
        ({"capacity_open": -1}, "capacity_open"),
        ({"capacity_open": "5"}, "capacity_open"),
        ({"queues": [{"queue": "sales", "weight": 0}]}, "queues.0.weight"),
        ({"colour": "blue"}, "colour"),
        ({"name": "a\0b"}, "body"),
    ],
)
def test_what_is_wrong_with_a_rep_is_said(ask: Ask, changed: dict[str, Any], field: str) -> None:
    answer = ask("PUT", "/reps/wrong", scope="admin", json=REP | changed)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert ask("GET", "/reps/wrong").status_code == 404


@pytest.mark.parametrize("rep_id", ["policy", "timer"])
def test_no_rep_has_a_name_by_which_stages_are_written(ask: Ask, rep_id: str) -> None:
    answer = ask("PUT", f"/reps/{rep_id}", json=REP, scope="admin")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "id")
    assert "a person" in answer.json()["errors"][0]["expected"]


def test_time_off_is_kept_in_the_reps_zone_once(ask: Ask) -> None:
    ask("PUT", "/reps/cem", scope="admin", json={"name": "Cem", "zone": "Europe/Berlin"})
    off = {"from": "2026-12-24", "to": "2026-12-26", "note": "holiday"}
    for _ in range(2):
        told = ask("POST", "/reps/cem/time-off", scope="admin", json=off).json()
    [one] = told["time_off"]
    assert (one["from"], one["note"]) == ("2026-12-23T23:00:00Z", "holiday")
    assert one["to"] == "2026-12-26T22:59:59.999999Z"
    ends_first = ask(
        "POST", "/reps/cem/time-off", scope="admin", json={"from": "2026-12-24", "to": "2026-12-01"}
    )
    assert ends_first.status_code == 422
    gone = ask("DELETE", f"/reps/cem/time-off/{one['id']}", scope="admin")
    assert gone.json()["time_off"] == []
    assert ask("DELETE", f"/reps/cem/time-off/{one['id']}", scope="admin").status_code == 404
    assert ask("POST", "/reps/nobody/time-off", scope="admin", json=off).status_code == 404


def test_a_lead_is_assigned_accepted_put_back_and_rejected(ask: Ask, service: Service, reps: None) -> None:
    lead = a_lead(ask, service)
    first = ask("POST", f"/leads/{lead}/assign", json={})
    assert first.status_code == 200
    assert first.json()["state"] == "changed"
    one = first.json()["assignment"]
    assert (one["state"], one["by"], one["queue"]) == ("offered", "policy", "sales")
    assert "turn of" in one["trace"][-1]["words"]
    assert ask("POST", f"/leads/{lead}/assign", json={}).json()["state"] == "unchanged"
    rep, other = one["rep"], {"ann": "bob", "bob": "ann"}[one["rep"]]
    refused = ask("POST", f"/leads/{lead}/accept", json={"rep": other})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:leadlens:problem:not-theirs")
    accepted = ask("POST", f"/leads/{lead}/accept", json={"rep": rep}).json()
    assert (accepted["assignment"]["state"], accepted["state"]) == ("accepted", "changed")
    back = ask("POST", f"/leads/{lead}/release", json={"rep": rep, "reason": "speaks Finnish"}).json()
    assert (back["assignment"]["state"], back["assignment"]["rep"]) == ("waiting", None)
    again = ask("POST", f"/leads/{lead}/assign", json={}).json()["assignment"]
    assert again["rep"] == other
    wrong = ask("POST", f"/leads/{lead}/reject", json={"rep": other, "reason": "no idea"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "reason")
    rejected = ask("POST", f"/leads/{lead}/reject", json={"rep": other, "reason": "no_budget"}).json()
    assert (rejected["assignment"]["state"], rejected["assignment"]["ended_because"]) == (
        "rejected",
        "no_budget",
    )
    told = ask("GET", f"/leads/{lead}/assignments").json()["assignments"]
    assert {(row["rep"], row["state"]) for row in told} == {
        (other, "rejected"),
        (None, "taken"),
        (rep, "released"),
    }


def test_managers_give_leads_by_hand_with_a_reason(ask: Ask, service: Service, reps: None) -> None:
    lead = a_lead(ask, service, action="nurture", queue=None)
    refused = ask("POST", f"/leads/{lead}/assign", json={})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:leadlens:problem:not-for-sales")
    needs = ask("POST", f"/leads/{lead}/assign", json={"rep": "bob"})
    assert [error["field"] for error in needs.json()["errors"]] == ["reason", "by"]
    by_hand = {"rep": "bob", "reason": "knows them", "by": "max"}
    made = ask("POST", f"/leads/{lead}/assign", json=by_hand).json()["assignment"]
    assert (made["rep"], made["by"], made["reason"]) == ("bob", "max", "knows them")
    ask("PUT", "/reps/ann", scope="admin", json={"name": "Ann", "capacity_open": 0})
    full = ask("POST", f"/leads/{lead}/assign", json=by_hand | {"rep": "ann"})
    assert (full.status_code, full.json()["type"]) == (409, "urn:leadlens:problem:no-room")
    over = ask("POST", f"/leads/{lead}/assign", json=by_hand | {"rep": "ann", "over_capacity": True})
    assert over.json()["assignment"]["rep"] == "ann"
    assert ask("POST", f"/leads/{lead}/assign", json=by_hand | {"rep": "nobody"}).status_code == 422
    assert ask("POST", "/leads/unheard-of/assign", json={}).status_code == 404
    outcome = {"lead_id": lead, "outcome": "lost", "occurred_at": "2026-11-20"}
    ask("POST", "/outcomes", json={"outcomes": [outcome]})
    over = ask("POST", f"/leads/{lead}/assign", json=by_hand)
    assert (over.status_code, over.json()["type"]) == (409, "urn:leadlens:problem:lead-closed")


def test_queues_tell_who_waits_and_how_fair_the_turns_were(ask: Ask, service: Service, reps: None) -> None:
    for _ in range(3):
        ask("POST", f"/leads/{a_lead(ask, service)}/assign", json={})
    [queue] = ask("GET", "/queues").json()["queues"]
    assert (queue["name"], queue["choose"], queue["claim"]) == ("sales", "weighted_round_robin", False)
    assert [member["rep"] for member in queue["members"]] == ["ann", "bob"]
    assert all(abs(share["deficit"]) < 1 for share in queue["pools"][0]["shares"])
    for rep in ("ann", "bob"):
        ask("POST", f"/reps/{rep}/status", scope="admin", json={"status": "away"})
    waits = a_lead(ask, service)
    before = queue["waiting"]
    ask("POST", f"/leads/{waits}/assign", json={})
    assert ask("GET", "/queues").json()["queues"][0]["waiting"] == before + 1
    told = ask("GET", "/queues/sales/leads?limit=200").json()
    assert waits in [lead["lead_id"] for lead in told["leads"]]
    assert ask("GET", "/queues/no%20such/leads").status_code == 404
    claimed = ask("POST", f"/leads/{waits}/claim", json={"rep": "ann"}).json()
    assert (claimed["assignment"]["state"], claimed["assignment"]["rep"]) == ("accepted", "ann")
    late = ask("POST", f"/leads/{waits}/claim", json={"rep": "bob"})
    assert (late.status_code, late.json()["type"]) == (409, "urn:leadlens:problem:taken")
