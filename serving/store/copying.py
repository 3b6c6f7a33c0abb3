"""All rows of a store into another, whatever the kinds of the two; and a store of SQLite as one file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from serving.store.schema_selling import EVERY_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

ROWS_AT_ONCE = 5_000
TABLES = tuple(EVERY_TABLE.sorted_tables)


def vacuumed(path: Path, out: Path) -> None:
    """Write what a SQLite file holds at this moment into another, while others write: one file, compact.

    Only its owner may read it. Raises sqlite3.Error where the file cannot be read.
    """
    out.touch(mode=0o600, exist_ok=False)
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("VACUUM INTO ?", (str(out),))


def copy_rows(source: Connection, target: Connection) -> None:
    """Write every row that `source` sees into the empty tables of `target`, and count on from there.

    JSON goes over as its text, so that a cell keeps its spelling and NULL stays apart from null.
    """
    for table in TABLES:
        into = _insert(table, target)
        for rows in _parts(source, table):
            target.execute(into, rows)
    if target.dialect.name == "postgresql":
        for table in TABLES:
            _count_on(target, table)


def empty(connection: Connection) -> None:
    """Take every row out of a PostgreSQL, also of tables whose rows nobody else may take away.

    What refuses that is off in this transaction alone; the user has to own the tables, as who made them does.
    """
    names = [f'"{table.name}"' for table in TABLES]
    connection.execute(sa.text(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE"))
    for name in names:
        connection.execute(sa.text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
    connection.execute(sa.text(f"TRUNCATE {', '.join(names)}"))
    for name in names:
        connection.execute(sa.text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))


def counts_of(connection: Connection, names: Iterable[str] | None = None) -> dict[str, int]:
    """Return how many rows each table has, or each of those named."""
    wanted = [table.name for table in TABLES] if names is None else list(names)
    return {
        name: connection.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one()
        for name in wanted
    }


def _parts(source: Connection, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    streamed = source.execution_options(stream_results=True, max_row_buffer=ROWS_AT_ONCE)
    columns = [sa.cast(c, sa.Text).label(c.name) if _is_json(c) else c for c in table.columns]
    query = sa.select(*columns).order_by(*table.primary_key.columns)
    for part in streamed.execute(query).mappings().partitions(ROWS_AT_ONCE):
        yield [dict(row) for row in part]


def _insert(table: sa.Table, target: Connection) -> sa.Insert:
    plain = sa.table(
        table.name, *(sa.column(c.name, sa.Text() if _is_json(c) else c.type) for c in table.columns)
    )
    if target.dialect.name == "sqlite":
        return plain.insert()
    texts = {
        c.name: sa.cast(sa.bindparam(c.name, type_=sa.Text()), sa.JSON) for c in table.columns if _is_json(c)
    }
    others = {c.name: sa.bindparam(c.name, type_=c.type) for c in table.columns if not _is_json(c)}
    return plain.insert().values(texts | others)


def _is_json(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.JSON)


def _count_on(target: Connection, table: sa.Table) -> None:
    """Let the next number be one more than the largest, where the database counts a table's rows."""
    [key, *others] = table.primary_key.columns
    if others or table.autoincrement_column is None:
        return
    sequence = sa.func.pg_get_serial_sequence(f'"{table.name}"', key.name)
    largest = sa.select(sa.func.max(key)).scalar_subquery()
    target.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(largest, 1), largest.is_not(None))))
