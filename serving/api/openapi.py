"""The OpenAPI 3.0.3 document of all that programs may ask for, made from the route table and the types."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from serving.api.json_schema import models_within, schemas_of
from serving.api.operations import CSV, JSON, OPERATIONS, TEXT, Operation
from serving.api.parameters import HEADERS, QUERY
from serving.door.routes import ROUTES
from serving.scoring.bodies import ProblemAnswer
from serving.wire.problems import KINDS, MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serving.door.route import Route

_WITH_BODY = (400, 413, 415, 422)
_WITH_KEY = (401, 403, 422, 429, 500, 503, 504, 507)
_COME_AGAIN = (429, 503, 507)
_FILE = {"type": "string", "format": "binary", "minLength": 1}
_RETRY_AFTER = {
    "description": "In how many seconds to try again.",
    "schema": {"type": "integer", "minimum": 1},
}

DESCRIPTION = """Predictive lead scoring: how likely a lead is to convert, why, and what to do about it.

Every refusal is a problem document (RFC 9457), `application/problem+json`, in one shape."""


@cache
def openapi_document() -> dict[str, Any]:
    """Return the document: every route that has an operation."""
    paths: dict[str, Any] = {}
    for route in ROUTES:
        if route.operation:
            paths.setdefault(route.path, {})[route.methods[0].lower()] = _operation(route)
    return {
        "openapi": "3.0.3",
        "info": {"title": "LeadLens", "version": "1", "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {**_schemas(), "Problem": _problem()},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "An API key."}},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    told = OPERATIONS[route.operation]
    written: dict[str, Any] = {"operationId": route.operation, "summary": told.summary}
    if route.scope is not None:
        written |= {"description": f"Needs a key with the scope {route.scope}.", "security": [{"key": []}]}
    parameters = [*_parameters(route, told)]
    if parameters:
        written["parameters"] = parameters
    if told.body is not None:
        content: dict[str, Any] = {JSON: {"schema": _ref(told.body)}}
        content |= {kind: {"schema": _FILE} for kind in told.files}
        written["requestBody"] = {"required": True, "content": content}
    written["responses"] = {
        str(status): answer for status, answer in sorted({**_problems(route, told), **_answers(told)}.items())
    }
    return written


def _parameters(route: Route, told: Operation) -> Iterator[dict[str, Any]]:
    for name in route.names:
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": "Percent-encoded: a slash in it is %2F.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 512},
        }
    for name in route.query:
        described = QUERY.get(f"{route.operation}.{name}", QUERY[name])
        yield {"name": name, "in": "query", "required": False, **described}
    for name in told.headers:
        yield {"name": name, "in": "header", "required": False, **HEADERS[name]}


def _answers(told: Operation) -> dict[int, dict[str, Any]]:
    return {status: _answer(status, content) for status, content in told.answers.items()}


def _answer(status: int, content: type[BaseModel] | tuple[str, ...] | None) -> dict[str, Any]:
    described = {200: "Done.", 201: "Made.", 503: "Not ready."}[status]
    if content is None:
        return {"description": described}
    if isinstance(content, tuple):
        of_kind = {
            kind: {"schema": {"type": "object"} if kind == JSON else {"type": "string", **_binary(kind)}}
            for kind in content
        }
        return {"description": described, "content": of_kind}
    return {"description": described, "content": {JSON: {"schema": _ref(content)}}}


def _binary(kind: str) -> dict[str, str]:
    return {} if kind in {TEXT, CSV} else {"format": "binary"}


def _problems(route: Route, told: Operation) -> dict[int, dict[str, Any]]:
    if route.access != "key":
        return {}
    statuses = {*_WITH_KEY, *(_WITH_BODY if told.body is not None else ()), *((404,) if route.names else ())}
    titles: dict[int, list[str]] = {}
    for kind, (status, title) in KINDS.items():
        if status in statuses or kind in told.problems:
            titles.setdefault(status, []).append(title)
    return {status: _problem_answer(status, of_status) for status, of_status in titles.items()}


def _problem_answer(status: int, titles: list[str]) -> dict[str, Any]:
    ref = {"$ref": "#/components/schemas/Problem"}
    answer = {"description": "; or: ".join(titles) + ".", "content": {MEDIA_TYPE: {"schema": ref}}}
    return {**answer, "headers": {"Retry-After": _RETRY_AFTER}} if status in _COME_AGAIN else answer


def _problem() -> dict[str, Any]:
    problem = schemas_of([ProblemAnswer], "serialization")["ProblemAnswer"]
    stage = {"type": "string", "description": "Of a lead that is not open: how it ended."}
    return {**problem, "properties": {**problem["properties"], "stage": stage}}


def _schemas() -> dict[str, Any]:
    taken = [model for told in OPERATIONS.values() if told.body for model in models_within(told.body)]
    given = [
        model
        for told in OPERATIONS.values()
        for content in told.answers.values()
        if isinstance(content, type) and issubclass(content, BaseModel)
        for model in models_within(content)
    ]
    return {**schemas_of(taken, "validation"), **schemas_of(given, "serialization")}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
