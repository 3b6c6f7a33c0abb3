"""What may come next of a stored lead, and what the model would say then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.api.scores import moment_asked, scored_answer
from serving.scoring.outlooks import outlook_of

if TYPE_CHECKING:
    from starlette.responses import Response

    from serving.api.call import Call


def what_if(call: Call) -> Response:
    """Foretell the scores of a lead after each plausible event, and after the caller's own. Keeps nothing."""
    asked = call.members("events", "together")
    as_of = moment_asked(call)
    moment = (call.now, True) if as_of is None else (as_of, False)
    return scored_answer(outlook_of(call.parts.store, call.parts.champion, call.id(), moment, asked))
