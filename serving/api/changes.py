"""What changed about a stored lead between two moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.errors import Fault
from models.score import Unscorable
from serving.api.call import answer, no_such_lead
from serving.api.query import Query
from serving.door.intake import reasons_shown
from serving.scoring.answers import problem_of
from serving.scoring.champion import NOT_READY
from serving.scoring.change_answers import changes_document
from serving.scoring.changes import NotOpenAt
from serving.wire.encoding import rfc_3339
from serving.wire.problems import ProblemError, invalid, named_problem, refuse

if TYPE_CHECKING:
    from starlette.responses import Response

    from serving.api.call import Call


def lead_changes(call: Call) -> Response:
    """Tell why the score is another than it was. Nothing is written."""
    shown = reasons_shown(call.taken.query)
    if call.mapping is None:
        raise refuse(503, NOT_READY, retry_after="30")
    since, until = _moments(call)
    found = call.parts.changes.find(call.id(), since, until, call.now)
    if found is None:
        raise no_such_lead()
    if isinstance(found, Fault):
        raise ProblemError(invalid([found]))
    if isinstance(found, Unscorable):
        raise ProblemError(problem_of(found))
    if isinstance(found, NotOpenAt):
        raise ProblemError(named_problem("not-open", _not_open(found), stage=found.stage))
    return answer(changes_document(found, shown))


def _moments(call: Call) -> tuple[int, int | None]:
    """Return the two moments in microseconds UTC. Raises ProblemError (422) where they are not understood."""
    mapping = call.mapping
    query = Query(call.taken.query, "UTC" if mapping is None else mapping.training.time_zone)
    since, until = query.time("since", day_end=False), query.time("until", day_end=True)
    query.checked()
    faults = []
    if since is None:
        remedy = "Send ?since=2026-11-16T00:00:00Z, the moment to compare with."
        faults.append(Fault("?since", "a time", "nothing", remedy))
    elif since > (call.now if until is None else until):
        remedy = "Exchange them." if until is not None else "Ask from an earlier moment."
        expected = "a moment before until" if until is not None else "a past moment"
        faults.append(Fault("?since", expected, rfc_3339(since), remedy))
    if until is not None and until > call.now:
        faults.append(Fault("?until", "a past moment", rfc_3339(until), "Leave it out for the score now."))
    if since is None or faults:
        raise ProblemError(invalid(faults))
    return since, until


def _not_open(found: NotOpenAt) -> str:
    if found.end == "since":
        return f"The lead was not open at since: it was {found.stage}. Ask from a moment when it was open."
    return (
        f"The lead is not open: it is {found.stage}. What changed before that is told up to a moment when it "
        "was open: name it as until."
    )
