"""Leads of the store over HTTP."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

Ask = Callable[..., Any]
CREATED = "2026-11-02T08:00:00Z"
KEPT = ["lead_id", "state", "changed", "findings", "normalised", "duplicates", "warnings"]


def path_of(lead_id: str, rest: str = "") -> str:
    return f"/leads/{quote(lead_id, safe='')}{rest}"


def test_a_lead_is_created_changed_and_left_as_it_is(ask: Ask) -> None:
    lead = {"lead_id": "A-1", "created_at": CREATED, "employees": "420"}
    made = ask("PUT", "/leads/A-1", json={"lead": lead})
    assert (made.status_code, list(made.json())) == (201, KEPT)
    assert (made.json()["state"], made.json()["changed"]) == ("created", ["employees"])
    again = ask("PUT", "/leads/A-1", json={"lead": lead})
    assert (again.status_code, again.json()["state"], again.json()["changed"]) == (200, "unchanged", [])
    other = ask("PUT", "/leads/A-1", json={"lead": {"employees": None, "Job title": "CEO"}})
    assert (other.json()["state"], other.json()["changed"]) == ("changed", ["employees", "Job title"])
    told = ask("GET", "/leads/A-1").json()
    assert (told["columns"], told["created_at"], told["standing"]) == ({"Job title": "CEO"}, CREATED, "open")


def test_a_lead_is_found_by_whatever_id_it_has(ask: Ask) -> None:
    @examples(deadline=None)
    @given(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
    )
    def holds(lead_id: str) -> None:
        answer = ask("PUT", path_of(lead_id), json={"lead": {"created_at": CREATED}})
        if not lead_id.strip():
            assert answer.status_code == 422
            return
        assert answer.json()["lead_id"] == lead_id
        assert ask("GET", path_of(lead_id)).json()["lead_id"] == lead_id
        assert ask("GET", path_of(lead_id, "/score"), scope="score").json()["lead_id"] == lead_id

    holds()


@pytest.mark.parametrize(
    "path", ["/leads/a/b/score", "/leads//score", "/leads/%ff", "/leads/", "/leads/x/scored"]
)
def test_a_path_that_is_nobodys_is_404(ask: Ask, path: str) -> None:
    assert ask("GET", path, scope="admin").status_code == 404


def test_the_company_own_names_are_understood_and_not_both_at_once(ask: Ask) -> None:
    own = ask("PUT", "/leads/A-2", json={"lead": {"Prospect ID": "A-2", "created": "02-11-2026 08:00"}})
    assert own.status_code == 201
    assert ask("GET", "/leads/A-2").json()["created_at"] == CREATED
    both = ask("PUT", "/leads/A-2", json={"lead": {"created": CREATED, "created_at": CREATED}})
    assert both.json()["errors"][0]["expected"] == "either created_at or created"


@pytest.mark.parametrize(
    ("lead", "field", "expected"),
    [
        ({"lead_id": "other"}, "lead.lead_id", "the id in the path"),
        ({"created_at": "2026-11-21T09:41:00Z"}, "lead.created_at", "a time that is not in the future"),
        ({"created_at": "1899-12-31T00:00:00Z"}, "lead.created_at", "a year from 1900 to 2200"),
        ({"created_at": 5}, "lead.created_at", "a time written as %d-%m-%Y %H:%M"),
        ({"note": "a\0b"}, "lead.note", "text without NUL characters"),
        ({"a\0b": 1}, "lead", "text without NUL characters"),
        ({"tags": ["a", "\0"]}, "lead.tags", "text without NUL characters"),
        ({"deep": {"a": 1}}, "lead.deep", "text, a number, true, false, null, or a list of texts"),
    ],
)
def test_what_cannot_be_kept_is_said(ask: Ask, lead: Any, field: str, expected: str) -> None:
    answer = ask("PUT", "/leads/A-3", json={"lead": lead})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["field"], error["expected"]) == (field, expected)


def test_one_bad_lead_does_not_spoil_the_others(ask: Ask) -> None:
    bodies = [
        {"lead": {"lead_id": "B-1", "employees": 1}},
        {"lead": {"employees": 1}},
        {"lead": {"lead_id": "B-2", "employees": [1]}},
        [],
        {"lead": {"lead_id": "B-1", "employees": 2}},
    ]
    answer = ask("PUT", "/leads", json={"leads": bodies})
    assert answer.status_code == 200
    first, *bad, last = answer.json()["leads"]
    assert (first["state"], last["state"], last["changed"]) == ("created", "changed", ["employees"])
    assert [problem["errors"][0]["field"] for problem in bad] == [
        "leads[1].lead.lead_id", "leads[2].lead.employees", "leads[3].body",
    ]  # fmt: skip
    assert ask("GET", "/leads/B-1").json()["columns"] == {"employees": 2}
    assert ask("GET", "/leads/B-2").status_code == 404


@pytest.mark.parametrize(
    "body", [{"leads": [{"lead": {"lead_id": "x"}}] * 21}, {"leads": {}}, {}, [], {"leads": [], "x": 1}]
)
def test_a_list_that_is_wrong_as_a_whole_is_refused(ask: Ask, body: Any) -> None:
    assert ask("PUT", "/leads", json=body).status_code == 422


def test_contact_data_are_checked_spelled_alike_and_shared(ask: Ask) -> None:
    ask("PUT", "/leads/C-1", json={"lead": {"email": "Kim@Acme.example.org"}})
    kept = ask(
        "PUT", "/leads/C-2", json={"lead": {"email": " kim@acme.example.org", "phone": "030 1234567"}}
    ).json()
    assert kept["normalised"]["email"] == "kim@acme.example.org"
    assert kept["duplicates"] == [{"lead_id": "C-1", "by": "email"}]
    assert [(finding["column"], finding["kind"]) for finding in kept["findings"]] == [
        ("phone", "phone_without_country")
    ]
    assert ask("GET", "/leads/C-2").json()["columns"]["email"] == " kim@acme.example.org"


def test_a_lead_is_still_reached_by_what_those_merged_into_it_were(ask: Ask) -> None:
    ask("PUT", "/leads/C-6", json={"lead": {"email": "mai@acme.example.org"}})
    ask("PUT", "/leads/C-7", json={"lead": {"email": "mai@home.example.org"}})
    ask("PUT", "/leads/C-8", json={"lead": {"email": "mai@away.example.org"}})
    ask("POST", "/leads/C-7/merge", json={"lead_ids": ["C-8"]})
    ask("POST", "/leads/C-6/merge", json={"lead_ids": ["C-7"]})
    ask("PUT", "/leads/C-6", json={"lead": {"email": "mai@new.example.org", "employees": 5}})
    for place in ("home", "away", "new"):
        third = ask("PUT", f"/leads/C-{place}", json={"lead": {"email": f"mai@{place}.example.org"}})
        assert third.json()["duplicates"] == [{"lead_id": "C-6", "by": "email"}]
    third = ask("PUT", "/leads/C-9", json={"lead": {"email": "mai@acme.example.org"}})
    assert third.json()["duplicates"] == [], "its own address is another now"


def test_columns_that_the_model_does_not_know_are_kept_and_said(ask: Ask) -> None:
    kept = ask("PUT", "/leads/C-3", json={"lead": {"employees": 1, "Tags": "x", "employes": 1}}).json()
    assert kept["warnings"] == ["Column 'employes' is kept, but the model does not know it."]


def test_a_deleted_lead_is_gone_until_it_is_put_again(ask: Ask) -> None:
    ask("PUT", "/leads/D-1", json={"lead": {"employees": 1}})
    assert ask("DELETE", "/leads/D-1").json() == {"lead_id": "D-1", "state": "deleted"}
    for method, rest in (("GET", ""), ("GET", "/timeline"), ("DELETE", "")):
        assert ask(method, f"/leads/D-1{rest}").status_code == 404
    assert ask("GET", "/leads/D-1/score", scope="score").status_code == 404
    assert ask("PUT", "/leads/D-1", json={"lead": {}}).json()["state"] == "revived"
    assert ask("GET", "/leads/D-1").json()["columns"] == {"employees": 1}


def test_merged_leads_are_one_under_all_their_ids(ask: Ask) -> None:
    ask("PUT", "/leads/M-1", json={"lead": {"employees": 1, "created_at": CREATED}})
    ask("PUT", "/leads/M-2", json={"lead": {"employees": 2, "Job title": "CEO"}})
    merged = ask("POST", "/leads/M-1/merge", json={"lead_ids": ["M-2"]})
    assert merged.json() == {"lead_id": "M-1", "merged": ["M-2"], "changed": ["Job title"]}
    told = ask("GET", "/leads/M-2").json()
    assert (told["lead_id"], told["aliases"], told["columns"]["employees"]) == ("M-1", ["M-2"], 1)
    kinds = [one["kind"] for one in ask("GET", "/leads/M-1/timeline").json()["happenings"]]
    assert {"merge", "change"} <= set(kinds)


@pytest.mark.parametrize(
    ("ids", "field"),
    [
        (["M-9"], "lead_ids"),
        (["none"], "lead_ids[0]"),
        ([], "lead_ids"),
        ("M-1", "lead_ids"),
        ([1.5], "lead_ids[0]"),
        (["x"] * 101, "lead_ids"),
    ],
)
def test_what_cannot_be_merged_is_said(ask: Ask, ids: Any, field: str) -> None:
    ask("PUT", "/leads/M-9", json={"lead": {}})
    answer = ask("POST", "/leads/M-9/merge", json={"lead_ids": ids})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert ask("POST", "/leads/nobody/merge", json={"lead_ids": ["M-9"]}).status_code == 404


def test_lists_go_from_page_to_page(ask: Ask) -> None:
    for number in range(5):
        lead = {"created_at": f"2001-01-0{number + 1}T00:00:00Z"}
        ask("PUT", f"/leads/P-{number}", json={"lead": lead})
    found: list[str] = []
    query = "limit=2&created_from=2001-01-01&created_to=2001-01-31"
    cursor = ""
    while True:
        page = ask("GET", f"/leads?{query}{cursor}").json()
        found += [lead["lead_id"] for lead in page["leads"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == ["P-4", "P-3", "P-2", "P-1", "P-0"]
    wrong = ask("GET", f"/leads?limit=2&order=updated{cursor}")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "?cursor")


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "order=best", "standing=new", "score_from=-1", "score_to=100",
     "grade=A1,E5", "action=call", "created_from=soon", "cursor=zzz", "x=1", "limit=1&limit=2", "limit=%ff"],
)  # fmt: skip
def test_a_query_that_is_not_understood_names_its_parameter(ask: Ask, query: str) -> None:
    answer = ask("GET", f"/leads?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] in {f"?{query.partition('=')[0]}", "query"}


def test_a_merged_lead_answers_with_its_own_id_under_any_of_its_ids(ask: Ask) -> None:
    for lead_id in ("own", "alias"):
        ask("PUT", f"/leads/{lead_id}", json={"lead": {"created_at": CREATED}})
    ask("POST", "/leads/own/merge", json={"lead_ids": ["alias"]})
    put = ask("PUT", "/leads/alias", json={"lead": {"lead_id": "alias", "employees": 7}})
    many = ask("PUT", "/leads", json={"leads": [{"lead": {"lead_id": "alias", "employees": 8}}]})
    got = ask("GET", "/leads/alias")
    assert [put.json()["lead_id"], many.json()["leads"][0]["lead_id"], got.json()["lead_id"]] == ["own"] * 3
    assert ask("DELETE", "/leads/alias").json() == {"lead_id": "own", "state": "deleted"}


def test_a_grade_that_is_a_letter_alone_means_all_that_begin_with_it(ask: Ask) -> None:
    ask("PUT", "/leads/graded", json={"lead": {"created_at": CREATED, "employees": "420"}})
    grade = ask("GET", "/leads/graded/score", scope="score").json()["grade"]
    assert len(grade) == 2

    def found(grades: str) -> bool:
        leads = ask("GET", f"/leads?limit=200&grade={grades}").json()["leads"]
        return "graded" in [lead["lead_id"] for lead in leads]

    assert [found(grade), found(grade[0]), found(f"D4,{grade[0]}"), found("D")] == [True, True, True, False]


def test_who_follows_the_leads_hears_of_an_outcome_and_of_a_score(ask: Ask) -> None:
    ask("PUT", "/leads/followed", json={"lead": {"created_at": CREATED, "employees": "420"}})
    before = ask("GET", "/leads/followed").json()["updated_at"]
    ask("GET", "/leads/followed/score", scope="score")
    outcome = {"lead_id": "followed", "outcome": "lost", "occurred_at": "2026-11-20T17:02:11Z"}
    [said] = ask("POST", "/outcomes", json={"outcomes": [outcome]}).json()["outcomes"]
    assert (said["state"], said["standing"]) == ("kept", "lost")
    feed = ask("GET", f"/leads?order=updated&limit=200&updated_since={before}").json()["leads"]
    [told] = [lead for lead in feed if lead["lead_id"] == "followed"]
    assert (told["standing"], told["grade"]) == ("lost", None)
