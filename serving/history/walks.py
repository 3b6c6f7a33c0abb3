"""Walks along an index of the leads: which one, from where, and how far.

Each order has an index that holds its key, the lead's number, and all that leads can be filtered by. A lead
that does not fit costs an entry of the index, and is not read. Where few fit, another index may lead to them
sooner: PostgreSQL knows by its statistics; for SQLite it is found out here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import sqlalchemy as sa
from sqlalchemy.sql.operators import custom_op

from features.lead_standing import Standing
from serving.history.identity import IS_SHOWN
from serving.store.dialects import is_sqlite
from serving.store.schema import LEADS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection

_STRETCH = 50_000
"""So many entries are walked before it is asked whether another index holds fewer than are left."""

_FEW = 150_000
"""So many leads are read out of order and sorted, rather than looked for along the order."""

_ALL = {
    LEADS.c.standing: get_args(Standing),
    LEADS.c.grade: tuple(f"{fit}{engagement}" for fit in "ABCD" for engagement in ("", 1, 2, 3, 4)),
}
"""The values of the columns with which the index `leads_by_standing` begins: a filter by one that follows
looks all of them up. What has an action has a grade."""

Among = dict[sa.Column[Any], tuple[str, ...]]
"""The values of columns that fit."""

Place = tuple[int | None, int]
"""The key of a lead, None where it is not known, and its number."""


@dataclass(frozen=True, slots=True)
class Span:
    """The values of a column that fit, the ends among them; None is no end."""

    column: sa.Column[Any]
    low: int | None = None
    high: int | None = None

    def __bool__(self) -> bool:
        return self.low is not None or self.high is not None


@dataclass(frozen=True, slots=True)
class Walk:
    """The shown leads that fit, in the order of `key` and then of their number; last those without a key.

    `spans` are of created_at, touched_at and score, each at most once; `among` are the values of standing,
    grade and action that fit.
    """

    key: sa.Column[Any]
    descending: bool
    spans: tuple[Span, ...]
    among: tuple[tuple[sa.Column[Any], tuple[str, ...]], ...]

    def places(self, connection: Connection, after: Place | None, limit: int) -> list[Place]:
        """Return the places of the first `limit` leads after a place, or of the first of all."""
        found: list[Place] = []
        if after is None or after[0] is not None:
            found = _Stage(self, is_known=True).places(connection, after, limit)
            after = None
        own = next((span for span in self.spans if span.column is self.key), None)
        if len(found) < limit and self.key.nullable and not own:
            found += _Stage(self, is_known=False).places(connection, after, limit - len(found))
        return found

    @property
    def is_filtered(self) -> bool:
        """Whether leads are passed by, other than by where the walk begins and ends."""
        return bool(self.among) or any(span for span in self.spans if span.column is not self.key)


@dataclass(frozen=True, slots=True)
class _Stage:
    """The part of a walk along the leads whose key is known, or along the others."""

    walk: Walk
    is_known: bool

    def places(self, connection: Connection, after: Place | None, limit: int) -> list[Place]:
        if not is_sqlite(connection):
            return self._found(connection, _Terms(), after, None, limit)
        along = _terms(self.walk.key)
        if not self.walk.is_filtered:
            return self._found(connection, along, after, None, limit)
        end = self._end_of_stretch(connection, along, after)
        found = self._found(connection, along, after, end, limit)
        if end is None or len(found) == limit:
            return found
        return self._found(connection, self._shortest(connection, along), after, None, limit)

    def _end_of_stretch(self, connection: Connection, along: _Terms, after: Place | None) -> Place | None:
        entries = sa.select(LEADS.c.number, self.walk.key).where(IS_SHOWN, *self._beyond(along, after))
        entry = connection.execute(entries.order_by(*self._order(along)).offset(_STRETCH).limit(1)).first()
        return None if entry is None else (entry[1], entry[0])

    def _shortest(self, connection: Connection, along: _Terms) -> _Terms:
        """Return the terms by which fewest leads are read: along the order, unless others are few."""
        others = [_terms(span.column) for span in self.walk.spans if span.column is not self.walk.key]
        counts: list[tuple[int, int, _Terms]] = []
        for terms in (*others, _terms(LEADS.c.standing, LEADS.c.grade, LEADS.c.action)):
            if sought := [*self._fitting(terms, sought_alone=True)]:
                few = sa.select(sa.literal(1).label("one")).where(IS_SHOWN, *sought).limit(_FEW).subquery()
                counted = sa.select(sa.func.count()).select_from(few)
                counts.append((connection.execute(counted).scalar_one(), len(counts), terms))
        fewest, _, terms = min(counts, default=(_FEW, 0, along))
        return terms if fewest < _FEW else along

    def _found(
        self, connection: Connection, terms: _Terms, after: Place | None, end: Place | None, limit: int
    ) -> list[Place]:
        where = [*self._beyond(terms, after), *self._fitting(terms)]
        if end is not None:
            where.append(~self._is_beyond(terms, end))
        found = sa.select(self.walk.key, LEADS.c.number).where(IS_SHOWN, *where)
        ordered = found.order_by(*self._order(terms)).limit(limit)
        return [(key, number) for key, number in connection.execute(ordered)]

    def _order(self, terms: _Terms) -> list[ColumnElement[Any]]:
        keys = (terms.of(self.walk.key), LEADS.c.number)
        return [key.desc() if self.walk.descending else key.asc() for key in keys]

    def _beyond(self, terms: _Terms, after: Place | None) -> Iterator[ColumnElement[bool]]:
        """Yield that the key is known, or is not, and lies beyond a place and within its own span."""
        key = terms.of(self.walk.key)
        yield key.is_not(None) if self.is_known else key.is_(None)
        if after is not None:
            yield self._is_beyond(terms, after)
        for span in self.walk.spans:
            if span.column is self.walk.key:
                # A walk that begins at a place does not begin at the end of the span on that side.
                low, high = (key, terms.hidden(key)) if self.walk.descending else (terms.hidden(key), key)
                yield from _within(span, low if after else key, high if after else key)

    def _is_beyond(self, terms: _Terms, place: Place) -> ColumnElement[bool]:
        number = LEADS.c.number
        if not self.is_known:
            return number < place[1] if self.walk.descending else number > place[1]
        here = sa.tuple_(terms.of(self.walk.key), number)
        there = sa.tuple_(*(sa.literal(part, sa.BigInteger) for part in place))
        return here < there if self.walk.descending else here > there

    def _fitting(self, terms: _Terms, *, sought_alone: bool = False) -> Iterator[ColumnElement[bool]]:
        """Yield the filters; with `sought_alone` those by which leads are looked up."""
        for span in self.walk.spans:
            if span.column is not self.walk.key and (not sought_alone or span.column in terms.sought):
                yield from _within(span, terms.of(span.column), terms.of(span.column))
        among = dict(self.walk.among)
        if among.keys() & terms.sought:
            among = _from_the_first(among)
        for column, values in among.items():
            if not sought_alone or column in terms.sought:
                yield terms.of(column).in_(values)


@dataclass(frozen=True, slots=True)
class _Terms:
    """Columns, written so that SQLite looks leads up by `sought` alone; with none it is free to choose."""

    sought: frozenset[sa.Column[Any]] = frozenset()

    def of(self, column: sa.Column[Any]) -> ColumnElement[Any]:
        return column if column in self.sought else self.hidden(column)

    def hidden(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        if not self.sought:
            return column
        return sa.UnaryExpression(column, operator=custom_op("+"), type_=column.type)


def _from_the_first(among: Among) -> Among:
    """Add the columns that stand before these in the index by standing, with all of their values."""
    every = among
    if LEADS.c.action in among:
        every = {LEADS.c.grade: _ALL[LEADS.c.grade], **every}
    if LEADS.c.grade in every:
        every = {LEADS.c.standing: _ALL[LEADS.c.standing], **every}
    return every


def _terms(*sought: sa.Column[Any]) -> _Terms:
    return _Terms(frozenset(sought))


def _within(span: Span, low: ColumnElement[Any], high: ColumnElement[Any]) -> Iterator[ColumnElement[bool]]:
    if span.low is not None:
        yield low >= span.low
    if span.high is not None:
        yield high <= span.high
