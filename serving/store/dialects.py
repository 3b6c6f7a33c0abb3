"""Where SQLite and PostgreSQL want to be spoken to in different ways."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection, Table

LONGEST_LIST = 10_000
"""How many values one IN holds at most: SQLite takes 32,766 in a statement, PostgreSQL 65,535."""

T = TypeVar("T")


def is_sqlite(connection: Connection) -> bool:
    """Whether this is SQLite, where a writing transaction is alone."""
    return connection.dialect.name == "sqlite"


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return the database's own INSERT, which can say what happens ON CONFLICT."""
    return sqlite.insert(table) if is_sqlite(connection) else postgresql.insert(table)


def in_batches(values: Iterable[T], size: int = LONGEST_LIST) -> Iterator[list[T]]:
    """Yield the values in lists that one statement can take, each once, in order."""
    rest = iter(dict.fromkeys(values))
    while batch := list(islice(rest, size)):
        yield batch


def take_turns(connection: Connection, what: str, names: Iterable[str]) -> None:
    """Wait until no other transaction holds one of these names, and hold them until this one ends.

    `what` parts names of different kinds. Only PostgreSQL needs it: there transactions would not see what
    the other has not committed yet. Names that share a hash wait for one another, which harms nobody.
    """
    if is_sqlite(connection):
        return
    turn = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(sa.bindparam("name"), 0)))
    for name in sorted(set(names)):
        connection.execute(turn, {"name": f"{what}\n{name}"})
