"""Leads and what is known of them, the ledger of scores, and the work that waits."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# SQLite takes a column called JSON for one of numbers, and would make 1 of the cell 1.0.
CELLS = sa.JSON(none_as_null=True).with_variant(sa.Text(), "sqlite")
# By table: when a new row would take the place of one that is there, each way to ask found by an index.
APPEND_ONLY = {
    "ledger_headers": ("rowid = NEW.rowid", "id = NEW.id"),
    "ledger_seals": ("number = NEW.number",),
    "ledger_sealed": ("rowid = NEW.rowid", "id = NEW.id", "seal = NEW.seal AND position = NEW.position"),
    "audit_log": ("number = NEW.number",),
}

VIEWS = {
    "training_leads": """
        SELECT number, lead_id, created_at, undated, cells FROM leads
        WHERE arrived_at IS NOT NULL AND deleted_at IS NULL AND merged_into IS NULL""",
    # Rows of leads that are only announced are among these: training counts them, and leaves them out.
    "training_events": """
        SELECT e.number, l.lead_id, e.occurred_at, e.known_at, e.type, e.value, e.event_id, e.properties
        FROM events e JOIN leads l ON l.number = e.lead
        WHERE l.deleted_at IS NULL AND l.merged_into IS NULL""",
    "training_changes": """
        SELECT c.number, l.lead_id, c."column", c.changed_at, c.value
        FROM changes c JOIN leads l ON l.number = c.lead
        WHERE l.deleted_at IS NULL AND l.merged_into IS NULL""",
    "training_outcomes": """
        SELECT o.number, l.lead_id, o.occurred_at, o.known_at, o.outcome, o.value
        FROM outcomes o JOIN leads l ON l.number = o.lead
        WHERE o.ended_at IS NULL AND l.deleted_at IS NULL AND l.merged_into IS NULL""",
    "training_accounts": "SELECT number, place, key, known_from, cells FROM accounts",
}


def upgrade() -> None:
    """Add the tables of the store, their views, and what keeps the ledger from being changed."""
    _keys()
    _leads()
    _history()
    _work()
    _ledger()
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")
    _refuse_changes()


def _index_ahead(table: str) -> None:
    ahead = sa.text("occurred_at > known_at")
    op.create_index(f"{table}_ahead", table, ["occurred_at"], sqlite_where=ahead, postgresql_where=ahead)


def downgrade() -> None:
    """Take all of it away again; the keys stay."""
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW {name}")
    for name in (
        "ended_sessions",
        "workers",
        "score_jobs",
        "idempotency",
        "audit_log",
        "policies_seen",
        "models_seen",
        "ledger_unsealed",
        "ledger_sealed",
        "ledger_seals",
        "ledger_payloads",
        "ledger_headers",
        "stale_leads",
        "contacts",
        "accounts",
        "outcomes",
        "events",
        "changes",
        "aliases",
        "leads",
    ):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION leadlens_refuse_change")
    with op.batch_alter_table("keys") as keys:
        keys.drop_column("last_used_at")
        keys.drop_column("limit_per_minute")
        keys.drop_column("life_us")
        keys.drop_column("family")


def _keys() -> None:
    op.add_column("keys", sa.Column("last_used_at", sa.BigInteger))
    op.add_column("keys", sa.Column("limit_per_minute", sa.Integer))
    op.add_column("keys", sa.Column("life_us", sa.BigInteger))
    op.add_column("keys", sa.Column("family", sa.String(16)))
    op.execute("UPDATE keys SET life_us = expires_at - created_at WHERE expires_at IS NOT NULL")
    op.create_table(
        "ended_sessions",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("ended_at", sa.BigInteger, nullable=False, index=True),
    )


def _leads() -> None:
    op.create_table(
        "leads",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("lead_id", sa.Text, nullable=False, unique=True),
        sa.Column("created_at", sa.BigInteger),
        sa.Column("arrived_at", sa.BigInteger),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("touched_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("cells", CELLS, nullable=False),
        sa.Column("undated", CELLS),
        sa.Column("imported", CELLS),
        sa.Column("imported_created_at", sa.BigInteger),
        sa.Column("next_change_at", sa.BigInteger),
        sa.Column("deleted_at", sa.BigInteger),
        sa.Column("merged_into", sa.BigInteger),
        sa.Column("merged_at", sa.BigInteger),
        sa.Column("standing", sa.String(12), nullable=False, server_default="open"),
        sa.Column("score", sa.SmallInteger),
        sa.Column("probability", sa.Double),
        sa.Column("grade", sa.String(2)),
        sa.Column("rung", sa.String(8)),
        sa.Column("action", sa.String(16)),
        sa.Column("scored_at", sa.BigInteger),
        sa.Column("scored_by", sa.Text),
        sa.Column("record_id", sa.String(32)),
        sa.Column("recorded_at", sa.BigInteger),
        sqlite_autoincrement=True,  # the number of a lead that was erased is nobody else's
    )
    # Each order in which leads are listed, over those alone that are shown, with all that they can be
    # filtered by: a page is found without reading a lead that is not on it, however rare those that are.
    shown = sa.text("arrived_at IS NOT NULL AND deleted_at IS NULL AND merged_into IS NULL")
    told = ["standing", "grade", "action"]
    for name, columns in {
        "leads_by_creation": ["created_at", "number", *told, "score", "touched_at"],
        "leads_by_update": ["touched_at", "number", *told, "score", "created_at"],
        "leads_by_score": ["score", "number", *told, "created_at", "touched_at"],
        "leads_by_standing": [*told, "number", "score", "created_at", "touched_at"],
    }.items():
        op.create_index(name, "leads", columns, sqlite_where=shown, postgresql_where=shown)
    # How the sweep finds leads to score again. `standing` is in them so that SQLite prefers them.
    scored = sa.text(f"standing = 'open' AND {shown.text}")
    for name, columns in {
        "open_leads_by_scoring": ["standing", "scored_at", "number"],
        "open_leads_by_scorer": ["standing", "scored_by", "number"],
    }.items():
        op.create_index(name, "leads", columns, sqlite_where=scored, postgresql_where=scored)
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index(
        "leads_by_survivor", "leads", ["merged_into"], sqlite_where=merged, postgresql_where=merged
    )
    waits = sa.text("next_change_at IS NOT NULL")
    op.create_index(
        "leads_by_next_change", "leads", ["next_change_at"], sqlite_where=waits, postgresql_where=waits
    )
    op.create_table(
        "aliases",
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("lead", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "contacts",
        sa.Column("lead", sa.BigInteger, primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
    )
    op.create_index("contacts_by_value", "contacts", ["kind", "value", "lead"])


def _history() -> None:
    op.create_table(
        "changes",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("lead", sa.BigInteger, nullable=False),
        sa.Column("column", sa.Text, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("value", CELLS),
    )
    op.create_index("changes_of_lead", "changes", ["lead", "changed_at"])
    op.create_table(
        "events",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("lead", sa.BigInteger, nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("known_at", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("event_id", sa.Text, unique=True),
        sa.Column("value", sa.Double),
        sa.Column("properties", CELLS),
    )
    op.create_index("events_of_lead", "events", ["lead", "occurred_at"])
    _index_ahead("events")
    op.create_table(
        "outcomes",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("lead", sa.BigInteger, nullable=False, index=True),
        sa.Column("outcome_id", sa.Text),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("known_at", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("ended_at", sa.BigInteger),
    )
    op.create_index("outcomes_by_id", "outcomes", ["outcome_id"])
    _index_ahead("outcomes")
    op.create_table(
        "accounts",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("known_from", sa.BigInteger),
        sa.Column("cells", CELLS, nullable=False),
    )
    op.create_index("accounts_by_key", "accounts", ["place", "key"])


def _work() -> None:
    op.create_table(
        "stale_leads",
        sa.Column("lead", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("urgency", sa.SmallInteger, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("mark", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("failures", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("claimed_by", sa.String(40)),
        sa.Column("claimed_until", sa.BigInteger),
    )
    op.create_index("stale_leads_by_urgency", "stale_leads", ["urgency", "since"])
    op.create_table(
        "idempotency",
        sa.Column("key_sha256", sa.String(64), primary_key=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("request_sha256", sa.String(64), nullable=False),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("answer", sa.JSON, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "score_jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("as_of", sa.BigInteger),
        sa.Column("source", CELLS, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("total", sa.BigInteger),
        sa.Column("done", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("rejected", sa.BigInteger),
        sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("cancel_asked", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("claimed_by", sa.String(40)),
        sa.Column("claimed_until", sa.BigInteger),
        sa.Column("finished_at", sa.BigInteger),
        sa.Column("removed_at", sa.BigInteger),
        sa.Column("problem", CELLS),
    )
    op.create_index("score_jobs_by_state", "score_jobs", ["state", "made_at"])
    op.create_table(
        "workers",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
    )


def _ledger() -> None:
    op.create_table(
        "ledger_headers",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("recorded_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("model_name", sa.Text, nullable=False),
        sa.Column("model_version", sa.Integer),
        sa.Column("model_sha256", sa.String(64)),
        sa.Column("policy_sha256", sa.String(64), nullable=False),
        sa.Column("payload_sha256", sa.String(64), nullable=False),
    )
    op.create_table(
        "ledger_payloads",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("lead", sa.BigInteger, nullable=False, index=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.Column("contributions", sa.LargeBinary, nullable=False),
        sa.Column("margin", sa.Double),
        sa.Column("expected_margin", sa.Double),
    )
    op.create_table(
        "ledger_seals",
        sa.Column("number", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("sealed_at", sa.BigInteger, nullable=False),
        sa.Column("headers", sa.Integer, nullable=False),
        sa.Column("previous_sha256", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.create_table(
        "ledger_sealed",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("seal", sa.BigInteger, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_index("ledger_sealed_by_seal", "ledger_sealed", ["seal", "position"], unique=True)
    op.create_table("ledger_unsealed", sa.Column("id", sa.String(32), primary_key=True))
    op.create_table(
        "models_seen",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("first_seen_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "policies_seen",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("first_seen_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "audit_log",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("about", sa.JSON, nullable=False),
    )


def _refuse_changes() -> None:
    """Make the database itself refuse to change or remove what is only ever appended to."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION leadlens_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$""")
        for table in APPEND_ONLY:
            op.execute(f"""
                CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION leadlens_refuse_change()""")
            op.execute(f"""
                CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION leadlens_refuse_change()""")
        return
    for table, same in APPEND_ONLY.items():
        for act in ("UPDATE", "DELETE"):
            op.execute(f"""
                CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table}
                BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""")
        # INSERT OR REPLACE removes the row in its way, on most connections without the trigger of DELETE.
        there = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {one})" for one in same)  # noqa: S608 - names of our own
        op.execute(f"""
            CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there}
            BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""")
