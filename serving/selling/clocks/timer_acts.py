"""What timers may ask to be done with a lead: the real acts, by the policy in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.history.identity import locked
from serving.history.stale import mark_stale
from serving.selling.clocks.firing import Acts
from serving.selling.giving.assigning import give_back, reassign
from serving.selling.giving.assignments import end
from serving.selling.standing.stage_log import BY_TIMER, Passage, pass_stages
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from decisions.policy import Policy


@dataclass(frozen=True, slots=True)
class TimerActs:
    """Does what timers ask for. `policy` gives the policy in force."""

    policy: Callable[[], Policy]

    @property
    def acts(self) -> Acts:
        """The acts as timers want them."""
        return Acts(reassign=self._reassign, give_back=self._give_back, end_stage=self._end_stage)

    def _reassign(self, connection: Connection, assignment_id: str, now: int, why: str) -> object:
        return reassign(connection, assignment_id, self.policy(), now, why)

    def _give_back(self, connection: Connection, assignment_id: str, now: int, why: str) -> object:
        return give_back(connection, assignment_id, self.policy(), now, why)

    def _end_stage(
        self, connection: Connection, assignment_id: str, now: int, why: str, *, stage: str
    ) -> object:
        """End the assignment, and put the lead into a stage in which sales has nothing to do with it."""
        known = sa.select(ASSIGNMENTS.c.lead).where(ASSIGNMENTS.c.id == assignment_id)
        lead = connection.execute(known).scalar_one()
        locked(connection, [lead], LEADS.c.number)
        live = ASSIGNMENTS.select().where(ASSIGNMENTS.c.id == assignment_id, ASSIGNMENTS.c.ended_at.is_(None))
        row = connection.execute(live).one_or_none()
        if row is None:
            return None
        end(connection, row, "closed", self.policy(), now, why)
        _pass(connection, lead, stage, now, why)
        return stage


def _pass(connection: Connection, lead: int, stage: str, now: int, why: str) -> None:
    passage = Passage(lead=lead, stage=stage, substage=None, at=now, because=why, by=BY_TIMER)
    since = pass_stages(connection, [passage])[lead]
    values = {"stage": stage, "substage": None, "stage_since": since, "action": "nurture", "queue": None}
    connection.execute(sa.update(LEAD_STATES).where(LEAD_STATES.c.lead == lead).values(values))
    mark_stale(connection, [lead], now)
