"""When two JSON values are the same, though they were written differently."""

from __future__ import annotations

from typing import Any


def is_same_json(one: Any, other: Any) -> bool:
    """Whether two values are the same in JSON: the order of members does not count, true is not 1.

    >>> is_same_json({"a": 1, "b": [True]}, {"b": [True], "a": 1.0}), is_same_json(True, 1)
    (True, False)
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same_json(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same_json, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
