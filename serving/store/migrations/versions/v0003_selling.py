"""Policies, and what is decided, asked, assigned and timed by them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# SQLite takes a column called JSON for one of numbers, and would make 1 of the cell 1.0.
CELLS = sa.JSON(none_as_null=True).with_variant(sa.Text(), "sqlite")
LIVE = sa.text("ended_at IS NULL")
NOT_LEFT = sa.text("left_at IS NULL")
PENDING = sa.text("fired_at IS NULL AND cancelled_at IS NULL")


def upgrade() -> None:
    """Add the tables of decisions, and room for the facts of recorded ones."""
    _policies()
    _leads()
    _said()
    _reps()
    _clocks()
    op.add_column("ledger_payloads", sa.Column("facts", sa.LargeBinary))


def downgrade() -> None:
    """Take all of it away again."""
    op.drop_column("ledger_payloads", "facts")
    for name in (
        "notices",
        "rep_contacts",
        "timers",
        "assignments",
        "queue_turns",
        "rep_time_off",
        "reps",
        "feedback",
        "bant_answers",
        "stages_passed",
        "decisions",
        "lead_states",
        "policies",
    ):
        op.drop_table(name)


def _policies() -> None:
    op.create_table(
        "policies",
        sa.Column("version", NUMBER, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("published_at", sa.BigInteger),
        sqlite_autoincrement=True,
    )


def _leads() -> None:
    op.create_table(
        "lead_states",
        sa.Column("lead", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("decision_id", sa.String(32), nullable=False),
        sa.Column("decided_at", sa.BigInteger, nullable=False),
        sa.Column("decided_as", sa.String(64), nullable=False, server_default=""),
        sa.Column("policy_version", sa.Integer),
        sa.Column("policy_sha256", sa.String(64), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(16)),
        sa.Column("substage", sa.String(16)),
        sa.Column("stage_since", sa.BigInteger),
        sa.Column("temperature", sa.String(8), nullable=False),
        sa.Column("queue", sa.Text),
        sa.Column("track", sa.Text),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("segments", CELLS, nullable=False),
        sa.Column("attributes", CELLS, nullable=False),
        sa.Column("over_threshold", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("qualified_at", sa.BigInteger),
        sa.Column("look_again_at", sa.BigInteger),
        sa.Column("owner", sa.String(200)),
    )
    op.create_index("lead_states_by_look_again", "lead_states", ["look_again_at"])
    op.create_index("lead_states_by_owner", "lead_states", ["owner"])
    op.create_index("lead_states_by_queue", "lead_states", ["queue", "stage"])
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("lead", sa.BigInteger, nullable=False),
        sa.Column("decided_at", sa.BigInteger, nullable=False),
        sa.Column("policy_version", sa.Integer),
        sa.Column("policy_sha256", sa.String(64), nullable=False),
        sa.Column("record_id", sa.String(32)),
        sa.Column("content", CELLS, nullable=False),
        sa.Column("facts", CELLS, nullable=False),
    )
    op.create_index("decisions_of_lead", "decisions", ["lead", "decided_at"])
    op.create_table(
        "stages_passed",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("lead", sa.BigInteger, nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("substage", sa.String(16)),
        sa.Column("entered_at", sa.BigInteger, nullable=False),
        sa.Column("left_at", sa.BigInteger),
        sa.Column("because", sa.Text, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
    )
    op.create_index("stages_passed_by_lead", "stages_passed", ["lead", "entered_at"])
    op.create_index("stages_passed_by_stage", "stages_passed", ["stage", "entered_at"])
    op.create_index(
        "one_stage_at_a_time",
        "stages_passed",
        ["lead"],
        unique=True,
        sqlite_where=NOT_LEFT,
        postgresql_where=NOT_LEFT,
    )


def _said() -> None:
    op.create_table(
        "bant_answers",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("lead", sa.BigInteger, nullable=False),
        sa.Column("question", sa.String(10), nullable=False),
        sa.Column("answer", sa.String(8), nullable=False),
        sa.Column("answered_at", sa.BigInteger, nullable=False),
        sa.Column("known_at", sa.BigInteger, nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("note", sa.Text),
    )
    op.create_index("bant_answers_of_lead", "bant_answers", ["lead", "question", "answered_at"])
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("lead", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("content", CELLS, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
    )
    op.create_index("feedback_by_kind", "feedback", ["kind", "at"])
    op.create_index("feedback_due", "feedback", ["expires_at"], sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_index("feedback_of_lead", "feedback", ["lead", "at"])


def _reps() -> None:
    op.create_table(
        "reps",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("content", CELLS, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "rep_time_off",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("rep", sa.String(200), nullable=False, index=True),
        sa.Column("from_at", sa.BigInteger, nullable=False),
        sa.Column("until_at", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text),
    )
    op.create_table(
        "queue_turns",
        sa.Column("queue", sa.String(200), primary_key=True),
        sa.Column("content", CELLS, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "assignments",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("lead", sa.BigInteger, nullable=False),
        sa.Column("rep", sa.String(200)),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("stage", sa.String(16)),
        sa.Column("temperature", sa.String(8)),
        sa.Column("segments", CELLS, nullable=False),
        sa.Column("hops", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("assigned_at", sa.BigInteger, nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger),
        sa.Column("contacted_at", sa.BigInteger),
        sa.Column("accepted_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("ended_because", sa.Text),
        sa.Column("trace", CELLS, nullable=False),
        sa.Column("decision_id", sa.String(32)),
        sa.Column("account", sa.Text),
    )
    op.create_index("assignments_of_lead", "assignments", ["lead", "assigned_at"])
    op.create_index("assignments_of_rep", "assignments", ["rep", "assigned_at"])
    op.create_index("assignments_of_account", "assignments", ["account", "assigned_at"])
    op.create_index(
        "live_assignments_of_rep", "assignments", ["rep"], sqlite_where=LIVE, postgresql_where=LIVE
    )
    op.create_index(
        "one_live_assignment", "assignments", ["lead"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )


def _clocks() -> None:
    op.create_table(
        "timers",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("lead", sa.BigInteger, nullable=False, index=True),
        sa.Column("assignment", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False, server_default=""),
        sa.Column("step", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("counted_in", sa.String(8), nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("due_by_wall", sa.BigInteger, nullable=False),
        sa.Column("due_by_working", sa.BigInteger),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("fired_at", sa.BigInteger),
        sa.Column("cancelled_at", sa.BigInteger),
        sa.Column("met_at", sa.BigInteger),
    )
    op.create_index("each_timer_once", "timers", ["assignment", "kind", "stage", "step"], unique=True)
    op.create_index("timers_due", "timers", ["due_at"], sqlite_where=PENDING, postgresql_where=PENDING)
    op.create_table(
        "rep_contacts",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("lead", sa.BigInteger, nullable=False),
        sa.Column("assignment", sa.String(32), index=True),
        sa.Column("rep", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("known_at", sa.BigInteger, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
    )
    op.create_index("each_contact_once", "rep_contacts", ["lead", "rep", "at", "channel"], unique=True)
    op.create_table(
        "notices",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("lead", sa.BigInteger, nullable=False, index=True),
        sa.Column("assignment", sa.String(32)),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("to", sa.String(200)),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("done_at", sa.BigInteger),
        sa.Column("timer", sa.String(32), unique=True),
    )
    op.create_index("notices_to", "notices", ["to", "number"])
