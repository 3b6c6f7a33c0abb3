"""Events and outcomes of the store's leads, taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.lead_standing import raw_touches
from features.vocabulary import TOUCH_TYPES
from serving.api.event_fields import event_fields
from serving.api.once import keep_list
from serving.api.outcome_fields import outcome_fields
from serving.history.events import keep_events
from serving.history.outcomes import keep_outcomes
from serving.history.standing import standing_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection
    from starlette.responses import Response

    from features.mapping import Mapping
    from serving.api.call import Call
    from serving.history.outcomes import OutcomeSent


def post_events(call: Call) -> Response:
    """Keep events, each once."""
    mapping = call.mapping
    touches = _touches(mapping)
    return keep_list(
        call,
        "events",
        "event_id",
        event_fields(mapping),
        lambda connection, events: [
            {"state": state} for state in keep_events(connection, events, call.now, touches)
        ],
    )


def post_outcomes(call: Call) -> Response:
    """Keep outcomes; the same id again corrects. Each is told with how its lead stands after all of them."""
    mapping = call.mapping
    touches = _touches(mapping)

    def keep(connection: Connection, outcomes: Sequence[OutcomeSent]) -> list[dict[str, str]]:
        states = keep_outcomes(connection, outcomes, call.now, touches)
        standing = standing_of(connection, (sent.lead_id for sent in outcomes))
        return [
            {"state": state, "standing": standing[sent.lead_id]}
            for state, sent in zip(states, outcomes, strict=True)
        ]

    return keep_list(call, "outcomes", "outcome_id", outcome_fields(mapping), keep)


def _touches(mapping: Mapping | None) -> frozenset[str]:
    return TOUCH_TYPES if mapping is None else raw_touches(mapping.events)
