"""Values written into conditions in the place of their names: what is the same for all is not handed over."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<![\w.])([A-Za-z_]\w*)""")


def with_values(text: str, values: Mapping[str, Any]) -> str:
    """Return a condition with values in the place of the names that they have, but not within texts.

    >>> with_values("employees >= large && country in markets", {"large": 1000, "markets": ("de",)})
    'employees >= 1000 && country in ["de"]'
    """
    return _TOKEN.sub(lambda found: _placed(found, values), text)


def literal(value: Any) -> str:
    """Return a value as CEL writes it, which is as JSON does."""
    return json.dumps(value, ensure_ascii=False)


def _placed(found: re.Match[str], values: Mapping[str, Any]) -> str:
    name = found[2]
    return found[0] if name is None or name not in values else literal(values[name])
