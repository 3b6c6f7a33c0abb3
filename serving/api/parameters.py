"""The parameters of queries and headers, as the OpenAPI document describes them."""

from __future__ import annotations

from typing import Any

_MOMENT = {"type": "string", "format": "date-time"}

QUERY: dict[str, dict[str, Any]] = {
    "as_of": {"description": "The moment of the score, RFC 3339. Default: now.", "schema": _MOMENT},
    "reasons": {
        "description": "All reasons instead of the five largest.",
        "schema": {"type": "string", "enum": ["all"]},
    },
    "limit": {
        "description": "How many at most.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 200},
    },
    "cursor": {
        "description": "The `next` of the page before.",
        "schema": {"type": "string", "maxLength": 400},
    },
    "profile": {
        "description": "crm: for importers that want every column named and typed.",
        "schema": {"type": "string", "enum": ["crm"]},
    },
}

HEADERS: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {
        "description": "A request that comes again with the same key is done once, and answered alike.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    },
}
