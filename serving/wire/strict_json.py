"""Reading JSON that means one thing only: no duplicate names, no NaN, no half characters."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from features.errors import Fault
from serving.wire.problems import ProblemError, refuse

DEPTH_LIMIT = 32
_HALF_CHARACTER = re.compile(rb"\\u[dD][89abcdefABCDEF]")


def read_json(body: bytes) -> Any:
    """Return the value that a body holds.

    Raises ProblemError (400) where the body is empty, not UTF-8, not JSON, nested more than 32 deep, holds
    a name twice in one object, NaN, Infinity, or half of a surrogate pair. No part of the body is repeated
    in the problem.
    """
    if not body.strip():
        raise _malformed("a JSON object", "an empty body")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise _malformed("text in UTF-8", f"a byte that is not, at position {problem.start}") from problem
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as problem:
        found = f"an error at line {problem.lineno}, column {problem.colno}"
        raise _malformed("JSON", found) from problem
    except ValueError as problem:
        raise _malformed("numbers of at most 4300 digits", "a longer one") from problem
    except RecursionError as problem:
        raise _too_deep() from problem
    _check_inside(value, _HALF_CHARACTER.search(body) is not None)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise _malformed("each name once in an object", f"{name[:60]!r} twice")
        members[name] = value
    return members


def _no_constant(constant: str) -> NoReturn:
    raise _malformed("finite numbers", constant)


def _check_inside(value: Any, may_hold_halves: bool) -> None:
    """Walk the value level by level, without recursion."""
    level = [value]
    for _ in range(DEPTH_LIMIT):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
                below.extend(item.keys() if may_hold_halves else ())
            elif isinstance(item, list):
                below.extend(item)
            elif may_hold_halves and isinstance(item, str) and not _is_whole(item):
                raise _malformed("whole characters", "half of a surrogate pair")
        if not below:
            return
        level = below
    raise _too_deep()


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _too_deep() -> ProblemError:
    return _malformed(f"at most {DEPTH_LIMIT} levels", "a deeper nesting")


def _malformed(expected: str, found: str) -> ProblemError:
    fault = Fault("body", expected, found, "Send one JSON object, as the documentation shows.")
    return refuse(400, f"The body cannot be read: expected {expected}.", fault)
