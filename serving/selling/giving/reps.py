"""Reps of the store: who they are, read as routing wants them, written as they were sent."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from decisions.routing.rep import Rep
from serving.selling.clocks.working_hours import working_time_of
from serving.store.dialects import insert_into
from serving.store.schema_selling import REP_TIME_OFF, REPS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row

_ALL = REPS.select().order_by(REPS.c.id)
_ALL_OFF = REP_TIME_OFF.select().order_by(REP_TIME_OFF.c.from_at, REP_TIME_OFF.c.id)
_AS_TEXT = sa.select(REPS.c.id, REPS.c.name, REPS.c.status, sa.cast(REPS.c.content, sa.Text).label("content"))
_LISTS = ("territories", "products", "languages", "industries", "company_sizes")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOffKept:
    """A time in which a rep is not there: microseconds UTC, the end not included."""

    id: str
    from_at: int
    until_at: int
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepKept:
    """A rep as it was sent, and the time off, in its order."""

    rep_id: str
    name: str
    status: str
    content: dict[str, Any]
    time_off: tuple[TimeOffKept, ...]
    updated_at: int


def reps_kept(connection: Connection, rep_id: str | None = None) -> list[RepKept]:
    """Return all reps by id, or the one of an id, if there is one."""
    wanted, off = _ALL, _ALL_OFF
    if rep_id is not None:
        wanted, off = wanted.where(REPS.c.id == rep_id), off.where(REP_TIME_OFF.c.rep == rep_id)
    rows = connection.execute(wanted).all()
    by_rep: dict[str, list[TimeOffKept]] = {}
    for row in connection.execute(off):
        one = TimeOffKept(id=row.id, from_at=row.from_at, until_at=row.until_at, note=row.note)
        by_rep.setdefault(row.rep, []).append(one)
    return [_kept(row, tuple(by_rep.get(row.id, ()))) for row in rows]


def reps_of(connection: Connection) -> dict[str, Rep]:
    """Return all reps by id, as routing wants them."""
    off: dict[str, list[tuple[int, int]]] = {}
    for row in connection.execute(_ALL_OFF):
        off.setdefault(row.rep, []).append((row.from_at, row.until_at))
    return {
        row.id: _read(row.id, row.name, row.status, row.content, tuple(off.get(row.id, ())))
        for row in connection.execute(_AS_TEXT)
    }


def rep_of(kept: RepKept) -> Rep:
    """Return a rep as routing wants it. What was sent was checked then."""
    off = tuple((one.from_at, one.until_at) for one in kept.time_off)
    return _made(kept.rep_id, kept.name, kept.status, kept.content, off)


@lru_cache(maxsize=4_096)
def _read(rep_id: str, name: str, status: str, content: str, off: tuple[tuple[int, int], ...]) -> Rep:
    # Kept by all that it is made from: an assignment asks for every rep.
    return _made(rep_id, name, status, json.loads(content), off)


def _made(
    rep_id: str, name: str, status: str, content: Mapping[str, Any], off: tuple[tuple[int, int], ...]
) -> Rep:
    return Rep(
        rep_id=rep_id,
        name=name,
        status=status,  # type: ignore[arg-type]  # only these three are written
        queues=content.get("queues") or {},
        hours=working_time_of(content, tuple(sorted(off))),
        **{name: tuple(content.get(name) or ()) for name in _LISTS},
        seniority=content.get("seniority"),
        capacity_a_day=content.get("capacity_a_day"),
        capacity_open=content.get("capacity_open"),
        manager=content.get("manager"),
    )


def put_rep(
    connection: Connection, rep_id: str, name: str, status: str, content: Mapping[str, Any], now: int
) -> bool:
    """Keep a rep in the place of what was known of the id, and return whether it is new."""
    known = sa.select(REPS.c.id).where(REPS.c.id == rep_id).with_for_update()
    is_new = connection.execute(known).first() is None
    values = {"name": name, "status": status, "content": dict(content), "updated_at": now}
    insert = insert_into(connection, REPS).values(id=rep_id, **values)
    connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_=values))
    return is_new


def set_status(connection: Connection, rep_id: str, status: str, now: int) -> bool:
    """Let a rep be active, away or left; return whether the rep is known."""
    here = sa.update(REPS).where(REPS.c.id == rep_id)
    return bool(connection.execute(here.values(status=status, updated_at=now)).rowcount)


def add_time_off(
    connection: Connection, rep_id: str, from_at: int, until_at: int, note: str | None
) -> str | None:
    """Keep a time off, once, and return its id; None where the rep is not known."""
    known = sa.select(REPS.c.id).where(REPS.c.id == rep_id).with_for_update()
    if connection.execute(known).first() is None:
        return None
    same = sa.select(REP_TIME_OFF.c.id).filter_by(rep=rep_id, from_at=from_at, until_at=until_at)
    if (before := connection.execute(same).first()) is not None:
        return str(before.id)
    time_off = secrets.token_hex(16)
    values = {"id": time_off, "rep": rep_id, "from_at": from_at, "until_at": until_at, "note": note}
    connection.execute(REP_TIME_OFF.insert().values(values))
    return time_off


def remove_time_off(connection: Connection, rep_id: str, time_off: str) -> bool:
    """Forget a time off; return whether there was one."""
    here = sa.delete(REP_TIME_OFF).where(REP_TIME_OFF.c.id == time_off, REP_TIME_OFF.c.rep == rep_id)
    return bool(connection.execute(here).rowcount)


def _kept(row: Row[Any], time_off: tuple[TimeOffKept, ...]) -> RepKept:
    return RepKept(
        rep_id=row.id,
        name=row.name,
        status=row.status,
        content=row.content,
        time_off=time_off,
        updated_at=row.updated_at,
    )
