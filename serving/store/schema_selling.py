"""The tables of decisions and what follows from them: policies, stages, answers, reps, assignments, timers.

Times are int64 microseconds UTC since 1970, leads their numbers, as in `serving.store.schema`. What names a
person is erased with the person.
"""

from __future__ import annotations

import sqlalchemy as sa

from serving.store.schema import CELLS, METADATA, NUMBER

POLICIES = sa.Table(
    "policies",
    METADATA,
    sa.Column("version", NUMBER, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("source", sa.String(8), nullable=False),
    sa.Column("author", sa.String(200), nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("made_at", sa.BigInteger, nullable=False),
    sa.Column("published_at", sa.BigInteger),
    sqlite_autoincrement=True,  # the number of a draft that was thrown away is no other policy's
)
"""Policies, as they were written. `state`: draft or published; in force is the one that was published last.
`sha256` is that of the content, defaults included; `source`: file or api."""

LEAD_STATES = sa.Table(
    "lead_states",
    METADATA,
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
    sa.Index("lead_states_by_queue", "queue", "stage"),
    sa.Index("lead_states_by_owner", "owner"),
    sa.Index("lead_states_by_look_again", "look_again_at"),
)
"""What is decided of each lead now. `segments` and `attributes`: objects, by which a rep is found; `value`:
in money, by the policy. `decided_at`: the moment of the newest decision; `decision_id`: the row of
`decisions` that says the same, `decided_as` its digest, by which it is told from the next. `over_threshold`
is what hysteresis remembers. `qualified_at`: when it first was a prospect that is qualified; it stays, for
answers of later are no features. `owner`: the rep who has it, whom the live assignment names."""

DECISIONS = sa.Table(
    "decisions",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("lead", sa.BigInteger, nullable=False),
    sa.Column("decided_at", sa.BigInteger, nullable=False),
    sa.Column("policy_version", sa.Integer),
    sa.Column("policy_sha256", sa.String(64), nullable=False),
    sa.Column("record_id", sa.String(32)),
    sa.Column("content", CELLS, nullable=False),
    sa.Column("facts", CELLS, nullable=False),
    sa.Index("decisions_of_lead", "lead", "decided_at"),
)
"""Every decision that differed from the one before, with its trace, and the facts that it was made from, from
which it can be made again. `record_id`: the record of the score, where that was recorded."""

STAGES_PASSED = sa.Table(
    "stages_passed",
    METADATA,
    sa.Column("number", NUMBER, primary_key=True),
    sa.Column("lead", sa.BigInteger, nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("substage", sa.String(16)),
    sa.Column("entered_at", sa.BigInteger, nullable=False),
    sa.Column("left_at", sa.BigInteger),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Index("stages_passed_by_lead", "lead", "entered_at"),
    sa.Index("stages_passed_by_stage", "stage", "entered_at"),
    sa.Index(
        "one_stage_at_a_time",
        "lead",
        unique=True,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    ),
)
"""The stages of leads, dated. `by`: 'policy', or the rep or key that said so."""

BANT_ANSWERS = sa.Table(
    "bant_answers",
    METADATA,
    sa.Column("number", NUMBER, primary_key=True),
    sa.Column("lead", sa.BigInteger, nullable=False),
    sa.Column("question", sa.String(10), nullable=False),
    sa.Column("answer", sa.String(8), nullable=False),
    sa.Column("answered_at", sa.BigInteger, nullable=False),
    sa.Column("known_at", sa.BigInteger, nullable=False),
    sa.Column("author", sa.String(200), nullable=False),
    sa.Column("note", sa.Text),
    sa.Index("bant_answers_of_lead", "lead", "question", "answered_at"),
)
"""What was answered to budget, authority, need and timeline: yes, no or unknown. The newest answer stands."""

FEEDBACK = sa.Table(
    "feedback",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("lead", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("author", sa.String(200), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("content", CELLS, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("ended_at", sa.BigInteger),
    sa.Index("feedback_of_lead", "lead", "at"),
    sa.Index("feedback_by_kind", "kind", "at"),
    sa.Index(
        "feedback_due",
        "expires_at",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
)
"""What reps say of leads: accepted, rejected, wrong_score, override, disqualified, reinstated. `content`: the
score and stage then; for override what is to be decided instead, for rejected what followed, for disqualified
the category, for reinstated the disqualifier that is lifted. `expires_at`: until when it counts, or when the
lead is looked at again; `ended_at`: since when it counts no more. It changes no label."""

REPS = sa.Table(
    "reps",
    METADATA,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("status", sa.String(8), nullable=False),
    sa.Column("content", CELLS, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
)
"""Sales reps. `status`: active, away or left. `content`: what else is known of them, as it was sent: queues
with weights, hours, territories, capacities, manager."""

REP_TIME_OFF = sa.Table(
    "rep_time_off",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("rep", sa.String(200), nullable=False, index=True),
    sa.Column("from_at", sa.BigInteger, nullable=False),
    sa.Column("until_at", sa.BigInteger, nullable=False),
    sa.Column("note", sa.Text),
)
"""When reps are not there."""

QUEUE_TURNS = sa.Table(
    "queue_turns",
    METADATA,
    sa.Column("queue", sa.String(200), primary_key=True),
    sa.Column("content", CELLS, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
)
"""Whose turn it is in a queue, as `decisions.routing` keeps it; under the empty name what reps carry over all
queues."""

ASSIGNMENTS = sa.Table(
    "assignments",
    METADATA,
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
    sa.Index("assignments_of_lead", "lead", "assigned_at"),
    sa.Index("assignments_of_rep", "rep", "assigned_at"),
    sa.Index("assignments_of_account", "account", "assigned_at"),
    sa.Index(
        "live_assignments_of_rep",
        "rep",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
    sa.Index(
        "one_live_assignment",
        "lead",
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
)
"""Who has or had a lead: each stays. A live one (no `ended_at`) without a rep waits in its queue. `state`:
waiting, offered, accepted, or how it ended: taken (from the queue, by a rep), rejected, reassigned, returned,
released, closed. `reason`: why it began, where somebody said so; `ended_because`: why it ended. `account`:
the company's domain, by which its owner is found."""

TIMERS = sa.Table(
    "timers",
    METADATA,
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
    sa.Index("each_timer_once", "assignment", "kind", "stage", "step", unique=True),
    sa.Index(
        "timers_due",
        "due_at",
        sqlite_where=sa.text("fired_at IS NULL AND cancelled_at IS NULL"),
        postgresql_where=sa.text("fired_at IS NULL AND cancelled_at IS NULL"),
    ),
)
"""What is due when, as `decisions.clocks.schedule.Deadline` has it. `counted_in`: wall or working, of whose
two moments `due_at` is one. One that fired or was cancelled stays. `met_at`: when what it waits for was done,
in time or not."""

REP_CONTACTS = sa.Table(
    "rep_contacts",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("lead", sa.BigInteger, nullable=False),
    sa.Column("assignment", sa.String(32), index=True),
    sa.Column("rep", sa.String(200), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("known_at", sa.BigInteger, nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Index("each_contact_once", "lead", "rep", "at", "channel", unique=True),
)
"""Touches of leads by reps. `assignment`: in which it counts, NULL where the lead was not this rep's."""

NOTICES = sa.Table(
    "notices",
    METADATA,
    sa.Column("number", NUMBER, primary_key=True),
    sa.Column("lead", sa.BigInteger, nullable=False, index=True),
    sa.Column("assignment", sa.String(32)),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("to", sa.String(200)),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("done_at", sa.BigInteger),
    sa.Column("timer", sa.String(32), unique=True),
    sa.Index("notices_to", "to", "number"),
)
"""What is asked of reps, managers and the marketing tool: reminders, escalations, acknowledgements. `to`: a
rep, or NULL for the marketing tool. `timer`: the one that asked, each once."""

OF_LEADS = (
    LEAD_STATES,
    DECISIONS,
    STAGES_PASSED,
    BANT_ANSWERS,
    FEEDBACK,
    ASSIGNMENTS,
    TIMERS,
    REP_CONTACTS,
    NOTICES,
)
"""The tables whose rows are about a lead, and go with it."""

EVERY_TABLE = METADATA
"""All tables of the store: those of `serving.store.schema`, and these."""
