"""What was decided about a lead, and where it has been, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from serving.store.paging import check_limit, read_cursor, write_cursor
from serving.store.schema_selling import DECISIONS, LEAD_STATES, STAGES_PASSED

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

STAGES_TOLD = 100
"""So many stages of a lead are told at most, the newest."""


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """Some decisions, the newest first, and the cursor of what comes after them; None at the end."""

    decisions: tuple[Row[Any], ...]
    next: str | None


def decisions_page(connection: Connection, lead: int, cursor: str | None, limit: int) -> DecisionPage:
    """Return decisions about a lead, as rows of `decisions`.

    Raises InputError where the limit is out of range, or the cursor is damaged or another lead's.
    """
    check_limit(limit)
    asked = ["decisions", lead]
    newest = (DECISIONS.c.decided_at.desc(), DECISIONS.c.id.desc())
    query = DECISIONS.select().where(DECISIONS.c.lead == lead).order_by(*newest).limit(limit + 1)
    if cursor is not None:
        at, last = cast("tuple[int, str]", read_cursor(cursor, asked, (int, str)))
        earlier = (DECISIONS.c.decided_at == at) & (DECISIONS.c.id < last)
        query = query.where((DECISIONS.c.decided_at < at) | earlier)
    rows = connection.execute(query).all()
    shown = tuple(rows[:limit])
    more = len(rows) > limit
    return DecisionPage(shown, write_cursor(asked, [shown[-1].decided_at, shown[-1].id]) if more else None)


@dataclass(frozen=True, slots=True)
class LeadState:
    """What is decided of a lead now: its row of `lead_states`, and the decision that says so."""

    state: Row[Any]
    decision: Row[Any]


def state_of_lead(connection: Connection, lead: int) -> LeadState | None:
    """Return what is decided of a lead now; None where nothing is yet."""
    state = connection.execute(LEAD_STATES.select().where(LEAD_STATES.c.lead == lead)).first()
    if state is None:
        return None
    said = DECISIONS.select().where(DECISIONS.c.id == state.decision_id)
    return LeadState(state, connection.execute(said).one())


def stages_passed(connection: Connection, lead: int) -> list[Row[Any]]:
    """Return where a lead is and was, the newest first."""
    query = STAGES_PASSED.select().where(STAGES_PASSED.c.lead == lead)
    newest = query.order_by(STAGES_PASSED.c.entered_at.desc(), STAGES_PASSED.c.number.desc())
    return list(connection.execute(newest.limit(STAGES_TOLD)))
