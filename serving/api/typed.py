"""Bodies that are read by the very types that describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from features.errors import Fault
from serving.wire.problems import ProblemError, invalid
from serving.wire.values import Faults, json_at, shown

if TYPE_CHECKING:
    from serving.api.call import Call

Body = TypeVar("Body", bound=BaseModel)


def body_as(call: Call, kind: type[Body]) -> Body:
    """Return the body as one of this type. Raises ProblemError (422) naming each field that is wrong."""
    faults = Faults()
    json_at("body", call.taken.value, faults)
    if faults:
        raise ProblemError(invalid(faults))
    try:
        return kind.model_validate(call.taken.value)
    except ValidationError as problem:
        said = [
            Fault(
                ".".join(map(str, error["loc"])) or "body",
                error["msg"].removeprefix("Value error, ").removeprefix("expected "),
                shown(error["input"]),
                "Correct it: the OpenAPI document says what is understood.",
            )
            for error in problem.errors()
        ]
        raise ProblemError(invalid(said)) from problem
