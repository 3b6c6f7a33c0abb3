"""What is remembered of a lead: each value that its columns took, and all that happened, the newest first.

What was known of leads that were merged into it belongs to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

from serving.history.happenings import KINDS
from serving.store.paging import DEFAULT_LIMIT, check_limit, no_cursor, read_cursor, write_cursor
from serving.store.schema import CHANGES, LEADS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection

    from serving.history.happenings import Happening, Kind, Owners, Place


@dataclass(frozen=True, slots=True)
class Change:
    """A value that a column took; None is 'not known'. `lead_id`: whose, where that was merged since."""

    column: str
    changed_at: int
    value: Any
    lead_id: str | None


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Changes, the newest first, and the cursor of those before them; None where there are none."""

    changes: tuple[Change, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """What happened, the newest first, and the cursor of what came before; None where nothing did."""

    happenings: tuple[Happening, ...]
    next: str | None


def history(
    connection: Connection, number: int, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> HistoryPage:
    """Return changes of a lead's columns. Raises InputError for a bad limit or a cursor of something else."""
    check_limit(limit)
    owners, asked = _owners(connection, number), ["history", number]
    rows = sa.select(CHANGES).where(CHANGES.c.lead.in_(owners))
    if cursor is not None:
        rows = rows.where(
            _before(CHANGES.c.changed_at, CHANGES.c.number, *read_cursor(cursor, asked, (int, int)))
        )
    newest = rows.order_by(CHANGES.c.changed_at.desc(), CHANGES.c.number.desc()).limit(limit + 1)
    found = connection.execute(newest).all()
    shown = found[:limit]
    changes = tuple(Change(row.column, row.changed_at, row.value, owners[row.lead]) for row in shown)
    last = [(row.changed_at, row.number) for row in shown[-1:]]
    return HistoryPage(changes, write_cursor(asked, last[0]) if len(found) > limit else None)


def timeline(
    connection: Connection, number: int, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> TimelinePage:
    """Return what happened to a lead: scores, merges, outcomes, events, and the changes of a moment as one.

    Events and outcomes are told when they occurred, scores when they were recorded. What is of one moment is
    in the order of KINDS. Raises InputError for a bad limit or a cursor of something else.
    """
    check_limit(limit)
    owners, asked = _owners(connection, number), ["timeline", number]
    after = None if cursor is None else _after(cursor, asked)
    places = [
        (place, rank)
        for rank, kind in enumerate(KINDS)
        for place in _places(connection, kind, rank, owners, after, limit + 1)
    ]
    # Within a kind they are in order already, by idents of the database's own order.
    places.sort(key=lambda found: (-found[0][0], found[1]))
    shown = places[:limit]
    happenings = tuple(_told(connection, owners, shown))
    last = [(at, rank, ident) for (at, ident), rank in shown[-1:]]
    return TimelinePage(happenings, write_cursor(asked, last[0]) if len(places) > limit else None)


def _after(cursor: str, asked: list[Any]) -> tuple[int, int, Any]:
    """Return a position (moment, rank, ident); an ident is text where that of the kind of this rank is."""
    after = cast("tuple[int, int, Any]", read_cursor(cursor, asked, (int, int, (int, str))))
    ranks = {rank: kind.ident.type.python_type for rank, kind in enumerate(KINDS)}
    if ranks.get(after[1]) is not type(after[2]):
        raise no_cursor(cursor)
    return after


def _places(
    connection: Connection,
    kind: Kind,
    rank: int,
    owners: Owners,
    after: tuple[int, int, Any] | None,
    limit: int,
) -> list[Place]:
    """Return where the newest things of a kind are that come after a position (moment, rank, ident)."""
    found = sa.select(kind.at, kind.ident).select_from(kind.tables).where(kind.lead.in_(owners))
    if kind.repeats:
        found = found.distinct()
    if after is not None:
        at, of, ident = after
        if rank == of:
            found = found.where(_before(kind.at, kind.ident, at, ident))
        else:
            found = found.where(kind.at < at if rank < of else kind.at <= at)
    newest = found.order_by(kind.at.desc(), kind.ident.desc()).limit(limit)
    return [(at, ident) for at, ident in connection.execute(newest)]


def _told(connection: Connection, owners: Owners, places: list[tuple[Place, int]]) -> Iterator[Happening]:
    """Yield what lies at these places, in order; what was erased meanwhile is left out."""
    read = [
        kind.read(connection, owners, own) if (own := [place for place, of in places if of == rank]) else {}
        for rank, kind in enumerate(KINDS)
    ]
    for place, rank in places:
        if place in read[rank]:
            yield read[rank][place]


def _before(at: ColumnElement[int], ident: ColumnElement[Any], moment: Any, last: Any) -> ColumnElement[bool]:
    return sa.and_(at <= moment, sa.or_(at < moment, ident < last))


def _owners(connection: Connection, number: int) -> Owners:
    merged = sa.select(LEADS.c.number, LEADS.c.lead_id).where(LEADS.c.merged_into == number)
    return {number: None, **{row.number: row.lead_id for row in connection.execute(merged)}}
