"""The one way in which the service writes JSON."""

from __future__ import annotations

import json
from typing import Any


def to_json(value: Any) -> bytes:
    """Return compact UTF-8 JSON. Numbers read back to the same bits.

    Raises ValueError for a number that is not finite, which JSON cannot write. Half a surrogate pair, which
    UTF-8 cannot write, becomes a question mark.

    >>> to_json({"probability": 0.1})
    b'{"probability":0.1}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
