"""What reps say of leads, and what follows from it: never an outcome, never a label."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

import sqlalchemy as sa

from serving.history.stale import mark_stale
from serving.ledger.record_ids import record_id_after
from serving.selling.standing.how_leads_stand import DISQUALIFY
from serving.selling.standing.sales_stages import ACCEPTED, set_stage
from serving.selling.standing.stage_log import stages_now
from serving.store.schema import LEADS
from serving.store.schema_selling import FEEDBACK, LEAD_STATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from decisions.policy import Policy

Kind = Literal["accepted", "rejected", "wrong_score", "override", "disqualified", "reinstated"]


NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class UnknownReasonError(ValueError):
    """A reason for which the policy says nothing. `reasons` are those that it has."""

    def __init__(self, reason: str, policy: Policy) -> None:
        self.reason, self.reasons = reason, tuple(policy.feedback.reasons)
        super().__init__(f"expected one of {', '.join(self.reasons)}, found {reason!r}: see [feedback]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something that was said of a lead. Times are microseconds UTC; see `schema_selling.FEEDBACK`."""

    id: str
    lead: int
    kind: Kind
    author: str
    reason: str
    content: dict[str, Any]
    at: int
    expires_at: int | None
    ended_at: int | None


_RULES_OUT = (FEEDBACK.c.kind == "disqualified") | (
    (FEEDBACK.c.kind == "rejected") & (FEEDBACK.c.content["then"].as_string() == DISQUALIFY)
)
_COLUMNS = tuple(FEEDBACK.c[name] for name in Said.__dataclass_fields__)


def accepted(connection: Connection, lead: int, author: str, now: int, note: str = "") -> str:
    """Note that sales took a lead: it is an SQL that was accepted from now on. Return the id of the note.

    One that is further already, an opportunity, stays so.
    """
    said = _note(connection, lead, "accepted", author, note, now=now)
    stage = stages_now(connection, [lead]).get(lead)
    if stage is None or stage.stage != "opportunity":
        because = note or "accepted by sales"
        set_stage(connection, lead, "SQL", ACCEPTED, now, at=now, author=author, because=because)
    mark_stale(connection, [lead], now)
    return said


def returned(
    connection: Connection, lead: int, reason: str, author: str, now: int, *, policy: Policy, note: str = ""
) -> str:
    """Take a lead back from sales for a reason of the policy, and return the id of what is noted.

    What follows is what `feedback.reasons` says: it is recycled, or ruled out; for so long as `look_again`
    says, else for good, or until it acts itself. Of several such words the newest stands. Whoever has the
    lead is not asked here: the decision that follows takes it from them, and until then nobody is given it.
    Raises UnknownReasonError.
    """
    answer = policy.feedback.reasons.get(reason)
    if answer is None:
        raise UnknownReasonError(reason, policy)
    content = {"then": answer.then, "category": reason.replace("_", " ")} | ({"note": note} if note else {})
    content |= _then(connection, lead)
    if answer.then != DISQUALIFY:
        words = f"came back from sales: {reason.replace('_', ' ')}"
        set_stage(connection, lead, "recycled", None, now, at=now, author=author, because=words)
    stage = stages_now(connection, [lead]).get(lead)
    since = now if stage is None else stage.since
    at = max(now, since)  # clocks differ, and nothing is said before what happened last to the lead's stages
    until = None if answer.look_again is None else at + answer.look_again
    said = _note(connection, lead, "rejected", author, reason, now=at, until=until, content=content)
    if answer.then == DISQUALIFY:
        _overtake(connection, lead, action="out")
    else:
        _overtake(connection, lead, action="nurture", stage="recycled", substage=None, stage_since=since)
    mark_stale(connection, [lead], now)
    return said


def wrong_score(connection: Connection, lead: int, reason: str, author: str, now: int) -> str:
    """Note that somebody holds a lead's score for wrong: nothing follows but that it is shown and counted."""
    return _note(connection, lead, "wrong_score", author, reason, now=now)


def override(
    connection: Connection,
    lead: int,
    decided: Mapping[str, str],
    reason: str,
    author: str,
    now: int,
    *,
    until: int,
) -> str:
    """Decide otherwise than the policy until a moment; what was decided so before ends.

    `decided` has some of action, queue, track and temperature.
    """
    _end(connection, lead, FEEDBACK.c.kind == "override", now)
    said = _note(connection, lead, "override", author, reason, now=now, until=until, content=decided)
    mark_stale(connection, [lead], now)
    return said


