"""Real answers, held against what both profiles of the document declare."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from fake_scorer import FakeScorer
from openapi_schema_validator import OAS30ReadValidator
from service_here import Service

from serving.api.crm_profile import crm_document
from serving.api.openapi import openapi_document

Ask = Callable[..., Any]
DOCUMENTS = {"whole": openapi_document(), "crm": crm_document(openapi_document(), FakeScorer.spec)}
LEAD_ID = "as declared"
CELLS: dict[str, Any] = {
    "employees": "181",  # as a file has it, though the column is one of numbers
    "Job title": "VP Sales",
    "Opted in?": "yes",
    "2nd product": "one; two",
    "Region": 7,
    "Budget": 1.5,
    "Is partner": True,
    "Products": ["one", "two"],
}
TEXTS = {
    **CELLS, "Region": "7", "Budget": "1.5", "Is partner": "true", "Products": '["one","two"]'
}  # fmt: skip
ANSWERS = {
    "getLead": f"/leads/{LEAD_ID}",
    "listLeads": "/leads?order=updated&limit=200",
    "leadHistory": f"/leads/{LEAD_ID}/history",
    "leadTimeline": f"/leads/{LEAD_ID}/timeline",
}


@pytest.fixture(scope="module", autouse=True)
def _told(service: Service) -> None:
    headers = service.headers("ingest")

    def put(**cells: Any) -> None:
        sent = {"lead": {"created_at": "2026-11-02T08:00:00Z", **cells}}
        assert service.client.put(f"/v1/leads/{LEAD_ID}", json=sent, headers=headers).status_code < 300

    put(**dict.fromkeys(CELLS, 1), gone="soon")
    put(**CELLS, gone=None)
    event = {"lead_id": LEAD_ID, "type": "page_view", "occurred_at": "2026-11-03", "properties": {"page": 1}}
    service.client.post("/v1/events", json={"events": [event]}, headers=headers)
    outcome = {"lead_id": LEAD_ID, "outcome": "lost", "occurred_at": "2026-11-04"}
    service.client.post("/v1/outcomes", json={"outcomes": [outcome]}, headers=headers)


@pytest.mark.parametrize("profile", DOCUMENTS)
@pytest.mark.parametrize("operation", ANSWERS)
def test_every_cell_fits_what_is_declared_of_it(ask: Ask, operation: str, profile: str) -> None:
    answer = ask("GET", ANSWERS[operation])
    assert answer.status_code == 200
    document = DOCUMENTS[profile]
    [told] = [
        method
        for path in document["paths"].values()
        for method in path.values()
        if method["operationId"] == operation
    ]
    schema = told["responses"]["200"]["content"]["application/json"]["schema"]
    OAS30ReadValidator({**schema, "components": document["components"]}).validate(answer.json())


def test_cells_are_told_as_they_were_sent_and_as_text(ask: Ask) -> None:
    lead = ask("GET", f"/leads/{LEAD_ID}").json()
    assert lead["columns"] == CELLS
    assert {cell["column"]: cell["text"] for cell in lead["cells"]} == TEXTS
    changes = ask("GET", f"/leads/{LEAD_ID}/history").json()["changes"]
    assert [change["text"] for change in changes if change["column"] == "gone"] == [None, "soon"]
    assert [change["text"] for change in changes if change["column"] == "Products"] == [
        TEXTS["Products"],
        "1",
    ]


def test_the_profile_for_crms_declares_no_type_of_a_cell_as_it_was_sent() -> None:
    schemas = DOCUMENTS["crm"]["components"]["schemas"]
    assert (
        "columns" not in schemas["StoredLeadAnswer"]["properties"] | schemas["HappeningAnswer"]["properties"]
    )
    assert "value" not in schemas["ChangeAnswer"]["properties"]
    assert schemas["CellAnswer"]["properties"]["text"]["type"] == "string"
    assert schemas["Lead"]["properties"]["employees"]["type"] == "number"


def test_problems_are_described_as_what_they_are() -> None:
    for document in DOCUMENTS.values():
        assert re.match(
            "Why something was not done", document["components"]["schemas"]["Problem"]["description"]
        )
