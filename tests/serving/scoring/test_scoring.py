import json
import math
from typing import Any

import pytest
from fake_scorer import MARGIN
from service_here import Service

from serving.wire.encoding import rfc_3339, to_json, whole_where_it_is

LEAD = {"lead_id": "L-1042", "created_at": "2026-11-02T08:00:00Z", "employees": "420"}
EVENT = {
    "event_id": "e1",
    "type": "page_view",
    "occurred_at": "2026-11-20T17:02:11Z",
    "properties": {"page": "pricing"},
}
BODY = {"lead": LEAD, "events": [EVENT], "as_of": "2026-11-21T09:30:00Z"}
DESIGNED = {
    "": [
        "lead_id", "as_of", "score", "probability", "probability_low", "probability_high", "horizon_days",
        "fit_score", "engagement_score", "grade", "rung", "confidence", "baseline_score",
        "baseline_probability", "base_rate", "reasons", "advice", "model", "features_sha256", "warnings",
    ],
    "reasons": ["text", "effect", "log_odds", "family", "features"],
    "explanation": ["summary", "handoff", "log_odds", "fit_score", "engagement_score", "not_known"],
    "advice": ["action", "stage", "temperature", "queue", "track", "rule", "why"],
    "model": ["name", "version"],
}  # fmt: skip


def score(service: Service, body: Any, path: str = "/score") -> Any:
    return service.client.post(path, json=body, headers=service.headers())


def test_an_answer_has_the_designed_members_in_the_designed_order(service: Service) -> None:
    answer = score(service, BODY)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    said = answer.json()
    assert list(said) == DESIGNED[""]
    assert all(list(reason) == DESIGNED["reasons"] for reason in said["reasons"])
    assert list(said["advice"]) == DESIGNED["advice"]
    assert list(said["model"]) == DESIGNED["model"]


def test_what_does_not_apply_is_null(service: Service) -> None:
    def advice(employees: int) -> Any:
        return score(service, {"lead": {**LEAD, "employees": employees}}).json()["advice"]

    routed, nurtured = advice(420), advice(20)
    assert (routed["stage"], routed["queue"], routed["track"]) == ("SQL", "sales", None)
    assert (nurtured["stage"], nurtured["queue"], nurtured["track"]) == (None, None, "welcome")


def test_a_score_comes_with_its_moment_model_and_advice(service: Service) -> None:
    said = score(service, BODY).json()
    assert (said["lead_id"], said["as_of"], said["score"]) == ("L-1042", "2026-11-21T09:30:00Z", 85)
    assert said["horizon_days"] == 90
    assert said["model"] == {"name": "leadlens", "version": 7}
    assert said["advice"]["action"] == "route"
    assert said["advice"]["rule"] == "stages.SQL.enter"


def test_seventy_is_routed_and_less_is_nurtured(service: Service) -> None:
    def action(employees: int) -> str:
        body = {"lead": {**LEAD, "employees": employees}}
        advice = score(service, body).json()["advice"]
        return f"{advice['action']}: {advice['why']}"

    assert action(300) == "route: Score 70 reaches the threshold of 70 for a score by a model."
    assert action(290).startswith("nurture: Score 69 is below the threshold of 70 for a score by a model.")


def test_the_last_reason_keeps_both_sums_exact(service: Service) -> None:
    for path in ("/score", "/score?reasons=all"):
        said = score(service, BODY, path).json()
        assert said["reasons"][-1]["family"] is None
        total = math.fsum(reason["effect"] for reason in said["reasons"])
        assert total == pytest.approx(said["score"] - said["baseline_score"], abs=1e-9)


def test_an_explanation_is_added_and_changes_nothing_else(service: Service) -> None:
    for also in ("", "&reasons=all"):
        plain = score(service, BODY, f"/score?{also}").json()
        said = score(service, BODY, f"/score?explain=true{also}").json()
        assert list(said) == [*DESIGNED[""], "explanation"]
        assert {name: member for name, member in said.items() if name != "explanation"} == plain
    explanation = said["explanation"]
    assert list(explanation) == DESIGNED["explanation"]
    assert explanation["summary"] == (
        "85 of 99. For: fits very well and visited the pricing page 3 times in the last 7 days. Against: "
        "came from a paid campaign"
    )
    assert explanation["handoff"].startswith("Lead L-1042 scores 85 of 99 as of 21 November 2026: ")
    assert explanation["not_known"] == ["2nd product"]
    parts = explanation["log_odds"]
    assert list(parts) == ["expected", "fit", "engagement", "context"]
    assert parts["expected"] + parts["fit"] + parts["engagement"] + parts["context"] == MARGIN


