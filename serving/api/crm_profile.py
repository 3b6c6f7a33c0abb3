"""The OpenAPI document for importers of CRMs: every column named and typed, and no choice between schemas.

Salesforce External Services, and others like it, make classes of a document. They cannot make one of a
free-form object or of `anyOf`, so the columns and properties that requests send are those that are known, and
what columns hold is told as text in answers.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from features.pages import PROPERTIES
from serving.api.model import columns_of, event_types_of

if TYPE_CHECKING:
    from features.spec import FeatureSpec

_TYPES: dict[str, dict[str, Any]] = {
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "multi": {"type": "array", "items": {"type": "string"}},
}
_REF = "#/components/schemas/"

_AS_SENT = (("StoredLeadAnswer", "columns"), ("ChangeAnswer", "value"), ("HappeningAnswer", "columns"))
"""Members that hold cells as they were sent, whatever the kind of their column: the text 181 of a file stays
text. They stand in the answers all the same; here only what tells them as text is described."""


def crm_document(document: dict[str, Any], spec: FeatureSpec) -> dict[str, Any]:
    """Return the document as a champion with this spec makes it."""
    made = deepcopy(document)
    schemas = made["components"]["schemas"]
    columns = {column["name"]: _column(column) for column in columns_of(spec)}
    _close(schemas["Lead"], columns)
    for name in ("Event", "ScoredEvent", "HypotheticalEvent"):
        _close(schemas[name], {})
        _name_types(schemas[name], event_types_of(spec))
        schemas[name]["properties"]["properties"] = {"$ref": f"{_REF}EventProperties"}
    _close(schemas["Outcome"], {})
    schemas["EventProperties"] = {
        "type": "object",
        "description": "What an event was about.",
        "properties": {name: {"type": "string", "nullable": True} for name in PROPERTIES},
    }
    for name, member in _AS_SENT:
        _leave_out(schemas[name], member)
    made["components"]["schemas"] = {
        name: _plain(schema, schemas) for name, schema in sorted(schemas.items())
    }
    made["paths"] = _plain(made["paths"], schemas)
    return made


def _column(column: dict[str, str]) -> dict[str, Any]:
    name, kind = column["name"], column["kind"]
    described = {"description": f"The column '{name}' ({kind})."}
    return {**_TYPES.get(kind, {"type": "string"}), "nullable": True, **described}


def _leave_out(schema: dict[str, Any], member: str) -> None:
    del schema["properties"][member]
    schema["required"] = [name for name in schema["required"] if name != member]


def _close(schema: dict[str, Any], properties: dict[str, Any]) -> None:
    schema.pop("additionalProperties", None)
    schema["properties"] = {**schema["properties"], **properties}


def _name_types(event: dict[str, Any], types: list[str]) -> None:
    event["properties"]["type"]["description"] = f"The model knows: {', '.join(types)}. Others are kept too."


def _plain(schema: Any, schemas: dict[str, Any]) -> Any:
    """Leave patterns out, and put in the place of each choice one object with what any of them has."""
    if isinstance(schema, list):
        return [_plain(item, schemas) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "anyOf" in schema:
        return _plain(_either(schema, schemas), schemas)
    if isinstance(schema.get("allOf"), list):
        [inner] = schema["allOf"]
        rest = {name: value for name, value in schema.items() if name != "allOf"}
        return _plain({**_found(inner, schemas), **rest}, schemas)
    return {
        name: _plain(value, schemas)
        for name, value in schema.items()
        if name != "pattern" or not isinstance(value, str)
    }


def _either(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    choices = [_found(choice, schemas) for choice in schema["anyOf"]]
    if any("properties" not in choice for choice in choices):
        return {"type": "string", "nullable": True}
    properties = {
        name: {**value, "nullable": True} if "type" in value else value
        for choice in choices
        for name, value in choice["properties"].items()
    }
    described = " Or: ".join(choice.get("description", "") for choice in choices)
    return {"type": "object", "description": described, "properties": properties}


def _found(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schemas[schema["$ref"].removeprefix(_REF)] if "$ref" in schema else schema
    return found
