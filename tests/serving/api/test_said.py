"""What reps say of leads over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

Ask = Callable[..., Any]
CREATED = "2026-11-02T08:00:00Z"
AHEAD = "2026-12-24T00:00:00Z"


@pytest.fixture
def lead(ask: Ask, request: pytest.FixtureRequest) -> str:
    lead_id = f"S-{abs(hash(request.node.nodeid))}"
    assert ask("PUT", f"/leads/{lead_id}", json={"lead": {"created_at": CREATED}}).is_success
    return f"/leads/{lead_id}"


def decided(ask: Ask, lead: str) -> dict[str, Any]:
    return ask("POST", f"{lead}/decide", scope="score").json()["decision"]  # type: ignore[no-any-return]


def test_answers_are_kept_with_author_and_date_and_the_newest_stands(ask: Ask, lead: str) -> None:
    first = {"answers": {"budget": "yes", "need": "yes"}, "author": "rep-1", "note": "met them"}
    assert ask("POST", f"{lead}/bant", json=first | {"answered_at": "2026-11-20T10:00:00Z"}).is_success
    told = ask("POST", f"{lead}/bant", json={"answers": {"budget": "no"}, "author": "rep-2"}).json()
    assert [one["answer"] for one in told["bant"]] == ["no", "unknown", "yes", "unknown"]
    assert (told["answers"][0]["author"], told["answers"][0]["note"]) == ("rep-2", None)
    assert told["answers"][1]["answered_at"] == "2026-11-20T10:00:00Z"
    assert ask("GET", f"{lead}/bant").json() == told
    assert decided(ask, lead)["bant"]["budget"] == "no"


def test_feedback_is_kept_shown_counted_and_decided_by(ask: Ask, lead: str) -> None:
    since = "2026-11-21T09:30:00Z"
    before = {
        one["kind"] + one["reason"]: one["count"]
        for one in ask("GET", f"/feedback?since={since}").json()["counts"]
    }
    sent: list[dict[str, Any]] = [
        {"kind": "accepted", "note": "mine"},
        {"kind": "wrong_score", "reason": "they are tiny"},
        {"kind": "rejected", "reason": "too_early", "note": "next year"},
        {"kind": "disqualified", "category": "spam", "until": AHEAD},
        {"kind": "reinstated", "reason": "it was real"},
        {"kind": "override", "action": "route", "queue": "sales", "reason": "the board", "expires_at": AHEAD},
    ]
    stages = []
    for body in sent:
        answer = ask("POST", f"{lead}/feedback", json=body | {"author": "rep-1"})
        assert answer.status_code == 200, answer.text
        assert answer.json()["kind"] == body["kind"]
        now = decided(ask, lead)
        stages.append((now["action"], now["stage"], now["queue"]))
    assert stages == [
        ("route", "SQL", "sales"),
        ("route", "SQL", "sales"),
        ("nurture", "recycled", None),
        ("out", "disqualified", None),
        ("nurture", None, None),
        ("route", None, "sales"),
    ]
    page = ask("GET", f"{lead}/feedback?limit=4").json()
    rest = ask("GET", f"{lead}/feedback?limit=4&cursor={page['next']}").json()
    kinds = [one["kind"] for one in (*page["feedback"], *rest["feedback"])]
    assert kinds == [one["kind"] for one in reversed(sent)]
    counts = ask("GET", f"/feedback?since={since}").json()["counts"]
    after = {one["kind"] + one["reason"]: one["count"] for one in counts}
    assert after["rejectedtoo_early"] == before.get("rejectedtoo_early", 0) + 1
    assert {one["kind"] for one in ask("GET", "/feedback?kind=override").json()["counts"]} == {"override"}


@pytest.mark.parametrize(
    ("body", "field", "expected"),
    [
        ({"kind": "rejected", "reason": "bored"}, "reason", "one of no_need"),
        ({"kind": "rejected"}, "reason", "a value for rejected"),
        ({"kind": "accepted", "category": "x"}, "category", "only note for accepted"),
        ({"kind": "override", "reason": "x", "expires_at": AHEAD}, "body", "some of action"),
        (
            {"kind": "override", "reason": "x", "action": "route", "expires_at": CREATED},
            "expires_at",
            "future",
        ),
        ({"kind": "disqualified"}, "category", "a value"),
        ({"kind": "praised"}, "kind", "input should be"),
        ({"kind": "accepted", "author": "policy"}, "author", "who says so"),
        ({"kind": "accepted", "author": 7}, "author", "valid string"),
        ({"kind": "accepted", "mood": "good"}, "mood", "only kind, author"),
        ({"kind": "accepted", "author": None}, "author", "valid string"),
    ],
)
def test_feedback_that_makes_no_sense_is_refused_by_field(
    ask: Ask, lead: str, body: dict[str, Any], field: str, expected: str
) -> None:
    answer = ask("POST", f"{lead}/feedback", json={"author": "rep-1"} | body)
    assert answer.status_code == 422
    assert [(one["field"], expected in one["expected"]) for one in answer.json()["errors"]] == [(field, True)]
    assert ask("GET", f"{lead}/feedback").json()["feedback"] == []


def test_what_is_said_with_a_key_of_its_own_is_kept_once(ask: Ask, lead: str) -> None:
    key = {"Idempotency-Key": f"said of {lead}"}
    body = {"kind": "wrong_score", "reason": "they are tiny", "author": "rep-1"}
    first, again = (ask("POST", f"{lead}/feedback", json=body, headers=key) for _ in range(2))
    assert (first.status_code, again.content) == (200, first.content)
    assert len(ask("GET", f"{lead}/feedback").json()["feedback"]) == 1
    other = "/leads/another-lead-is-said-of"
    assert ask("PUT", other, json={"lead": {"created_at": CREATED}}).is_success
    for path, sent in ((lead, body | {"author": "rep-2"}), (other, body)):
        refused = ask("POST", f"{path}/feedback", json=sent, headers=key)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert ask("GET", f"{other}/feedback").json()["feedback"] == []


def test_answers_with_a_key_of_their_own_are_kept_once(ask: Ask, lead: str) -> None:
    key = {"Idempotency-Key": f"answers of {lead}"}
    body = {"answers": {"budget": "yes"}, "author": "rep-1"}
    told = [ask("POST", f"{lead}/bant", json=body, headers=key).json()["answers"] for _ in range(2)]
    assert told[0] == told[1]
    assert len(told[0]) == 1


def test_sales_says_where_a_lead_is_and_an_ended_one_is_where_it_ended(ask: Ask, lead: str) -> None:
    body = {"stage": "opportunity", "author": "rep-1", "note": "they want an offer"}
    told = ask("PUT", f"{lead}/stage", json=body).json()
    assert (told["stage"], told["substage"], told["state"]) == ("opportunity", "evaluation", "changed")
    further = ask("PUT", f"{lead}/stage", json=body | {"substage": "negotiation"}).json()
    assert (further["substage"], further["by"]) == ("negotiation", "rep-1")
    assert ask("PUT", f"{lead}/stage", json=body | {"substage": "negotiation"}).json()["state"] == "unchanged"
    assert decided(ask, lead)["substage"] == "negotiation"
    wrong = ask("PUT", f"{lead}/stage", json=body | {"substage": "signing"})
    assert wrong.json()["errors"][0]["expected"] == "one of evaluation, proposal, negotiation"
    none = ask("PUT", f"{lead}/stage", json={"stage": "recycled", "substage": "x", "author": "rep-1"})
    assert none.json()["errors"][0]["expected"] == "none for this stage"
    lead_id = lead.rpartition("/")[2]
    lost = {"lead_id": lead_id, "outcome": "lost", "occurred_at": "2026-11-20T10:00:00Z"}
    ask("POST", "/outcomes", json={"outcomes": [lost]})
    answer = ask("PUT", f"{lead}/stage", json=body)
    assert (answer.status_code, answer.json()["type"], answer.json()["stage"]) == (
        409,
        "urn:leadlens:problem:not-open",
        "lost",
    )
    for kind, status in (("accepted", 409), ("wrong_score", 200)):
        said = {"kind": kind, "author": "rep-1"} | ({"reason": "odd"} if status == 200 else {})
        assert ask("POST", f"{lead}/feedback", json=said).status_code == status


@pytest.mark.parametrize("path", ["bant", "feedback"])
def test_of_a_lead_that_is_not_there_nothing_can_be_said(ask: Ask, path: str) -> None:
    body = {"bant": {"answers": {"need": "no"}}, "feedback": {"kind": "accepted"}}[path] | {"author": "r"}
    assert ask("POST", f"/leads/nobody-here/{path}", json=body).status_code == 404
    assert ask("GET", f"/leads/nobody-here/{path}").status_code == 404
    assert ask("POST", "/leads/nobody-here/bant", json={"answers": {}, "author": "r"}).status_code == 422


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "override", "queue": "nosuch", "reason": "x", "expires_at": AHEAD}, "queue"),
        ({"kind": "override", "track": "nosuch", "reason": "x", "expires_at": AHEAD}, "track"),
        ({"kind": "reinstated", "disqualifier": "studnet", "reason": "x"}, "disqualifier"),
    ],
)
def test_a_name_that_the_policy_does_not_know_is_refused(
    ask: Ask, lead: str, said: dict[str, Any], field: str
) -> None:
    answer = ask("POST", f"{lead}/feedback", json=said | {"author": "rep-1"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert "of the policy's" in answer.json()["errors"][0]["expected"]
