"""What reps say of leads, taken in, told and counted: accepted, rejected, and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from features.errors import Fault
from features.times import TimeRules
from serving.api.call import answer
from serving.api.lead_words import moment_or_none
from serving.api.once import keep_once
from serving.api.query import Query
from serving.api.said import check_author, check_open, lead_of
from serving.api.said_types import FEEDBACK_KINDS, FeedbackBody
from serving.api.typed_members import body_of
from serving.selling.said import feedback
from serving.store.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from serving.wire.encoding import rfc_3339
from serving.wire.problems import ProblemError, invalid
from serving.wire.values import Faults, shown, time_at

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from starlette.responses import Response

    from decisions.policy import Policy
    from serving.api.call import Call
    from serving.api.once import Said
    from serving.history.identity import StoredLead

OVERRIDES = ("action", "queue", "track", "temperature")
BELONGS: dict[str, frozenset[str]] = {
    "accepted": frozenset({"note"}),
    "rejected": frozenset({"reason", "note"}),
    "wrong_score": frozenset({"reason"}),
    "override": frozenset({"reason", "expires_at", *OVERRIDES}),
    "disqualified": frozenset({"reason", "category", "until"}),
    "reinstated": frozenset({"reason", "disqualifier"}),
}
"""Which members belong to which kind of feedback."""

NEEDS: dict[str, tuple[str, ...]] = {
    "rejected": ("reason",),
    "wrong_score": ("reason",),
    "override": ("reason", "expires_at"),
    "disqualified": ("category",),
    "reinstated": ("reason",),
}

MOVES = frozenset({"accepted", "rejected"})
"""What puts a lead into another stage, as only an open one can be."""


def post_feedback(call: Call) -> Response:
    """Keep what somebody says of a lead."""
    body = body_of(call, FeedbackBody)
    policy, _ = call.parts.policies.current()
    faults = Faults()
    _check_members(body, faults)
    _check_names(body, policy, faults)
    check_author(body.author, faults)
    expires_at = _later(call, "expires_at", body.expires_at, faults)
    until = _later(call, "until", body.until, faults)
    if body.kind == "rejected" and body.reason is not None and body.reason not in policy.feedback.reasons:
        expected = f"one of {', '.join(policy.feedback.reasons)}"
        faults.say("reason", expected, body.reason, "Choose from the policy's reasons, or publish another.")
    if faults:
        raise ProblemError(invalid(faults))

    def kept(connection: Connection, lead: StoredLead) -> Said:
        if body.kind in MOVES:
            check_open(lead)
        return {"id": _say(connection, lead.number, body, call.now, policy, expires_at or until)}

    def told(connection: Connection, lead: StoredLead, said: Said) -> dict[str, Any]:
        [newest] = feedback.feedback_about(connection, lead.number, f"{said['id']}~", 1)
        return _told(newest, lead.lead_id)

    return answer(keep_once(call, kept, told))


def lead_feedback(call: Call) -> Response:
    """Return what was said of a lead, the newest first."""
    query = Query(call.taken.query)
    limit, cursor = query.whole("limit", 1, LARGEST_LIMIT) or DEFAULT_LIMIT, query.text("cursor")
    query.checked()
    _check_cursor(cursor)
    with call.parts.store.reading() as connection:
        lead = lead_of(connection, call.id())
        found = feedback.feedback_about(connection, lead.number, cursor, limit + 1)
    told = [_told(one, lead.lead_id) for one in found[:limit]]
    following = found[limit - 1].id if len(found) > limit else None
    return answer({"lead_id": lead.lead_id, "feedback": told, "next": following})


def count_feedback(call: Call) -> Response:
    """Return how often what was said."""
    query = Query(call.taken.query)
    kind, since = query.choice("kind", FEEDBACK_KINDS), query.time("since", day_end=False)
    query.checked()
    with call.parts.store.reading() as connection:
        counts = feedback.feedback_counts(connection, kind, since)
    return answer(
        {"counts": [{"kind": one.kind, "reason": one.reason, "count": one.count} for one in counts]}
    )


def _say(
    connection: Connection, lead: int, body: FeedbackBody, now: int, policy: Policy, until: int | None
) -> str:
    author, reason = body.author, body.reason or ""
    if body.kind == "accepted":
        return feedback.accepted(connection, lead, author, now, body.note or "")
    if body.kind == "rejected":
        return feedback.returned(connection, lead, reason, author, now, policy=policy, note=body.note or "")
    if body.kind == "wrong_score":
        return feedback.wrong_score(connection, lead, reason, author, now)
    if body.kind == "override" and until is not None:
        decided = {name: value for name in OVERRIDES if (value := getattr(body, name)) is not None}
        return feedback.override(connection, lead, decided, reason, author, now, until=until)
    if body.kind == "disqualified":
        return feedback.disqualified(connection, lead, body.category or "", reason, author, now, until=until)
    return feedback.reinstated(connection, lead, body.disqualifier, reason, author, now)


def _check_members(body: FeedbackBody, faults: Faults) -> None:
    sent = {name for name, value in body.model_dump().items() if value is not None} - {"kind", "author"}
    for name in sorted(sent - BELONGS[body.kind]):
        only = ", ".join(sorted(BELONGS[body.kind]))
        faults.append(Fault(name, f"only {only} for {body.kind}", "another", "Leave it out."))
    for name in NEEDS.get(body.kind, ()):
        if not getattr(body, name):
            faults.append(Fault(name, f"a value for {body.kind}", "nothing", "Send it."))
    if body.kind == "override" and not sent & {*OVERRIDES}:
        faults.append(Fault("body", f"some of {', '.join(OVERRIDES)}", "none", "Say what is decided."))


def _check_names(body: FeedbackBody, policy: Policy, faults: Faults) -> None:
    """Add a fault for each name that the policy does not know: what nothing knows would be kept in vain."""
    queues = {*policy.routing.queues, policy.routing.fallback_queue}
    queues |= {route.queue for route in policy.routes.values()}
    for name, known in (
        ("queue", queues),
        ("track", policy.tracks.keys()),
        ("disqualifier", policy.disqualifiers.keys()),
    ):
        said = getattr(body, name)
        if said is not None and said not in known:
            faults.say(name, f"one of the policy's: {', '.join(sorted(known))}", said, "Name one of them.")


def _later(call: Call, name: str, sent: str | None, faults: Faults) -> int | None:
    """Return a moment that was sent, which lies ahead; None where none was."""
    if sent is None:
        return None
    moment = time_at(name, sent, TimeRules(), faults, day_end=True)
    if moment is not None and moment <= call.now:
        faults.say(name, "a time in the future", sent, "Send when it ends.")
    return moment


def _check_cursor(cursor: str | None) -> None:
    if cursor is not None and not (len(cursor) <= 64 and cursor.isascii() and cursor.isalnum()):
        fault = Fault("?cursor", "the `next` of the page before", shown(cursor), "Send it unchanged.")
        raise ProblemError(invalid([fault]))


def _told(said: feedback.Said, lead_id: str) -> dict[str, Any]:
    return {
        "id": said.id,
        "lead_id": lead_id,
        "kind": said.kind,
        "author": said.author,
        "reason": said.reason,
        "content": said.content,
        "at": rfc_3339(said.at),
        "expires_at": moment_or_none(said.expires_at),
        "ended_at": moment_or_none(said.ended_at),
    }
