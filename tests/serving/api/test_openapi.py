"""The document that others make clients of."""

import importlib
import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from fake_scorer import FakeScorer
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT4
from service_here import Service

from serving.access import rate_limits
from serving.api.crm_profile import crm_document
from serving.api.handlers import HANDLERS
from serving.api.openapi import openapi_document
from serving.api.operations import OPERATIONS
from serving.door import arriving, gate
from serving.door.routes import ROUTES
from serving.store import reach
from serving.wire import strict_json
from serving.wire.problems import KINDS

DOCUMENTS = {"whole": openapi_document(), "crm": crm_document(openapi_document(), FakeScorer.spec)}


def parts_of(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every object of the document, with the name under which it stands."""
    if isinstance(value, dict):
        yield name, value
        for key, inner in value.items():
            yield from parts_of(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from parts_of(inner, name)


@pytest.mark.parametrize("profile", DOCUMENTS)
def test_the_document_is_openapi(profile: str) -> None:
    OpenAPIV30SpecValidator(DOCUMENTS[profile]).validate()
    assert DOCUMENTS[profile]["openapi"] == "3.0.3"


@pytest.mark.parametrize("profile", DOCUMENTS)
def test_nothing_in_it_is_of_a_later_version(profile: str) -> None:
    schemas = [part for name, part in parts_of(DOCUMENTS[profile]["components"]["schemas"])]
    for name, part in parts_of(DOCUMENTS[profile]):
        assert not {"const", "$defs", "prefixItems", "examples"} & set(part), name
        assert not isinstance(part.get("type"), list), name
    for part in schemas:
        assert part.get("nullable") is not True or "type" in part or "anyOf" in part, part


def test_every_route_for_programs_is_described_with_its_scope() -> None:
    document = openapi_document()
    for route in ROUTES:
        if route.access == "key":
            for method in route.methods:
                if method != "HEAD":
                    told = document["paths"][route.path][method.lower()]
                    assert f"scope {route.scope}" in told["description"]
                    assert told["security"] == [{"key": []}]


def test_every_problem_that_is_told_exists_and_has_the_one_shape() -> None:
    statuses = {str(status) for status, _ in KINDS.values()}
    for path, methods in openapi_document()["paths"].items():
        for told in methods.values():
            for status, answer in told["responses"].items():
                if status[0] in "45" and path != "/readyz":
                    assert status in statuses
                    [(kind, content)] = answer["content"].items()
                    assert kind == "application/problem+json"
                    assert content["schema"] == {"$ref": "#/components/schemas/Problem"}


def refused_in(*modules: ModuleType) -> set[str]:
    """The statuses, and the kinds that problems name themselves, with which modules say that they refuse."""
    sources = "".join(inspect.getsource(module) for module in modules)
    return {
        *re.findall(r"refuse\(\s*(\d{3})", sources),
        *re.findall(r'named_problem\(\s*"([a-z-]+)"', sources),
    }


def told_of(operation: str) -> set[str]:
    """The statuses that the document tells of an operation, and the kinds that share theirs with others."""
    [told] = [
        told for _, told in parts_of(openapi_document()["paths"]) if told.get("operationId") == operation
    ]
    words = " ".join(answer["description"] for answer in told["responses"].values())
    return {*told["responses"], *(kind for kind, (_, title) in KINDS.items() if title in words)}


KEYED = [route.operation for route in ROUTES if route.access == "key"]


@pytest.mark.parametrize("operation", KEYED)
def test_what_the_layers_refuse_with_is_told_of_every_operation_that_they_stand_before(
    operation: str,
) -> None:
    every = (refused_in(gate, rate_limits, reach) | {"500", "503", "504"}) - {"404", "405"}
    assert {"401", "403", "429", "busy", "store-away"} <= every
    with_body = refused_in(arriving, strict_json)
    assert {"400", "413", "415"} <= with_body
    has_body = OPERATIONS[operation].body is not None
    assert every | (with_body if has_body else set()) <= told_of(operation)
    assert has_body or not told_of(operation) & (with_body - {"422"})


@pytest.mark.parametrize("name", sorted({handler.__module__ for handler in HANDLERS.values()}))
def test_what_a_handler_refuses_with_is_told_and_nothing_else(name: str) -> None:
    module = importlib.import_module(name)
    mine = [operation for operation, handler in HANDLERS.items() if handler.__module__ == name]
    own = refused_in(module)
    assert own <= set().union(*map(told_of, mine))
    near = [
        one for one in map(inspect.getmodule, vars(module).values()) if one and "serving.api" in one.__name__
    ]
    for operation in mine:
        assert set(OPERATIONS[operation].problems) <= own | refused_in(*near), operation


@pytest.mark.parametrize("profile", DOCUMENTS)
def test_operations_have_names_that_any_language_can_bear(profile: str) -> None:
    names = [told["operationId"] for path in DOCUMENTS[profile]["paths"].values() for told in path.values()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][A-Za-z0-9]*", name) for name in names)


def test_the_profile_for_crms_has_no_choices_and_no_free_form_requests() -> None:
    document = DOCUMENTS["crm"]
    for name, part in parts_of(document):
        assert not {"anyOf", "oneOf", "allOf", "pattern"} & set(part) or name == "properties", name
    bodies = [
        told["requestBody"]["content"]["application/json"]["schema"]
        for path in document["paths"].values()
        for told in path.values()
        if "requestBody" in told
    ]
    assert len(bodies) >= 8
    for schema in bodies:
        for held in everything_in(schema, document):
            assert "additionalProperties" not in held or held["additionalProperties"] is False
            assert held.get("type") != "object" or held.get("properties"), held


def everything_in(schema: dict[str, Any], document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    yield schema
    for inner in (*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else ())):
        yield from everything_in(inner, document)


def test_the_profile_for_crms_names_the_columns_of_the_champion() -> None:
    lead = DOCUMENTS["crm"]["components"]["schemas"]["Lead"]["properties"]
    assert {name: lead[name]["type"] for name in lead} == {
        "lead_id": "string",
        "created_at": "string",
        "employees": "number",
        "Job title": "string",
        "Opted in?": "boolean",
        "2nd product": "array",
    }
    assert "email_opened, page_view" in str(DOCUMENTS["crm"]["components"]["schemas"]["Event"])


def test_both_addresses_serve_the_document(service: Service) -> None:
    whole = service.client.get("/v1/openapi.json", headers=service.headers("read"))
    assert (
        whole.json()
        == DOCUMENTS["whole"]
        == service.client.get("/docs.json", headers=service.headers("read")).json()
    )
    crm = service.client.get("/v1/openapi.json?profile=crm", headers=service.headers("read"))
    assert crm.json() == DOCUMENTS["crm"]
    other = service.client.get("/v1/openapi.json?profile=erp", headers=service.headers("read"))
    assert other.status_code == 422


NULLS = {
    "ScoreJobAnswer": ("as_of", "path", "events", "total", "rejected", "finished_at", "problem"),
    "HealthAnswer": ("champion", "stale_leads", "newest_record_at"),
    "HappeningAnswer": ("merged_lead_id", "score", "outcome", "event", "columns"),
}


@pytest.mark.parametrize("profile", DOCUMENTS)
@pytest.mark.parametrize("name", NULLS)
def test_a_validator_of_3_0_takes_null_where_the_service_says_null(profile: str, name: str) -> None:
    schema = DOCUMENTS[profile]["components"]["schemas"][name]
    registry = Registry().with_resource("", DRAFT4.create_resource(DOCUMENTS[profile]))
    left_out = {"columns"} if profile == "crm" else set()  # whose answers carry cells as text alone
    for member in set(NULLS[name]) - left_out:
        validator = OAS30Validator(schema["properties"][member], registry=registry)
        validator.validate(None)
        assert not validator.is_valid(object()), member


def test_a_job_as_it_is_answered_fits_the_document(service: Service) -> None:
    headers = {**service.headers("score"), "Content-Type": "text/csv"}
    job = service.client.post("/v1/score-jobs", content=b"lead_id\nL\n", headers=headers).json()
    assert job["problem"] is None
    document = DOCUMENTS["whole"]
    registry = Registry().with_resource("", DRAFT4.create_resource(document))
    OAS30Validator(document["components"]["schemas"]["ScoreJobAnswer"], registry=registry).validate(job)


def test_every_list_takes_as_many_as_the_document_says(service: Service) -> None:
    listed = 0
    for path, methods in DOCUMENTS["whole"]["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", ()):
            if parameter["name"] == "limit" and "{id}" not in path:
                most = parameter["schema"]["maximum"]
                asked = [
                    service.client.get(f"{path}?limit={limit}", headers=service.headers("admin")).status_code
                    for limit in (most, most + 1)
                ]
                assert asked == [200, 422], path
                listed += 1
    assert listed >= 3
