"""What reps have to do, counted from the assignments of the store."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from statistics import median
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from decisions.routing.rep import Load, Record
from serving.store.dialects import in_batches
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from decisions.routing.rep import Rep

DAY_US = 86_400_000_000
RECORDS_US = 365 * DAY_US
"""Wins, losses and responses of assignments that began so long ago count; older ones tell of other times."""

_QUARTER_US = 900_000_000

_HAS = sa.select(ASSIGNMENTS.c.rep, sa.func.count()).group_by(ASSIGNMENTS.c.rep)
_OPEN = _HAS.where(ASSIGNMENTS.c.ended_at.is_(None), ASSIGNMENTS.c.rep.is_not(None))
_SINCE = _HAS.where(
    ASSIGNMENTS.c.rep.in_(sa.bindparam("reps", expanding=True)),
    ASSIGNMENTS.c.assigned_at >= sa.bindparam("start"),
)


def loads_of(
    connection: Connection, reps: Iterable[Rep], now: int, *, records_by: Iterable[str] = ()
) -> dict[str, Load]:
    """Return the loads of reps.

    With `records_by`, kinds of segments, also how their leads ended, and how soon they answered: that is
    counted only where a queue chooses by it.
    """
    by_id = {rep.rep_id: rep for rep in reps}
    open_now, today = _open(connection), _today(connection, by_id, now)
    kinds = tuple(dict.fromkeys(records_by))
    records = _records(connection, by_id, kinds, now) if kinds else {}
    responses = _responses(connection, by_id, now) if kinds else {}
    return {
        rep_id: Load(
            open_now=open_now.get(rep_id, 0),
            given_today=today.get(rep_id, 0),
            median_response_us=round(median(responses[rep_id])) if rep_id in responses else None,
            responses=len(responses.get(rep_id, ())),
            records=records.get(rep_id, {}),
        )
        for rep_id in by_id
    }


def zone_of(rep: Rep) -> str:
    """Return the zone in which a rep's days begin."""
    return getattr(rep.hours, "zone", "UTC")


def day_began(zone: str, now: int) -> int:
    """Return when the day began in a zone (microseconds UTC)."""
    return _day_began(zone, now // _QUARTER_US)


@lru_cache(maxsize=4_096)
def _day_began(zone: str, quarter: int) -> int:
    # Offsets are whole quarters of an hour, so what holds at the start of one holds throughout it.
    here = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=quarter * _QUARTER_US)
    local = here.astimezone(ZoneInfo(zone))
    start = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)
    return (start - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _open(connection: Connection) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(_OPEN)}


def _today(connection: Connection, reps: Mapping[str, Rep], now: int) -> dict[str, int]:
    """Count what each was given since his or her own day began, whatever became of it."""
    by_start: dict[int, list[str]] = defaultdict(list)
    for rep_id, rep in reps.items():
        by_start[day_began(zone_of(rep), now)].append(rep_id)
    found: dict[str, int] = {}
    for start, ids in by_start.items():
        for batch in in_batches(ids):
            found |= {row[0]: row[1] for row in connection.execute(_SINCE, {"reps": batch, "start": start})}
    return found


def _records(
    connection: Connection, reps: Iterable[str], kinds: Sequence[str], now: int
) -> dict[str, dict[str, Record]]:
    """Count how leads ended with the rep who had each last."""
    ended = (
        sa.select(ASSIGNMENTS.c.lead, ASSIGNMENTS.c.rep, ASSIGNMENTS.c.segments, LEADS.c.standing)
        .join(LEADS, LEADS.c.number == ASSIGNMENTS.c.lead)
        .where(LEADS.c.standing.in_(("won", "lost")), ASSIGNMENTS.c.assigned_at >= now - RECORDS_US)
        .order_by(ASSIGNMENTS.c.assigned_at)
    )
    last: dict[int, Any] = {}
    for batch in in_batches(reps):
        last |= {row.lead: row for row in connection.execute(ended.where(ASSIGNMENTS.c.rep.in_(batch)))}
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in last.values():
        for segment in ("", *(f"{kind}={row.segments[kind]}" for kind in kinds if kind in row.segments)):
            counts[row.rep, segment][row.standing == "lost"] += 1
    found: dict[str, dict[str, Record]] = defaultdict(dict)
    for (rep_id, segment), (wins, losses) in counts.items():
        found[rep_id][segment] = Record(wins, losses)
    return found


def _responses(connection: Connection, reps: Iterable[str], now: int) -> dict[str, list[int]]:
    """Return from assignment to first contact, by rep, in microseconds."""
    took = (ASSIGNMENTS.c.contacted_at - ASSIGNMENTS.c.assigned_at).label("took")
    answered = sa.select(ASSIGNMENTS.c.rep, took).where(
        ASSIGNMENTS.c.contacted_at.is_not(None), ASSIGNMENTS.c.assigned_at >= now - RECORDS_US
    )
    found: dict[str, list[int]] = defaultdict(list)
    for batch in in_batches(reps):
        for row in connection.execute(answered.where(ASSIGNMENTS.c.rep.in_(batch))):
            found[row.rep].append(max(row.took, 0))
    return found