def test_explain_is_true_or_absent(service: Service) -> None:
    refused = score(service, BODY, "/score?explain=yes")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "?explain")


def test_five_reasons_are_told_and_all_on_request(service: Service) -> None:
    assert len(score(service, BODY).json()["reasons"]) == 5 + 1
    assert len(score(service, BODY, "/score?reasons=all").json()["reasons"]) == 6 + 1


@pytest.mark.parametrize("query", ["reasons=some", "reasons=", "reasons=all&reasons=all", "record=yes", "x"])
def test_a_query_that_is_not_understood_is_refused(service: Service, query: str) -> None:
    answer = score(service, BODY, f"/score?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("?")


def test_as_of_is_the_time_of_arrival_unless_sent(service: Service) -> None:
    assert score(service, {"lead": LEAD}).json()["as_of"] == "2026-11-21T09:30:00Z"
    sent = {"lead": LEAD, "as_of": "2026-11-21T10:30:00.25+01:00"}
    assert score(service, sent).json()["as_of"] == "2026-11-21T09:30:00.250000Z"


def test_the_same_request_gives_the_same_bytes(service: Service) -> None:
    assert score(service, BODY).content == score(service, BODY).content


def test_a_batch_answers_in_order_each_a_score_or_a_problem(service: Service) -> None:
    bad = {"lead": {**LEAD, "employees": "many"}}
    worse = {"lead": {**LEAD, "created_at": "31/04/2026"}, "as_of": "soon"}
    other = {"lead": {**LEAD, "lead_id": "L-2"}}
    answer = score(service, {"leads": [BODY, bad, worse, other, BODY]}, "/score_batch")
    assert answer.status_code == 200
    first, second, third, fourth, fifth = answer.json()["scores"]
    assert [first["lead_id"], fourth["lead_id"], fifth["lead_id"]] == ["L-1042", "L-2", "L-1042"]
    assert [second["status"], third["status"]] == [422, 422]
    assert second["errors"][0]["field"] == "leads[1].lead.employees"
    assert second["errors"][0]["found"] == "'many'"
    assert [error["field"] for error in third["errors"]] == ["leads[2].as_of", "leads[2].lead.created_at"]
    assert first == fifth == score(service, BODY).json()


def test_a_lead_in_a_batch_is_answered_as_alone_whatever_its_neighbours_name(service: Service) -> None:
    leads = [
        BODY,
        {"lead": {"lead_id": "bare", "created_at": "2026-11-02T08:00:00Z"}},
        {"lead": {**LEAD, "lead_id": "more", "colour": "red"}},
        {"lead": {**LEAD, "lead_id": "null", "employees": None}},
    ]
    together = score(service, {"leads": leads}, "/score_batch").json()["scores"]
    assert together == [score(service, lead).json() for lead in leads]
    assert together[1]["warnings"] == ["Not sent, and so not known: employees."]
    assert together[3]["warnings"] == []


def test_an_empty_batch_has_no_scores(service: Service) -> None:
    assert score(service, {"leads": []}, "/score_batch").json() == {"scores": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"leads": [BODY] * 21}, "leads"),
        ({"leads": {}}, "leads"),
        ({}, "leads"),
        ([], "body"),
        ({"leads": [], "x": 1}, "x"),
    ],
)
def test_a_batch_that_is_wrong_as_a_whole_is_refused(service: Service, body: Any, field: str) -> None:
    answer = score(service, body, "/score_batch")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_what_the_scorer_cannot_read_names_the_field_what_was_expected_and_found(service: Service) -> None:
    answer = score(service, {"lead": {**LEAD, "employees": "many"}})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:leadlens:problem:invalid",
        "title": "The request cannot be used",
        "status": 422,
        "detail": "lead.employees: expected a number.",
        "errors": [
            {
                "field": "lead.employees",
                "expected": "a number",
                "found": "'many'",
                "remedy": "Correct the value, or send none.",
            }
        ],
    }


def test_numbers_read_back_to_the_same_bits() -> None:
    numbers = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 2**53 + 1]
    assert [repr(number) for number in json.loads(to_json(numbers))] == [repr(number) for number in numbers]


def test_a_number_that_json_cannot_write_is_refused() -> None:
    with pytest.raises(ValueError, match="no number that JSON can write"):
        to_json({"score": math.nan})


def test_times_are_written_with_a_fraction_only_where_there_is_one() -> None:
    assert rfc_3339(0) == "1970-01-01T00:00:00Z"
    assert rfc_3339(1) == "1970-01-01T00:00:00.000001Z"
    assert [whole_where_it_is(days) for days in (90.0, 0.5, None)] == [90, 0.5, None]
