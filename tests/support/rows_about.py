"""Rows of every table that is about a lead, whatever its columns are."""

from typing import Any

import sqlalchemy as sa

from serving.store.schema_selling import OF_LEADS


def put_rows_about(connection: sa.Connection, lead: int, text: str) -> None:
    """Put a row into each table whose rows are about a lead, with `text` wherever one may stand."""
    for table in OF_LEADS:
        connection.execute(table.insert().values(_row(table, lead, text)))


def _row(table: sa.Table, lead: int, text: str) -> dict[str, Any]:
    row = {column.name: _value(column, f"{text} {lead}") for column in table.columns}
    numbered = [column.name for column in table.primary_key if isinstance(column.type, sa.BigInteger)]
    return {name: value for name, value in row.items() if name not in numbered} | {"lead": lead}


def _value(column: sa.Column[Any], text: str) -> Any:
    if isinstance(column.type, sa.JSON):
        return {"text": text}
    if isinstance(column.type, sa.String):
        return text[: column.type.length]
    if isinstance(column.type, sa.Boolean):
        return False
    return None if column.nullable else 1
