"""What may come next of a stored lead, over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from service_here import NOW, Service

from serving.store.schema import METADATA
from serving.wire.encoding import rfc_3339

Ask = Callable[..., Any]
CREATED = "2026-11-02T08:00:00Z"
AT = "2026-11-20T17:02:11Z"


def put(ask: Ask, lead_id: str, **columns: Any) -> None:
    ask("PUT", f"/leads/{lead_id}", json={"lead": {"created_at": CREATED, **columns}})


def what_if(ask: Ask, lead_id: str, body: Any = None, query: str = "") -> Any:
    return ask("POST", f"/leads/{lead_id}/what-if{query}", scope="score", json={} if body is None else body)


def test_each_plausible_event_is_foretold_beside_the_score_now(ask: Ask) -> None:
    put(ask, "W-1", employees=100)
    found = what_if(ask, "W-1")
    assert found.status_code == 200
    told = found.json()
    now = ask("GET", "/leads/W-1/score", scope="score").json()
    assert [told[name] for name in ("lead_id", "score", "probability", "rung", "model", "warnings")] == [
        now[name] for name in ("lead_id", "score", "probability", "rung", "model", "warnings")
    ]
    assert [(one["kind"], one["key"], one["change"]) for one in told["next"]] == [
        ("nothing", None, 0),
        ("act", "email_opened", 3),
        ("act", "page_view", 3),
        ("act", "page_view.pricing", 3),
    ]
    assert told["next"][3]["sentence"] == (
        "Once the lead has visited the pricing page, the model would say 53 (+3)."
    )
    assert (told["sent"], told["such_leads"], told["window_days"]) == ([], None, 7)
    assert "predictions" in told["note"]


def test_a_callers_own_events_are_foretold_each_and_together(ask: Ask) -> None:
    put(ask, "W-2")
    events = [
        {"type": "page_view", "properties": {"page": "pricing"}},
        {"kind": "Email Opened", "time_stamp": AT},
        {"type": "never_heard_of", "colour": "red"},
    ]
    told = what_if(ask, "W-2", {"events": events, "together": True}).json()
    assert [(one["kind"], one["key"], one["events"], one["change"]) for one in told["sent"]] == [
        ("act", "page_view.pricing", [0], 3),
        ("act", "email_opened", [1], 3),
        ("act", "never_heard_of", [2], 3),
        ("together", None, [0, 1, 2], 9),
    ]
    assert told["warnings"][-1] == "The events' field 'colour' is not known, and is ignored."
    assert what_if(ask, "W-2", {"events": events}).json()["sent"] == told["sent"][:3]
    touch = what_if(ask, "W-2", {"events": [{"type": "sales_call"}]}).json()["sent"]
    assert [one["kind"] for one in touch] == ["touch"]
    assert touch[0]["sentence"].startswith("Once we have called the lead, ")


def test_an_event_without_a_time_happens_at_the_moment_of_the_score(ask: Ask) -> None:
    put(ask, "W-3")
    at_once, told = (
        what_if(ask, "W-3", {"events": [{"type": "page_view", **more}]}).json()
        for more in ({}, {"occurred_at": rfc_3339(NOW)})
    )
    assert at_once["sent"] == told["sent"]
    assert at_once["sent"][0]["change"] == 3


def test_nothing_is_written(ask: Ask, service: Service) -> None:
    put(ask, "W-4")

    def rows() -> dict[str, Any]:
        with service.parts.store.reading() as connection:
            return {
                name: sorted(map(str, connection.execute(sa.select(table)).all()))
                for name, table in METADATA.tables.items()
                if name != "keys"  # when a key was last used is written later
            }

    before = rows()
    assert before["leads"]
    assert what_if(ask, "W-4", {"events": [{"type": "page_view"}]}).status_code == 200
    assert rows() == before


def test_it_is_foretold_as_of_a_past_moment_too(ask: Ask) -> None:
    put(ask, "W-5")
    ask("POST", "/events", json={"events": [{"lead_id": "W-5", "type": "page_view", "occurred_at": AT}]})
    assert what_if(ask, "W-5").json()["score"] == 43
    then = what_if(ask, "W-5", query="?as_of=2026-11-10").json()
    assert (then["score"], then["as_of"]) == (40, "2026-11-10T23:59:59.999999Z")
    late = what_if(ask, "W-5", {"events": [{"type": "page_view", "occurred_at": AT}]}, "?as_of=2026-11-10")
    assert (late.status_code, late.json()["errors"][0]["field"]) == (422, "events[0].occurred_at")
    for query, field in (("?as_of=2026-11-01", "?as_of"), ("?as_of=2026-11-22", "?as_of")):
        refused = what_if(ask, "W-5", query=query)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ({"x": 1}, "x"),
        ({"events": {}}, "events"),
        ({"events": [3]}, "events[0]"),
        ({"events": [{"type": "page_view", "occurred_at": "soon"}]}, "events[0].occurred_at"),
        ({"events": [{"type": "page_view", "occurred_at": "2026-11-22"}]}, "events[0].occurred_at"),
        ({"events": [{"occurred_at": AT}]}, "events[0].type"),
        ({"events": [{"type": "page_view", "value": "much"}]}, "events[0].value"),
        ({"events": [{"type": "page_view"}] * 51}, "events"),
        ({"together": 1}, "together"),
    ],
)
def test_what_cannot_be_foretold_is_said(ask: Ask, body: Any, field: str) -> None:
    put(ask, "W-6")
    answer = what_if(ask, "W-6", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_a_lead_that_is_not_known_not_open_or_not_readable_has_no_outlook(ask: Ask) -> None:
    assert what_if(ask, "W-none").status_code == 404
    put(ask, "W-7")
    ask("POST", "/outcomes", json={"outcomes": [{"lead_id": "W-7", "outcome": "won", "occurred_at": AT}]})
    closed = what_if(ask, "W-7")
    assert (closed.status_code, closed.json()["stage"]) == (409, "won")
    put(ask, "W-8", employees="many")
    unread = what_if(ask, "W-8")
    assert (unread.status_code, unread.json()["errors"][0]["field"]) == (422, "lead.employees")


def test_it_needs_a_key_that_may_score(ask: Ask) -> None:
    put(ask, "W-9")
    refused = ask("POST", "/leads/W-9/what-if", scope="read", json={})
    assert refused.status_code == 403
