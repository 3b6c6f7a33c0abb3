"""The parameters of queries and headers, as the OpenAPI document describes them."""

from __future__ import annotations

from typing import Any

from serving.api.lists import ACTIONS, ORDERS, STANDINGS
from serving.api.said_types import FEEDBACK_KINDS
from serving.selling.clocks.notices import NOTICE_KINDS

_SCORE = {"type": "integer", "minimum": 0, "maximum": 99}
_MOMENT = {"type": "string", "format": "date-time"}

QUERY: dict[str, dict[str, Any]] = {
    "as_of": {"description": "The moment of the score, RFC 3339. Default: now.", "schema": _MOMENT},
    "since": {
        "description": "The earlier moment, RFC 3339; a day alone stands for its start. Changes need it.",
        "schema": _MOMENT,
    },
    "until": {
        "description": "The later moment; a day alone stands for its end. Default: now.",
        "schema": _MOMENT,
    },
    "reasons": {
        "description": "All reasons instead of the five largest.",
        "schema": {"type": "string", "enum": ["all"]},
    },
    "explain": {
        "description": "Add an explanation: a line, a paragraph, the parts of the margin, what is not known.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "record": {
        "description": "Keep the lead and its events, and record the score. Needs the scope ingest too.",
        "schema": {"type": "string", "enum": ["true"]},
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
QUERY |= {
    "order": {
        "description": "created: newest first. updated: longest unchanged first. score: best first.",
        "schema": {"type": "string", "enum": list(ORDERS)},
    },
    "standing": {
        "description": "How the lead stands now.",
        "schema": {"type": "string", "enum": list(STANDINGS)},
    },
    "wanted_percent": {
        "description": "Which share of leads sales is to accept, in percent. Default: 70.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 99},
    },
    "policyProposal.since": {
        "description": "Answers from then on, RFC 3339; a day alone stands for its start. Default: all.",
        "schema": _MOMENT,
    },
    "score_from": {"description": "The least score, inclusive.", "schema": _SCORE},
    "score_to": {"description": "The largest score, inclusive.", "schema": _SCORE},
    "grade": {
        "description": "Grades, with commas between them: A1,A2. A letter alone: all of it.",
        "schema": {"type": "string", "pattern": "^[A-D][1-4]?(,[A-D][1-4]?)*$"},
    },
    "action": {
        "description": "What the policy advised.",
        "schema": {"type": "string", "enum": list(ACTIONS)},
    },
    "created_from": {"description": "Created then or later.", "schema": _MOMENT},
    "created_to": {"description": "Created then or before.", "schema": _MOMENT},
    "updated_since": {"description": "Changed then or later.", "schema": _MOMENT},
    "rep": {
        "description": "Those to a rep or a manager, by id.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    },
    "kind": {
        "description": "Those of a kind.",
        "schema": {"type": "string", "enum": list(NOTICE_KINDS)},
    },
    "countFeedback.kind": {
        "description": "What was said of this kind.",
        "schema": {"type": "string", "enum": list(FEEDBACK_KINDS)},
    },
    "countFeedback.since": {"description": "Said then or later.", "schema": _MOMENT},
    "open": {
        "description": "true: those that are not done; false: those that are.",
        "schema": {"type": "string", "enum": ["true", "false"]},
    },
}

HEADERS: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {
        "description": "What a request brings is kept once, however often it comes with the same key.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    },
}
