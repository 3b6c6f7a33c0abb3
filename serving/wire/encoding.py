"""The one way in which the service writes JSON, and what JSON has no type for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_json(value: Any) -> bytes:
    """Return compact UTF-8 JSON. Numbers read back to the same bits.

    Raises ValueError for a number that is not finite, which JSON cannot write. Half a surrogate pair, which
    UTF-8 cannot write, becomes a question mark.

    >>> to_json({"probability": 0.1})
    b'{"probability":0.1}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def rfc_3339(moment_us: int) -> str:
    """Return microseconds UTC as RFC 3339; a fraction is written only where there is one.

    >>> rfc_3339(1_795_253_400_000_000)
    '2026-11-21T09:30:00Z'
    """
    return (_EPOCH + timedelta(microseconds=moment_us)).isoformat().removesuffix("+00:00") + "Z"


def whole_where_it_is(days: float | None) -> float | None:
    """Return 90.0 as 90, and 0.5 as it is."""
    return int(days) if days is not None and float(days).is_integer() else days
