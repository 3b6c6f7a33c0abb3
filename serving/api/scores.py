"""Scores of stored leads: now, or as of a past moment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from features.errors import Fault
from serving.api.call import answer, no_such_lead
from serving.api.query import Query
from serving.door.intake import is_explained, reasons_shown
from serving.scoring.recording import NotOpen
from serving.wire.encoding import rfc_3339
from serving.wire.problems import Problem, ProblemError, invalid, named_problem

if TYPE_CHECKING:
    from starlette.responses import Response

    from serving.api.call import Call
    from serving.scoring.recording import Scored


def score_lead(call: Call) -> Response:
    """Score a lead now, which is recorded, or as of a moment, which is not."""
    shown, explains = reasons_shown(call.taken.query), is_explained(call.taken.query)
    as_of = _as_of(call)
    lead_id, recorder = call.id(), call.parts.recorder
    if as_of is None:
        scored = recorder.score_now(lead_id, call.now, shown, explains=explains)
    else:
        scored = recorder.score_at(lead_id, as_of, shown, explains=explains)
    return scored_answer(scored)


def explain_lead(call: Call) -> Response:
    """Explain the score of a lead, now or as of a moment; nothing is recorded."""
    as_of = _as_of(call)
    lead_id, recorder = call.id(), call.parts.recorder
    if as_of is None:
        scored = recorder.explain(lead_id, call.now)
    else:
        scored = recorder.score_at(lead_id, as_of, None, explains=True)
    if not isinstance(scored, dict):
        return scored_answer(scored)
    told = {name: scored[name] for name in ("lead_id", "as_of", "score", "rung", "model")}
    return answer({**told, **scored["explanation"]})


def scored_answer(scored: Scored | None) -> Response:
    """Return the answer for a stored lead. Raises ProblemError where it has no score."""
    if scored is None:
        raise no_such_lead()
    if isinstance(scored, NotOpen):
        detail = f"The lead is not open: it is {scored.stage}. Ask with as_of for a moment when it was open."
        raise ProblemError(named_problem("not-open", detail, stage=scored.stage))
    if isinstance(scored, Problem):
        raise ProblemError(_of_query(scored))
    return answer(scored)


def _as_of(call: Call) -> int | None:
    mapping = call.mapping
    query = Query(call.taken.query, "UTC" if mapping is None else mapping.training.time_zone)
    as_of = query.time("as_of", day_end=True)
    query.checked()
    if as_of is not None and as_of > call.now:
        found = rfc_3339(as_of)
        raise ProblemError(
            invalid([Fault("?as_of", "a past moment", found, "Leave it out for the score now.")])
        )
    return as_of


def _of_query(problem: Problem) -> Problem:
    """Say that the moment stands in the query."""
    if not any(fault.where == "as_of" for fault in problem.faults):
        return problem
    placed = (replace(fault, where="?as_of") if fault.where == "as_of" else fault for fault in problem.faults)
    return replace(invalid(placed), status=problem.status)
