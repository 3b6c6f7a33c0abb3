"""How stored leads stand, as a decision has to know it: read in bulk, for many leads in few statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from decisions.deciding import Held, Override, RuledOut
from serving.selling.standing.best_of_day import cuts_of
from serving.selling.standing.stage_log import stages_now
from serving.store.dialects import in_batches
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS, BANT_ANSWERS, FEEDBACK, LEAD_STATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from decisions.policy.handoff import Handoff
    from serving.selling.standing.stage_log import StageNow

DISQUALIFY = "disqualify"

_ANSWERS = sa.select(BANT_ANSWERS.c.lead, BANT_ANSWERS.c.question, BANT_ANSWERS.c.answer).order_by(
    BANT_ANSWERS.c.answered_at, BANT_ANSWERS.c.number
)
_SAID = sa.select(
    FEEDBACK.c.lead,
    FEEDBACK.c.kind,
    FEEDBACK.c.at,
    FEEDBACK.c.author,
    FEEDBACK.c.reason,
    FEEDBACK.c.content,
    FEEDBACK.c.expires_at,
    FEEDBACK.c.ended_at,
).order_by(FEEDBACK.c.id)
_STANDINGS = sa.select(
    LEADS.c.number, LEADS.c.standing, LEAD_STATES.c.over_threshold, LEAD_STATES.c.qualified_at
).outerjoin(LEAD_STATES, LEAD_STATES.c.lead == LEADS.c.number)
_OWNERS = sa.select(ASSIGNMENTS.c.lead, ASSIGNMENTS.c.rep).where(
    ASSIGNMENTS.c.ended_at.is_(None), ASSIGNMENTS.c.rep.is_not(None)
)


@dataclass(slots=True)
class _Said:
    """What feedback says of one lead, as it is read in the order of its times."""

    returns: int = 0
    lifted: dict[str, None] = field(default_factory=dict)
    ruled_out: RuledOut | None = None
    override: Override | None = None

    def hear(self, row: Row[Any], now: int) -> None:
        """Take one row of feedback in."""
        if row.kind == "rejected":
            self.returns += 1
        if row.kind == "reinstated" and (name := row.content.get("disqualifier")):
            self.lifted[name] = None
        if row.ended_at is not None or (row.expires_at is not None and row.expires_at <= now):
            return
        if row.kind == "override":
            named = {name: row.content.get(name) for name in ("action", "queue", "track", "temperature")}
            self.override = Override(by=row.author, reason=row.reason, until=row.expires_at, **named)
        if row.kind == "disqualified" or (row.kind == "rejected" and row.content.get("then") == DISQUALIFY):
            self.ruled_out = RuledOut(
                category=row.content["category"], by=row.author, until=row.expires_at, at=row.at
            )


def held_of(
    connection: Connection,
    numbers: Sequence[int],
    now: int,
    handoff: Handoff | None = None,
) -> dict[int, Held]:
    """Return how leads stand at `now` (microseconds UTC), by number; those that are not there are left out.

    The stage is the one that the lead is in: of the decision before, or what sales said since. Of the answers
    to a question the newest stands. `returns` are the times that sales gave the lead back. An override or a
    ruling-out counts until it runs out, or is ended. `cut` is there where `handoff` asks for the best of the
    day: see `best_of_day`. A lead that is over already keeps its place, and has none.
    """
    stages = stages_now(connection, numbers)
    answers = _answers(connection, numbers)
    said = _feedback(connection, numbers, now)
    owners = dict(_in_batches(connection, _OWNERS, ASSIGNMENTS.c.lead, numbers))
    cuts = {} if handoff is None else cuts_of(connection, numbers, now, handoff)
    nothing = _Said()
    held: dict[int, Held] = {}
    for number, standing, over, qualified_at in _in_batches(connection, _STANDINGS, LEADS.c.number, numbers):
        told, stage = said.get(number, nothing), stages.get(number)
        held[number] = Held(
            standing=standing,
            over_threshold=bool(over),
            qualified_at=qualified_at,
            owner=owners.get(number, ""),
            returns=told.returns,
            bant=answers.get(number, {}),
            lifted=tuple(told.lifted),
            ruled_out=told.ruled_out,
            override=told.override,
            cut=None if over else cuts.get(number),
            **_staged(stage),
        )
    return {number: held[number] for number in numbers if number in held}


def _staged(stage: StageNow | None) -> dict[str, Any]:
    if stage is None:
        return {}
    return {
        "stage": stage.stage, "substage": stage.substage, "since": stage.since, "by_sales": stage.is_said,
    }  # fmt: skip


def _answers(connection: Connection, numbers: Sequence[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for lead, question, answer in _in_batches(connection, _ANSWERS, BANT_ANSWERS.c.lead, numbers):
        found.setdefault(lead, {})[question] = answer
    return found


def _feedback(connection: Connection, numbers: Sequence[int], now: int) -> dict[int, _Said]:
    found: dict[int, _Said] = {}
    for row in _in_batches(connection, _SAID, FEEDBACK.c.lead, numbers):
        found.setdefault(row.lead, _Said()).hear(row, now)
    return found


def _in_batches(
    connection: Connection, query: sa.Select[Any], column: sa.Column[Any], numbers: Sequence[int]
) -> list[Any]:
    return [
        row for batch in in_batches(numbers) for row in connection.execute(query.where(column.in_(batch)))
    ]
