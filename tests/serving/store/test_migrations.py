import pytest
import sqlalchemy as sa

from serving.store.database import Store, migrate
from serving.store.schema import AUDIT_LOG, EVENTS, KEYS, LEADS, LEDGER_HEADERS, METADATA, VIEWS

KEY = {"id": "k", "sha256": "0" * 64, "name": "the CRM", "scopes": ["read"], "created_at": 1}
LEAD = {
    "number": 1,
    "lead_id": "L-1",
    "updated_at": 1,
    "cells": {"Größe": "420"},
    "created_at": 1,
    "arrived_at": 1,
}


def test_the_migrations_make_the_tables_that_the_code_expects(store: Store) -> None:
    found = sa.inspect(store.engine)
    for table in METADATA.sorted_tables:
        columns = {(column["name"], column["nullable"]) for column in found.get_columns(table.name)}
        assert columns == {(column.name, column.nullable) for column in table.columns}, table.name
        indexes = {str(index["name"]) for index in found.get_indexes(table.name)}
        assert {str(index.name) for index in table.indexes} <= indexes, table.name
    assert set(found.get_view_names()) == set(VIEWS)


def test_a_store_with_data_goes_down_and_up_again_and_keeps_its_keys(store: Store) -> None:
    def fill(connection: sa.Connection) -> None:
        connection.execute(
            KEYS.insert().values(KEY | {"last_used_at": 2, "limit_per_minute": 10, "expires_at": 9})
        )
        connection.execute(LEADS.insert().values(LEAD))
        connection.execute(EVENTS.insert().values(lead=1, occurred_at=1, known_at=1, type="page_view"))

    store.write(fill)
    migrate(store, "0001")
    assert set(sa.inspect(store.engine).get_table_names()) == {"keys", "alembic_version"}
    migrate(store)
    with store.reading() as connection:
        [key] = connection.execute(KEYS.select()).mappings()
        assert dict(key) == {
            **KEY,
            "expires_at": 9,
            "revoked_at": None,
            "last_used_at": None,
            "limit_per_minute": None,
            "life_us": 8,
            "family": None,
        }
        assert connection.execute(LEADS.select()).all() == []
    migrate(store, "base")
    assert set(sa.inspect(store.engine).get_table_names()) == {"alembic_version"}


@pytest.mark.parametrize("act", ["update", "delete"])
@pytest.mark.parametrize("name", ["ledger_headers", "audit_log"])
def test_the_database_itself_refuses_to_change_what_is_appended(store: Store, name: str, act: str) -> None:
    header = {
        "id": "h",
        "recorded_at": 1,
        "as_of": 1,
        "model_name": "m",
        "policy_sha256": "p",
        "payload_sha256": "d",
    }
    row = {"at": 1, "actor": "k", "act": "merge", "about": {}}
    table, values = (LEDGER_HEADERS, header) if name == "ledger_headers" else (AUDIT_LOG, row)
    store.write(lambda connection: connection.execute(table.insert().values(values)))
    change = sa.delete(table) if act == "delete" else sa.update(table).values({list(table.c)[-1].name: "x"})
    with pytest.raises(sa.exc.DBAPIError, match="is append-only"):
        store.write(lambda connection: connection.execute(change))


def test_the_views_show_what_is_here_alone(store: Store) -> None:
    def fill(connection: sa.Connection) -> None:
        for number, more in enumerate(
            [{}, {"arrived_at": None}, {"deleted_at": 5}, {"merged_into": 1}], start=1
        ):
            connection.execute(
                LEADS.insert().values(LEAD | {"number": number, "lead_id": f"L-{number}"} | more)
            )
            connection.execute(
                EVENTS.insert().values(lead=number, occurred_at=1, known_at=1, type="page_view")
            )

    store.write(fill)
    with store.reading() as connection:
        # Of leads that are only announced training counts what it leaves out.
        for view, shown in {"training_leads": ["L-1"], "training_events": ["L-1", "L-2"]}.items():
            found = connection.execute(sa.text(f"SELECT lead_id FROM {view} ORDER BY lead_id"))  # noqa: S608 - our own names
            assert found.scalars().all() == shown
