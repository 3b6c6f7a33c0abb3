"""Bodies that are read by the very types that the OpenAPI document shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from features.errors import Fault
from serving.wire.problems import ProblemError, invalid
from serving.wire.values import shown

if TYPE_CHECKING:
    from serving.api.call import Call

Body = TypeVar("Body", bound=BaseModel)

_UNKNOWN = "Remove or correct it."


def body_of(call: Call, kind: type[Body]) -> Body:
    """Return the body of a request. Raises ProblemError (422), which names each field that is wrong."""
    try:
        return kind.model_validate_json(json.dumps(call.taken.value), strict=True)
    except ValidationError as problem:
        raise ProblemError(invalid([_fault(error, kind) for error in problem.errors()])) from problem


def _fault(error: object, kind: type[BaseModel]) -> Fault:
    found: dict[str, object] = dict(error)  # type: ignore[call-overload]  # pydantic's own kind of dictionary
    place = ".".join(map(str, found["loc"])) or "body"  # type: ignore[call-overload]  # always a tuple
    if found["type"] == "extra_forbidden":
        return Fault(place[:200], f"only {', '.join(kind.model_fields)}", "an unknown field", _UNKNOWN)
    if found["type"] == "missing":
        return Fault(place, "a value", "nothing", "Send it.")
    said = str(found["msg"])
    return Fault(place, said[:1].lower() + said[1:], shown(found["input"]), "See docs/api-v1.md.")
