"""A worker's jobs in this process, until nothing waits; and what must be true of every lead then."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from recorded import Desk

from decisions.policy import Policy
from serving.history.identity import IS_SHOWN
from serving.jobs.deciding import Deciding
from serving.jobs.rescoring import Rescoring
from serving.jobs.sweeping import Sweeping
from serving.jobs.worker import new_name
from serving.store.database import Store
from serving.store.schema import LEADS
from serving.store.schema_selling import DECISIONS, LEAD_STATES, STAGES_PASSED

BY_STANDING = {"won": "customer", "lost": "recycled", "disqualified": "disqualified"}


def settle(desk: Desk, now: int) -> None:
    """Do at `now` what a worker does about leads that wait, until none does."""
    jobs: list[Any] = [
        Rescoring(desk.store, desk.recorder, desk.champion, lambda: now, new_name()),
        Sweeping(desk.store, desk.champion, 24),
        Deciding(desk.store, policy_of(desk)),
    ]
    while any([job.step(now) for job in jobs]):  # noqa: C419 - every job has its turn
        pass


def policy_of(desk: Desk) -> Callable[[], Policy]:
    """Return what gives the policy of a desk."""
    return lambda: desk.champion.policy


def look(store: Store) -> int:
    """Check that each lead that is shown has one decision, which its newest row says; return how many."""
    with store.snapshot() as connection:
        shown = {row.number: row for row in connection.execute(sa.select(LEADS).where(IS_SHOWN))}
        states = {row.lead: row for row in connection.execute(LEAD_STATES.select())}
        newest: dict[int, Any] = {}
        for row in connection.execute(DECISIONS.select().order_by(DECISIONS.c.decided_at, DECISIONS.c.id)):
            newest[row.lead] = row
        stages: dict[int, list[Any]] = {}
        for row in connection.execute(STAGES_PASSED.select().where(STAGES_PASSED.c.left_at.is_(None))):
            stages.setdefault(row.lead, []).append(row)
    assert shown.keys() <= states.keys(), "a lead has no decision"
    for number, lead in shown.items():
        state, said = states[number], newest[number]
        assert state.decision_id == said.id
        for name in ("action", "stage", "substage", "temperature", "queue", "track", "rule", "segments"):
            assert getattr(state, name) == said.content[name], name
        assert (state.policy_version, state.policy_sha256) == (said.policy_version, said.policy_sha256)
        now = [(one.stage, one.substage, one.entered_at) for one in stages.get(number, [])]
        assert now == ([] if state.stage is None else [(state.stage, state.substage, state.stage_since)])
        if lead.standing in BY_STANDING:
            assert state.stage == BY_STANDING[lead.standing]
    return len(shown)
