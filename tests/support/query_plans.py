"""What a store asks of its database, and how SQLite would find it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from serving.store.database import Store

    Statement = tuple[str, Any]


def statements_of(store: Store) -> list[Statement]:
    """Return the list into which each statement goes from now on, with its values."""
    said: list[Statement] = []
    sa.event.listen(
        store.engine,
        "before_cursor_execute",
        lambda _c, _k, statement, values, *_: said.append((statement, values)),
    )
    return said


def about_leads(said: list[Statement]) -> list[Statement]:
    """Return those that read leads."""
    return [(text, values) for text, values in said if "FROM leads" in text or "JOIN leads" in text]


def plan_of(store: Store, statement: str, values: Any) -> list[str]:
    """Return the steps of SQLite's plan, in their order."""
    with store.reading() as connection:
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    return [step.detail for step in steps]
