"""The tables of the store, as SQLAlchemy knows them.

Times are int64 microseconds UTC since 1970. A lead has a `number`, by which all that is known of it is found;
the ids by which others call it are its aliases. Cells are JSON as they were sent; NULL is 'not known'.
"""

from __future__ import annotations

import zlib

import sqlalchemy as sa

METADATA = sa.MetaData()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A key that the database counts up. SQLite does so for its own INTEGER alone."""

CELLS = sa.JSON(none_as_null=True)


def _lay_ahead(table: sa.Table) -> None:
    """Index those rows alone that lay ahead when they became known: a date alone means the end of its day."""
    ahead = table.c.occurred_at > table.c.known_at
    sa.Index(f"{table.name}_ahead", table.c.occurred_at, sqlite_where=ahead, postgresql_where=ahead)


class CompressedText(sa.TypeDecorator[str]):
    """Text that is kept compressed; written as text, or as the bytes that `compressed` gives."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | bytes | None, dialect: object) -> bytes | None:
        """Return what the database keeps."""
        del dialect
        return compressed(value) if isinstance(value, str) else value

    def process_result_value(self, value: bytes | None, dialect: object) -> str | None:
        """Return the text."""
        del dialect
        return None if value is None else expanded(value)


def compressed(text: str) -> bytes:
    """Return text as `CompressedText` keeps it: zlib's, of UTF-8."""
    return zlib.compress(text.encode())


def expanded(content: bytes) -> str:
    """Return the text that was compressed. Raises ValueError where it was not."""
    try:
        return zlib.decompress(content).decode()
    except zlib.error as problem:
        raise ValueError(f"the text cannot be expanded: {problem}") from problem


KEYS = sa.Table(
    "keys",
    METADATA,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("revoked_at", sa.BigInteger),
    sa.Column("last_used_at", sa.BigInteger),
    sa.Column("limit_per_minute", sa.Integer),
    sa.Column("life_us", sa.BigInteger),
    sa.Column("family", sa.String(16)),
)
"""API keys. The key itself is nowhere. `limit_per_minute` is NULL where the setting's limit holds.
`life_us`: how long it was to be valid, which a rotation hands on; NULL: without end. `family`: the id of the
first key of those that were rotated from one another; NULL: its own."""

