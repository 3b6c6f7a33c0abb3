"""Acknowledgements, contacts, clocks and notices over HTTP."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from fake_assigning import FakeAssigning
from service_here import NOW, Service

from decisions.clocks.policy import DEFAULT_CLOCKS
from serving.store.schema import ALIASES
from serving.store.schema_selling import NOTICES

Ask = Callable[..., Any]
MINUTE_US = 60_000_000
ASSIGNED = NOW - 30 * MINUTE_US
_numbers = count()


@pytest.fixture
def lead(ask: Ask, service: Service) -> str:
    """A new lead, which ann has had for half an hour."""
    lead_id = f"clocks-{next(_numbers)}"
    ask("PUT", f"/leads/{lead_id}", json={"lead": {"created_at": "2026-11-02T08:00:00Z"}})

    def assigned(connection: sa.Connection) -> None:
        number = connection.execute(
            sa.select(ALIASES.c.lead).where(ALIASES.c.lead_id == lead_id)
        ).scalar_one()
        FakeAssigning(DEFAULT_CLOCKS).assign(connection, f"a-{lead_id}", number, ASSIGNED)

    service.parts.store.write(assigned)
    return lead_id


def test_a_lead_is_acknowledged_once(ask: Ask, lead: str) -> None:
    first = ask("POST", f"/leads/{lead}/acknowledged", json={"rep": "ann", "at": "2026-11-21T09:04:00Z"})
    assert first.status_code == 200
    assert first.json() == {
        "lead_id": lead,
        "assignment": f"a-{lead}",
        "rep": "ann",
        "at": "2026-11-21T09:04:00Z",
        "state": "acknowledged",
    }
    again = ask("POST", f"/leads/{lead}/acknowledged", json={})
    assert again.json() == {**first.json(), "state": "unchanged"}


def test_a_contact_is_kept_once(ask: Ask, lead: str) -> None:
    body = {"rep": "ann", "at": "2026-11-21T09:10:00Z", "channel": "phone", "outcome": "left_message"}
    first = ask("POST", f"/leads/{lead}/contacted", json=body)
    assert (first.status_code, first.json()) == (
        200,
        {"lead_id": lead, "assignment": f"a-{lead}", "state": "kept", **body},
    )
    assert ask("POST", f"/leads/{lead}/contacted", json=body).json()["state"] == "unchanged"
    other = ask("POST", f"/leads/{lead}/contacted", json={**body, "rep": "bob"}).json()
    assert (other["assignment"], other["state"]) == (None, "kept")


def test_a_contact_without_a_moment_is_kept_once_for_each_key(ask: Ask, lead: str) -> None:
    sent: dict[str, Any] = {"json": {"channel": "phone", "outcome": "no_answer"}}
    sent["headers"] = {"Idempotency-Key": f"contact of {lead}"}
    first, again = (ask("POST", f"/leads/{lead}/contacted", **sent) for _ in range(2))
    assert (first.status_code, first.json()["rep"]) == (200, "ann")
    assert again.content == first.content


def test_a_contact_noted_with_two_leads_is_one_when_these_are_merged(ask: Ask) -> None:
    names = [f"contacted-{next(_numbers)}" for _ in range(2)]
    body = {"rep": "ann", "at": "2026-11-20T10:00:00Z", "channel": "phone", "outcome": "reached"}
    for name in names:
        ask("PUT", f"/leads/{name}", json={"lead": {"created_at": "2026-11-02T08:00:00Z"}})
        assert ask("POST", f"/leads/{name}/contacted", json=body).is_success
    merged = ask("POST", f"/leads/{names[0]}/merge", json={"lead_ids": names[1:]})
    assert (merged.status_code, merged.json().get("merged")) == (200, names[1:])
    assert ask("POST", f"/leads/{names[0]}/contacted", json=body).json()["state"] == "unchanged"


def test_the_clocks_of_a_lead_are_told(ask: Ask, lead: str) -> None:
    ask("POST", f"/leads/{lead}/acknowledged", json={"at": "2026-11-21T09:04:00Z"})
    told = ask("GET", f"/leads/{lead}/clocks").json()
    assert told["lead_id"] == lead
    [one] = told["assignments"]
    assert (one["rep"], one["state"], one["assigned_at"]) == ("ann", "offered", "2026-11-21T09:00:00Z")
    assert one["acknowledged"] == {"by_wall_seconds": 240.0, "by_working_seconds": 240.0}
    assert (one["contacted"], one["accepted"], one["ended_at"], one["hops"]) == (None, None, None, 0)
    by_kind = {timer["kind"]: timer for timer in one["timers"]}
    assert by_kind["acknowledge"] == {
        "kind": "acknowledge",
        "stage": "",
        "step": 0,
        "counted_in": "working",
        "due_at": "2026-11-21T09:05:00Z",
        "due_by_wall": "2026-11-21T09:05:00Z",
        "due_by_working": "2026-11-21T09:05:00Z",
        "met_at": "2026-11-21T09:04:00Z",
        "fired_at": None,
        "status": "kept",
    }
    assert by_kind["first_contact"]["status"] == "running"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("acknowledged", {"at": "soon"}, "at"),
        ("acknowledged", {"at": "2027-01-01T00:00:00Z"}, "at"),
        ("acknowledged", {"rep": ""}, "rep"),
        ("acknowledged", {"who": "ann"}, "who"),
        ("contacted", {"channel": "phone"}, "outcome"),
        ("contacted", {"outcome": "reached"}, "channel"),
        ("contacted", {"channel": "pigeon", "outcome": "reached"}, "channel"),
        ("contacted", {"channel": "phone", "outcome": ["reached"]}, "outcome"),
        ("contacted", [], "body"),
    ],
)
def test_what_is_wrong_is_said(ask: Ask, lead: str, path: str, body: Any, field: str) -> None:
    refused = ask("POST", f"/leads/{lead}/{path}", json=body)
    assert refused.status_code == 422
    assert field in [fault["field"] for fault in refused.json()["errors"]]


def test_a_lead_of_another_or_of_nobody_is_not_acknowledged(ask: Ask, lead: str) -> None:
    ask("PUT", "/leads/clocks-free", json={"lead": {"created_at": "2026-11-02T08:00:00Z"}})
    for path, body in ((lead, {"rep": "bob"}), ("clocks-free", {})):
        refused = ask("POST", f"/leads/{path}/acknowledged", json=body)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:leadlens:problem:not-theirs")
    refused = ask("POST", "/leads/clocks-free/contacted", json={"channel": "email", "outcome": "no_answer"})
    assert refused.status_code == 409
    assert ask("GET", "/leads/clocks-free/clocks").json()["assignments"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/leads/nobody/acknowledged"), ("GET", "/leads/nobody/clocks"), ("POST", "/notices/0/done")],
)
def test_what_is_not_there_is_404(ask: Ask, method: str, path: str) -> None:
    body = {"json": {}} if path.endswith("acknowledged") else {}
    assert ask(method, path, **body).status_code == 404


def test_notices_are_listed_filtered_and_done(ask: Ask, lead: str, service: Service) -> None:
    rows = [
        {"lead": 1, "kind": kind, "to": to, "text": f"text {place}", "at": NOW + place}
        for place, (kind, to) in enumerate([("reminder", "eve"), ("escalation", "eve"), ("reminder", None)])
    ]

    def kept(connection: sa.Connection) -> None:
        number = connection.execute(sa.select(ALIASES.c.lead).where(ALIASES.c.lead_id == lead)).scalar_one()
        connection.execute(NOTICES.insert(), [row | {"lead": number} for row in rows])

    service.parts.store.write(kept)

    def texts(query: str) -> list[str]:
        return [one["text"] for one in ask("GET", f"/notices?{query}").json()["notices"]]

    assert texts("rep=eve") == ["text 1", "text 0"]
    assert texts("rep=eve&kind=reminder") == ["text 0"]
    assert texts("since=2026-11-21T09:30:00.000001Z")[:2] == ["text 2", "text 1"]
    page = ask("GET", "/notices?rep=eve&limit=1").json()
    assert texts(f"rep=eve&limit=1&cursor={page['next']}") == ["text 0"]
    [first] = page["notices"]
    assert (first["lead_id"], first["to"], first["done_at"]) == (lead, "eve", None)
    done = ask("POST", f"/notices/{first['id']}/done")
    assert done.json() == {**first, "done_at": "2026-11-21T09:30:00Z"}
    assert ask("POST", f"/notices/{first['id']}/done").json() == done.json()
    assert texts("rep=eve&open=true") == ["text 0"]
    assert texts("rep=eve&open=false") == ["text 1"]


@pytest.mark.parametrize("query", ["kind=song", "open=maybe", "since=soon", "limit=0", "cursor=x", "to=ann"])
def test_a_query_that_is_wrong_is_refused(ask: Ask, query: str) -> None:
    assert ask("GET", f"/notices?{query}").status_code == 422
