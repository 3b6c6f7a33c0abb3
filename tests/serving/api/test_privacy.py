"""Everything of one person, handed out and erased over HTTP."""

import json
from collections.abc import Callable
from typing import Any

Ask = Callable[..., Any]
MARK = "kim.7f3a@acme.example.org"


def test_a_person_is_handed_out_and_then_erased_without_a_trace(ask: Ask) -> None:
    ask("PUT", "/leads/V-1", json={"lead": {"created_at": "2026-11-02T08:00:00Z", "email": MARK}})
    ask("PUT", "/leads/V-2", json={"lead": {"note": MARK}})
    ask(
        "POST",
        "/events",
        json={"events": [{"lead_id": "V-1", "type": "page_view", "occurred_at": "2026-11-20T10:00:00Z"}]},
    )
    ask("GET", "/leads/V-1/score", scope="score")
    ask("POST", "/leads/V-1/merge", json={"lead_ids": ["V-2"]})
    before = [act["act"] for act in ask("GET", "/audit-log", scope="admin").json()["acts"]]
    for path in ("/leads/V-2/export", "/leads/V-1/score"):  # nothing is noted of what is not handed out
        headers = ask("HEAD", path, scope="admin")
        assert (headers.status_code, headers.headers["allow"]) == (405, "GET")
    exported = ask("GET", "/leads/V-2/export", scope="admin")
    assert exported.status_code == 200
    assert MARK in json.dumps(exported.json())
    erased = ask("POST", "/leads/V-1/erase", scope="admin").json()
    assert (erased["leads"], erased["payloads"]) == (2, 1)
    for method, path in (("GET", "/leads/V-1/export"), ("POST", "/leads/V-2/erase"), ("GET", "/leads/V-1")):
        assert ask(method, path, scope="admin").status_code == 404
    acts = ask("GET", "/audit-log", scope="admin").json()["acts"]
    done = [act["act"] for act in acts]
    assert done[:3] == ["lead erased", "lead exported", before[0]]
    assert "V-1" not in json.dumps(acts)


def test_only_an_admin_hands_out_or_erases(ask: Ask) -> None:
    ask("PUT", "/leads/V-3", json={"lead": {}})
    for scope in ("read", "ingest", "score"):
        assert ask("GET", "/leads/V-3/export", scope=scope).status_code == 403
        assert ask("POST", "/leads/V-3/erase", scope=scope).status_code == 403
    assert ask("GET", "/leads/V-3").status_code == 200
