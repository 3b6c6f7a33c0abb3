"""Values written into conditions in the place of their names: what is the same for all is not handed over."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from decisions.conditions.condition import TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

_IN_NOTHING = re.compile(rf"({TEXT})|(?<![\w.])[A-Za-z_]\w*\s+in\s+\[\s*\]")
_TOKEN = re.compile(rf"({TEXT})|(?<!\w)([A-Za-z_]\w*)")


def with_values(text: str, values: Mapping[str, Any]) -> str:
    """Return a condition with values in the place of the names that they have.

    What stands within a text, and what is selected from something else, stays what it is. That a name is in
    an empty list is false, whatever it stands for.

    >>> with_values("employees >= large && country in markets", {"large": 1000, "markets": ("de",)})
    'employees >= 1000 && country in ["de"]'
    """
    placed = _TOKEN.sub(lambda found: _placed(found, values), text)
    return _IN_NOTHING.sub(lambda found: found[1] or "false", placed)


def literal(value: Any) -> str:
    """Return a value as CEL writes it, which is as JSON does."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _placed(found: re.Match[str], values: Mapping[str, Any]) -> str:
    name = found[2]
    if name is None or name not in values or found.string[: found.start()].rstrip().endswith("."):
        return found[0]
    return literal(values[name])