def disqualified(
    connection: Connection,
    lead: int,
    category: str,
    reason: str,
    author: str,
    now: int,
    *,
    until: int | None = None,
) -> str:
    """Rule a lead out, until a moment or for good."""
    said = _note(
        connection, lead, "disqualified", author, reason, now=now, until=until, content={"category": category}
    )
    mark_stale(connection, [lead], now)
    return said


def reinstated(
    connection: Connection, lead: int, disqualifier: str | None, reason: str, author: str, now: int
) -> str:
    """Lift one of the policy's disqualifiers from a lead for good, or, without a name, whatever rules it out.

    The latter is what people have said; the policy's own rules are lifted by their names.
    """
    content = {} if disqualifier is None else {"disqualifier": disqualifier}
    if disqualifier is None:
        _end(connection, lead, _RULES_OUT, now)
    said = _note(connection, lead, "reinstated", author, reason, now=now, content=content)
    mark_stale(connection, [lead], now)
    return said


def gave_back(connection: Connection, lead: int, author: str, since: int) -> bool:
    """Whether the last that somebody said of taking a lead, since a moment, is that it goes back."""
    query = sa.select(FEEDBACK.c.kind).where(
        FEEDBACK.c.lead == lead, FEEDBACK.c.kind.in_(("accepted", "rejected"))
    )
    theirs = query.where(FEEDBACK.c.author == author, FEEDBACK.c.at >= since)
    return connection.execute(theirs.order_by(FEEDBACK.c.id.desc()).limit(1)).scalar() == "rejected"


def feedback_about(connection: Connection, lead: int, before: str | None, limit: int) -> list[Said]:
    """Return what was said of a lead, the newest first; only what is below the id `before`, if given."""
    query = sa.select(*_COLUMNS).where(FEEDBACK.c.lead == lead).order_by(FEEDBACK.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(FEEDBACK.c.id < before)
    return [Said(**row._asdict()) for row in connection.execute(query)]


@dataclass(frozen=True, slots=True)
class FeedbackCount:
    """How often something was said, for a reason."""

    kind: Kind
    reason: str
    count: int


def feedback_counts(connection: Connection, kind: Kind | None, since: int | None) -> list[FeedbackCount]:
    """Count what was said, by kind and reason, the most frequent first; since a moment in microseconds UTC.

    Reasons of the policy's list are counted each; the free words of other kinds are not told apart.
    """
    reason = sa.case((FEEDBACK.c.kind == "rejected", FEEDBACK.c.reason), else_="")
    count = sa.func.count()
    query = sa.select(FEEDBACK.c.kind, reason, count).group_by(FEEDBACK.c.kind, reason)
    query = query.order_by(count.desc(), FEEDBACK.c.kind, reason)
    if kind is not None:
        query = query.where(FEEDBACK.c.kind == kind)
    if since is not None:
        query = query.where(FEEDBACK.c.at >= since)
    return [FeedbackCount(*row) for row in connection.execute(query)]


def _note(
    connection: Connection,
    lead: int,
    kind: Kind,
    author: str,
    reason: str,
    *,
    now: int,
    until: int | None = None,
    content: Mapping[str, Any] = NOTHING,
) -> str:
    newest = sa.select(sa.func.max(FEEDBACK.c.id)).where(FEEDBACK.c.lead == lead)
    said_id = record_id_after(connection.execute(newest).scalar(), now)
    row = {
        "id": said_id,
        "lead": lead,
        "kind": kind,
        "author": author,
        "reason": reason,
        "content": {**content, **_then(connection, lead), **content},
        "at": now,
        "expires_at": until,
    }
    connection.execute(FEEDBACK.insert().values(row))
    return said_id


def _then(connection: Connection, lead: int) -> dict[str, Any]:
    """Return the score and the stage of a lead at this moment."""
    score = connection.execute(sa.select(LEADS.c.score).where(LEADS.c.number == lead)).scalar()
    stage = stages_now(connection, [lead]).get(lead)
    return {"score": score, "stage": None if stage is None else stage.stage}


def _overtake(connection: Connection, lead: int, **values: Any) -> None:
    """Let nobody be given a lead until it is decided on again: the decision that holds is overtaken."""
    decided = sa.update(LEAD_STATES).where(LEAD_STATES.c.lead == lead, LEAD_STATES.c.action == "route")
    connection.execute(decided.values(queue=None, **values))


def _end(connection: Connection, lead: int, which: sa.ColumnElement[bool], now: int) -> None:
    ended = sa.update(FEEDBACK).where(FEEDBACK.c.lead == lead, which, FEEDBACK.c.ended_at.is_(None))
    connection.execute(ended.values(ended_at=now))
