"""Policies over HTTP: drafts, and what is in force."""

from collections.abc import Callable
from typing import Any

import pytest
from service_here import Service

Ask = Callable[..., Any]
TEXT = 'name = "of a test"\nscore_threshold = 61\n'


@pytest.fixture
def admin(ask: Ask, service: Service) -> Ask:
    def asked(method: str, path: str, **sent: Any) -> Any:
        return ask(method, path, scope="read" if method == "GET" else "admin", **sent)

    return asked


def test_a_draft_changes_is_published_and_is_in_force_until_another_is(
    admin: Ask, ask: Ask, service: Service
) -> None:
    before = admin("GET", "/policy").json()
    made = admin("POST", "/policies", json={"text": TEXT, "note": "less for sales"})
    assert (made.status_code, made.json()["state"], made.json()["note"]) == (201, "draft", "less for sales")
    version = made.json()["version"]
    changed = admin("PUT", f"/policies/{version}", json={"text": TEXT.replace("61", "62")}).json()
    assert (changed["version"], changed["text"], changed["note"]) == (version, TEXT.replace("61", "62"), None)
    assert admin("GET", "/policy").json() == before, "a draft decides nothing"
    published = admin("POST", f"/policies/{version}/publish").json()
    assert (published["state"], published["is_in_force"]) == ("published", True)
    now = admin("GET", "/policy").json()
    assert (now["version"], now["sha256"]) == (version, published["sha256"])
    assert now["content"]["score_threshold_by_rung"] == {"points": 62, "blend": 62, "model": 62}
    acts = ask("GET", "/audit-log", scope="admin").json()["acts"]
    assert (acts[0]["act"], acts[0]["about"]["version"]) == ("policy published", version)
    ask("PUT", "/leads/P-1", json={"lead": {"employees": 250}})
    decided = ask("POST", "/leads/P-1/decide", scope="score").json()
    assert (decided["policy_version"], decided["decision"]["over_threshold"]) == (version, True)
    for method, path in (("PUT", f"/policies/{version}"), ("DELETE", f"/policies/{version}")):
        answer = admin(method, path, **({"json": {"text": TEXT}} if method == "PUT" else {}))
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:leadlens:problem:not-draft")
    default = admin("POST", "/policies", json={"text": ""}).json()["version"]
    assert admin("POST", f"/policies/{default}/publish").is_success
    listed = admin("GET", "/policies?limit=2").json()
    assert [(one["version"], one["is_in_force"]) for one in listed["policies"]] == [
        (default, True),
        (version, False),
    ]
    older = admin("GET", f"/policies?cursor={version}").json()["policies"]
    assert all(one["version"] < version for one in older)


def test_a_draft_that_is_withdrawn_is_gone(admin: Ask) -> None:
    version = admin("POST", "/policies", json={"text": TEXT}).json()["version"]
    gone = admin("DELETE", f"/policies/{version}")
    assert gone.json() == {"version": version, "state": "withdrawn"}
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/publish"),
    ):
        assert admin(method, f"/policies/{version}{path}").status_code == 404
    assert admin("GET", "/policies/first").status_code == 404


def test_a_wrong_policy_is_refused_line_by_line(admin: Ask) -> None:
    wrong = '[disqualifiers.rival]\nwhen = "no_such_name == 1"\ncategory = "c"\nwords = "w"\n'
    answer = admin("POST", "/policies", json={"text": wrong})
    assert answer.status_code == 422
    [fault] = answer.json()["errors"]
    assert "line 2" in fault["field"]
    assert "no_such_name" in fault["found"]


def test_who_may_only_read_writes_no_policy(ask: Ask) -> None:
    assert ask("POST", "/policies", scope="ingest", json={"text": TEXT}).status_code == 403
    assert ask("GET", "/policies", scope="read").status_code == 200
