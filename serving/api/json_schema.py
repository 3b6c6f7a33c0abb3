"""JSON Schema as OpenAPI 3.0 writes it, from pydantic's types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import core_schema

COMPONENTS = "#/components/schemas/{model}"

_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number"}


class OpenapiSchema(GenerateJsonSchema):
    """Writes what OpenAPI 3.0 knows: `nullable` beside a type, `enum` for literals, one type at a time."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Say that a value may be null, in words of 3.0."""
        return _nullable(self.generate_inner(schema["schema"]))

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        """Write one literal as a choice of one: 3.0 has no const."""
        values = [value for value in schema["expected"] if value is not None]
        kinds = {_TYPES[type(value)] for value in values}
        written: JsonSchemaValue = (
            {"type": kinds.pop(), "enum": values} if len(kinds) == 1 else {"enum": values}
        )
        return written if len(values) == len(schema["expected"]) else _nullable(written)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - as the class above has it
        """Leave titles out, which only repeat the names."""
        return False


def schemas_of(models: Iterable[type[BaseModel]], mode: JsonSchemaMode) -> dict[str, Any]:
    """Return the components for these models and all that they hold, by name."""
    _, found = models_json_schema(
        [(model, mode) for model in models], ref_template=COMPONENTS, schema_generator=OpenapiSchema
    )
    schemas = {name: _plain(schema) for name, schema in sorted(found.get("$defs", {}).items())}
    return {name: _with_nulls(schema, schemas) for name, schema in schemas.items()}


def models_within(annotation: Any) -> Iterable[type[BaseModel]]:
    """Find the models that a type speaks of, itself among them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_within(inner)


def _nullable(schema: JsonSchemaValue) -> JsonSchemaValue:
    if "$ref" in schema:
        return {"type": "object", "nullable": True, "allOf": [schema]}
    if "anyOf" in schema:
        first, *others = schema["anyOf"]
        return {**schema, "anyOf": [{**first, "nullable": True}, *others]}
    if "enum" in schema:
        return {**schema, "nullable": True, "enum": [*schema["enum"], None]}
    return {**schema, "nullable": True}


def _with_nulls(schema: Any, schemas: dict[str, Any]) -> Any:
    """Write a component that may be null out in its place: what `allOf` refers to would refuse the null."""
    if isinstance(schema, list):
        return [_with_nulls(item, schemas) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("nullable") is True and isinstance(schema.get("allOf"), list):
        [inner] = schema["allOf"]
        rest = {name: value for name, value in schema.items() if name != "allOf"}
        schema = {**schemas[inner["$ref"].removeprefix(COMPONENTS.format(model=""))], **rest}
    return {name: _with_nulls(value, schemas) for name, value in schema.items()}


def _plain(schema: Any) -> Any:
    """Leave titles of models out, and defaults that only say null."""
    if isinstance(schema, dict):
        kept = {
            name: _plain(value)
            for name, value in schema.items()
            if name != "title" or not isinstance(value, str)
        }
        if "default" in kept and kept["default"] is None:
            del kept["default"]
        return kept
    return [_plain(item) for item in schema] if isinstance(schema, list) else schema
