"""Keeping `leads.standing` right: what outcomes and acts say of a lead now."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from features.lead_standing import Act, Ending, standing_at
from features.vocabulary import TOUCH_TYPES
from serving.history.last_score import NO_SCORE
from serving.history.touching import touched
from serving.store.dialects import in_batches
from serving.store.schema import ALIASES, EVENTS, LEADS, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, Row

    from features.lead_standing import Standing


def settle_standing(
    connection: Connection, numbers: Iterable[int], now: int, touches: frozenset[str] = TOUCH_TYPES
) -> set[int]:
    """Write how leads stand now, and return those whose standing changed.

    One that is not open any more loses its score at once, so that nobody reads the two together.

    `touches` are the types of events, as they are sent, that are no acts of the lead. What lies after `now`
    (microseconds UTC) does not count yet: a lead with such an outcome is to be settled again then.
    """
    changed: set[int] = set()
    for batch in in_batches(sorted(numbers), size=5_000):
        outcomes = defaultdict(list)
        for row in connection.execute(_outcomes(batch, now, touches)):
            outcomes[row.lead].append(row)
        was = sa.select(LEADS.c.number, LEADS.c.standing).where(LEADS.c.number.in_(batch))
        moved = {
            number: standing
            for number, held in connection.execute(was)
            if (standing := _standing(outcomes.get(number, []), now)) != held
        }
        write_standings(connection, moved, now)
        changed.update(moved)
    return changed


def write_standings(connection: Connection, moved: Mapping[int, Standing], now: int) -> None:
    """Write how leads stand now, by number, who stood otherwise. Those that have ended lose their score."""
    if not moved:
        return
    to = sa.update(LEADS).where(LEADS.c.number == sa.bindparam("at"))
    rows = [{"at": number, "to": standing} for number, standing in moved.items()]
    connection.execute(to.values(standing=sa.bindparam("to"), touched_at=touched(now)), rows)
    for ended in in_batches(number for number, standing in moved.items() if standing != "open"):
        without = sa.update(LEADS).where(LEADS.c.number.in_(ended))
        connection.execute(without.values({LEADS.c[name]: value for name, value in NO_SCORE.items()}))


def standing_of(connection: Connection, lead_ids: Iterable[str]) -> dict[str, Standing]:
    """Return how leads stand, by the ids given, of which all are known."""
    found: dict[str, Standing] = {}
    for batch in in_batches(set(lead_ids)):
        query = sa.select(ALIASES.c.lead_id, LEADS.c.standing).join(LEADS, LEADS.c.number == ALIASES.c.lead)
        found |= {
            row.lead_id: row.standing for row in connection.execute(query.where(ALIASES.c.lead_id.in_(batch)))
        }
    return found


def with_outcomes(connection: Connection, numbers: Iterable[int]) -> set[int]:
    """Return which of these leads have outcomes that stand: only their standing can an event change."""
    found: set[int] = set()
    for batch in in_batches(numbers):
        stand = sa.select(OUTCOMES.c.lead).where(OUTCOMES.c.lead.in_(batch), OUTCOMES.c.ended_at.is_(None))
        found.update(connection.execute(stand).scalars())
    return found


def _outcomes(numbers: list[int], now: int, touches: frozenset[str]) -> sa.Select[Any]:
    """Select the outcomes that stand, each with the time of the lead's first act after it."""
    act = (
        sa.select(EVENTS.c.occurred_at)
        .where(
            EVENTS.c.lead == OUTCOMES.c.lead,
            EVENTS.c.occurred_at > OUTCOMES.c.occurred_at,
            EVENTS.c.occurred_at <= now,
            EVENTS.c.known_at <= now,
            EVENTS.c.type.not_in(sorted(touches)),
        )
        .order_by(EVENTS.c.occurred_at)
        .limit(1)
        .correlate(OUTCOMES)
        .scalar_subquery()
    )
    query = sa.select(
        OUTCOMES.c.lead,
        OUTCOMES.c.outcome,
        OUTCOMES.c.occurred_at,
        OUTCOMES.c.known_at,
        act.label("acted_at"),
    )
    stand = OUTCOMES.c.lead.in_(numbers) & OUTCOMES.c.ended_at.is_(None)
    return query.where(stand).order_by(OUTCOMES.c.number)


def _standing(rows: list[Row[Any]], now: int) -> Standing:
    endings = [Ending(row.outcome, row.occurred_at, row.known_at) for row in rows]
    acts = [Act(row.acted_at, now) for row in rows if row.acted_at is not None]
    return standing_at(endings, acts, now)
