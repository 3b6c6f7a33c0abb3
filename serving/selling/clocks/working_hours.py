"""When the reps of the store work."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from decisions.clocks.hours import Hours
from decisions.clocks.working_time import REP_ALWAYS
from serving.store.dialects import in_batches
from serving.store.schema_selling import REP_TIME_OFF, REPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from decisions.clocks.working_time import WorkingTime

HOURS_MEMBERS = tuple(Hours.model_fields)
"""The members of what is known of a rep that say when the rep works."""

_THESE: sa.BindParameter[list[str]] = sa.bindparam("these", expanding=True)
_KNOWN = sa.select(REPS.c.id, REPS.c.content).where(REPS.c.id.in_(_THESE))
_AWAY = sa.select(REP_TIME_OFF.c.rep, REP_TIME_OFF.c.from_at, REP_TIME_OFF.c.until_at).where(
    REP_TIME_OFF.c.rep.in_(_THESE)
)


def working_times(connection: Connection, reps: Iterable[str]) -> dict[str, WorkingTime]:
    """Return when each rep works, less time off. Whoever states nothing, or is not known, always does."""
    wanted = sorted(set(reps))
    contents: dict[str, Mapping[str, Any]] = {}
    off: dict[str, list[tuple[int, int]]] = {}
    for batch in in_batches(wanted):
        contents |= {row.id: row.content for row in connection.execute(_KNOWN, {"these": batch})}
        for row in connection.execute(_AWAY, {"these": batch}):
            off.setdefault(row.rep, []).append((row.from_at, row.until_at))
    return {rep: working_time_of(contents.get(rep, {}), tuple(sorted(off.get(rep, ())))) for rep in wanted}


def working_time_of(content: Mapping[str, Any], off: tuple[tuple[int, int], ...] = ()) -> WorkingTime:
    """Return when a rep works by what is known of it; `off` is time off in microseconds UTC.

    Raises pydantic's ValidationError where the hours cannot be read: they are checked when a rep is sent.
    """
    said = {name: content[name] for name in HOURS_MEMBERS if content.get(name) is not None}
    if not said and not off:
        return REP_ALWAYS
    return _working_time(json.dumps(said, sort_keys=True), off)


@lru_cache(maxsize=2_048)
def _working_time(said: str, off: tuple[tuple[int, int], ...]) -> WorkingTime:
    # Kept, so that the calendar of a rep is worked out once, not for each assignment.
    return Hours.model_validate_json(said).working_time(off)
