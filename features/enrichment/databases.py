"""A provider that is a database: one query, the keys bound to it and never written into its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from features.enrichment.files import rows_by_key
from features.reading.databases import read_query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AT_ONCE = 500
"""So many keys are bound to one query; every database takes as many."""


class SqlProvider:
    """Knows what a query answers. It holds `:keys`, as in `WHERE domain IN :keys`."""

    def __init__(self, url: str, query: str, key: str) -> None:
        self._url, self._query, self._key = url, query, key

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Return the answer's rows by their key; the first row of a key counts."""
        rows: dict[str, dict[str, Any]] = {}
        for start in range(0, len(keys), AT_ONCE):
            asked = list(keys[start : start + AT_ONCE])
            answer = read_query(self._url, self._query, keys=asked)
            rows |= rows_by_key(answer, self._key, said_of="the answer to the query")
        return {key: rows[key] for key in keys if key in rows}
