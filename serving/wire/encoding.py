"""The one way in which the service writes JSON, and what JSON has no type for."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta
from typing import Any

import msgspec

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # UTC is said after it: a zone costs as much as all the rest


def _plain(value: Any) -> Any:
    """Return what a number or a text of another library is as Python's own."""
    for kind in (float, int, str):
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


encode = msgspec.json.Encoder(enc_hook=_plain).encode
"""What `to_json` writes with, for who knows that all numbers are finite: the others it writes as null."""


def to_json(value: Any) -> bytes:
    """Return compact UTF-8 JSON. Numbers read back to the same bits.

    Raises ValueError for a number that is not finite, which JSON cannot write. Half a surrogate pair, which
    UTF-8 cannot write, becomes a question mark.

    >>> to_json({"probability": 0.1})
    b'{"probability":0.1}'
    """
    try:
        written = encode(value)
    except UnicodeEncodeError:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")
    if b"null" in written:  # which the encoder also writes for a number that is not finite
        _check_finite(value)
    return written


def _check_finite(value: Any) -> None:
    level = [value]
    while level:
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list | tuple):
                below.extend(item)
            elif isinstance(item, float) and not math.isfinite(item):
                raise ValueError(f"{item} is no number that JSON can write")
        level = below


def rfc_3339(moment_us: int) -> str:
    """Return microseconds UTC as RFC 3339; a fraction is written only where there is one.

    >>> rfc_3339(1_795_253_400_000_000)
    '2026-11-21T09:30:00Z'
    """
    return (_EPOCH + timedelta(0, 0, moment_us)).isoformat() + "Z"


def whole_where_it_is(days: float | None) -> float | None:
    """Return 90.0 as 90, and 0.5 as it is."""
    return int(days) if days is not None and float(days).is_integer() else days