LEADS = sa.Table(
    "leads",
    METADATA,
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
"""Leads. `arrived_at` is NULL where only events or outcomes have named the lead so far: it is announced,
and no more. `cells` is what stands now, an object by column; `undated` what an import brought without
saying since when; `imported` what the last import brought of a column where that is something else (null: not
known), and `imported_created_at` the creation that it brought. `standing` is open, won, lost or disqualified,
now. A lead that is merged into another, or deleted, is not shown. `merged_at`: when it was merged first.

From `score` on: the newest score, NULL where there is none; `probability` is NULL on the points rung too.
`scored_at` is its moment, `scored_by` the model and policy that gave it, `record_id` and `recorded_at` the
newest record of the ledger.

`updated_at` orders the changes of a lead's columns, and may run a little ahead of the clock.
`next_change_at`: when the first of its changes that lie ahead is due, NULL where none does. `touched_at`:
when what is shown of a lead was last something else, by whatever cause; see `serving.history.touching`."""

ALIASES = sa.Table(
    "aliases",
    METADATA,
    sa.Column("lead_id", sa.Text, primary_key=True),
    sa.Column("lead", sa.BigInteger, nullable=False, index=True),
)
"""Every id by which a lead is or was called; of merged leads all ids lead to the survivor."""

CHANGES = sa.Table(
    "changes",
    METADATA,
    sa.Column("number", NUMBER, primary_key=True),
    sa.Column("lead", sa.BigInteger, nullable=False),
    sa.Column("column", sa.Text, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Column("value", CELLS),
    sa.Index("changes_of_lead", "lead", "changed_at"),
)
"""Every value that a fit column took, in order."""

EVENTS = sa.Table(
    "events",
    METADATA,
    sa.Column("number", NUMBER, primary_key=True),
    sa.Column("lead", sa.BigInteger, nullable=False),
    sa.Column("occurred_at", sa.BigInteger, nullable=False),
    sa.Column("known_at", sa.BigInteger, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, unique=True),
    sa.Column("value", sa.Double),
    sa.Column("properties", CELLS),
    sa.Index("events_of_lead", "lead", "occurred_at"),
)
"""What leads did, and what was done with them. `type` as it was sent; the mapping in force names it when it
is read."""
_lay_ahead(EVENTS)

OUTCOMES = sa.Table(
    "outcomes",
    METADATA,
    sa.Column("number", NUMBER, primary_key=True),
    sa.Column("lead", sa.BigInteger, nullable=False, index=True),
    sa.Column("outcome_id", sa.Text),
    sa.Column("occurred_at", sa.BigInteger, nullable=False),
    sa.Column("known_at", sa.BigInteger, nullable=False),
    sa.Column("outcome", sa.String(12), nullable=False),
    sa.Column("value", sa.Double),
    sa.Column("ended_at", sa.BigInteger),
    sa.Index("outcomes_by_id", "outcome_id"),
)
"""How leads ended. `ended_at`: since when the row no longer stands, because it was corrected or reversed."""
_lay_ahead(OUTCOMES)

ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("number", NUMBER, primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("known_from", sa.BigInteger),
    sa.Column("cells", CELLS, nullable=False),
    sa.Index("accounts_by_key", "place", "key"),
)
"""What is known of companies. `place` is that of the table of accounts in the mapping, from 0."""

CONTACTS = sa.Table(
    "contacts",
    METADATA,
    sa.Column("lead", sa.BigInteger, primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Index("contacts_by_value", "kind", "value", "lead"),
)
"""Addresses (`email`) and numbers (`phone`) in their one spelling: how duplicates are found."""

STALE_LEADS = sa.Table(
    "stale_leads",
    METADATA,
    sa.Column("lead", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("urgency", sa.SmallInteger, nullable=False),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("asked_at", sa.BigInteger, nullable=False),
    sa.Column("mark", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("failures", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("claimed_by", sa.String(40)),
    sa.Column("claimed_until", sa.BigInteger),
    sa.Index("stale_leads_by_urgency", "urgency", "since"),
)
"""Leads whose score is to be made again, each once. `mark` counts how often it was asked for, so that who
scores a lead sees whether it was asked for again meanwhile. `urgency`: 0 something came in, 1 another
model or policy, 2 time has passed. `since`: when it was first asked for with this urgency. `asked_at`: when
it was asked for last; the score is made as of then or later. `failures`: how often in a row the lead could
not be scored; one that is put off has `claimed_until` without `claimed_by`."""

LEDGER_HEADERS = sa.Table(
    "ledger_headers",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("recorded_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("as_of", sa.BigInteger, nullable=False),
    sa.Column("model_name", sa.Text, nullable=False),
    sa.Column("model_version", sa.Integer),
    sa.Column("model_sha256", sa.String(64)),
    sa.Column("policy_sha256", sa.String(64), nullable=False),
    sa.Column("payload_sha256", sa.String(64), nullable=False),
)
"""One score that was given; never changed, never removed. It holds nothing of a person: the payload's
digest is salted, and the salt goes with the payload. `model_sha256` is the digest of the model's artifact."""

LEDGER_PAYLOADS = sa.Table(
    "ledger_payloads",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("lead", sa.BigInteger, nullable=False, index=True),
    sa.Column("salt", sa.LargeBinary, nullable=False),
    sa.Column("answer", CompressedText, nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.Column("contributions", sa.LargeBinary, nullable=False),
    sa.Column("margin", sa.Double),
    sa.Column("expected_margin", sa.Double),
    sa.Column("facts", CompressedText),
)
"""What a header stands for: the answer as it was given, and the numbers it can be made from again
(little-endian doubles), all of them compressed. The margins are log-odds, NULL on the points rung. `facts`:
what the policy knew of the lead, as JSON; NULL in records of before. It can be erased; the header stays."""

LEDGER_SEALS = sa.Table(
    "ledger_seals",
    METADATA,
    sa.Column("number", NUMBER, primary_key=True, autoincrement=False),
    sa.Column("sealed_at", sa.BigInteger, nullable=False),
    sa.Column("headers", sa.Integer, nullable=False),
    sa.Column("previous_sha256", sa.String(64), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
)
"""The chain: each seal is a digest of the one before it and of its headers, in order."""

LEDGER_SEALED = sa.Table(
    "ledger_sealed",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("seal", sa.BigInteger, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Index("ledger_sealed_by_seal", "seal", "position", unique=True),
)
"""Which seal a header is under, and where."""

LEDGER_UNSEALED = sa.Table(
    "ledger_unsealed",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
)
"""Headers that wait for the next seal, whenever their transactions ended."""

MODELS_SEEN = sa.Table(
    "models_seen",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("first_seen_at", sa.BigInteger, nullable=False),
)
"""Every model that has scored a stored lead, by the digest of its artifact: a registry that is begun anew
counts its versions from 1 again."""

POLICIES_SEEN = sa.Table(
    "policies_seen",
    METADATA,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("first_seen_at", sa.BigInteger, nullable=False),
)
"""Every policy by which a stored lead was decided on."""

AUDIT_LOG = sa.Table(
    "audit_log",
    METADATA,
    sa.Column("number", NUMBER, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.String(40), nullable=False),
    sa.Column("act", sa.String(40), nullable=False),
    sa.Column("about", sa.JSON, nullable=False),
)
"""Administrative acts: who (the id of a key, or 'command line'), what, and about what. It names no person."""

IDEMPOTENCY = sa.Table(
    "idempotency",
    METADATA,
    sa.Column("key_sha256", sa.String(64), primary_key=True),
    sa.Column("salt", sa.LargeBinary, nullable=False),
    sa.Column("request_sha256", sa.String(64), nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("answer", sa.JSON, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
)
"""Answers to requests with an Idempotency-Key, for those who ask again. They hold nothing of a person: of the
key there is a digest (of the API key's family and it), of the request one that is salted, row by row."""

SCORE_JOBS = sa.Table(
    "score_jobs",
    METADATA,
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
    sa.Index("score_jobs_by_state", "state", "made_at"),
)
"""Files to be scored. `key_id`: the family of the key that asked for it. `state`: waiting, running, done,
failed or cancelled; `done` of `total` leads.
`rejected`: how many rows could not be read. `attempts`: how often it was begun. `removed_at`: since when
its files are gone."""

ENDED_SESSIONS = sa.Table(
    "ended_sessions",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("ended_at", sa.BigInteger, nullable=False, index=True),
)
"""Sessions of browsers that were signed out. A session is a signed cookie, whose copies end only here."""

WORKERS = sa.Table(
    "workers",
    METADATA,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("seen_at", sa.BigInteger, nullable=False),
)
"""Workers, and when each last said that it is there."""

VIEWS = ("training_leads", "training_events", "training_changes", "training_outcomes", "training_accounts")
"""The tables as training reads them; see the step of the migration that makes them."""
