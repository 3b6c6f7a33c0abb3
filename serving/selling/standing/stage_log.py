"""The stages of leads, dated: which one a lead is in, since when, and by whose word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from serving.store.bulk import insert_rows
from serving.store.dialects import in_batches
from serving.store.schema_selling import STAGES_PASSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

BY_POLICY = "policy"
"""Who put a lead into a stage where nobody said so."""

BY_TIMER = "timer"
"""Who put a lead where a follow-up came to its end. It stands as if sales had said so."""

_NAMES = ("lead", "stage", "substage", "entered_at", "left_at", "because", "by")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageNow:
    """The stage that a lead is in. `since` in microseconds UTC: when it came into this part of the stage."""

    stage: str
    substage: str | None
    since: int
    by: str

    @property
    def is_said(self) -> bool:
        """Whether somebody said so, and no policy."""
        return self.by != BY_POLICY


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A lead comes into a stage, or, where `stage` is None, leaves the one that it is in for none."""

    lead: int
    stage: str | None
    substage: str | None
    at: int
    because: str
    by: str


def stages_now(connection: Connection, numbers: Iterable[int]) -> dict[int, StageNow]:
    """Return the stages that leads are in; those that are in none are left out."""
    columns = [STAGES_PASSED.c[name] for name in ("lead", "stage", "substage", "entered_at", "by")]
    found: dict[int, StageNow] = {}
    for batch in in_batches(numbers):
        query = sa.select(*columns).where(STAGES_PASSED.c.lead.in_(batch), STAGES_PASSED.c.left_at.is_(None))
        for lead, stage, substage, since, by in connection.execute(query):
            found[lead] = StageNow(stage=stage, substage=substage, since=since, by=by)
    return found


def pass_stages(connection: Connection, passages: Sequence[Passage]) -> dict[int, int]:
    """Have leads leave the stages that they are in, and come into others, each lead once; return when.

    The leads are locked. Nothing is dated before what happened last to the lead's stages: who says so as of
    an earlier moment is taken to say so as of that one.
    """
    last = _last_moments(connection, [one.lead for one in passages])
    moments = {one.lead: max(one.at, last.get(one.lead, one.at)) for one in passages}
    left = [{"of": lead, "at": at} for lead, at in moments.items() if lead in last]
    if left:
        of_lead = sa.update(STAGES_PASSED).where(
            STAGES_PASSED.c.lead == sa.bindparam("of"), STAGES_PASSED.c.left_at.is_(None)
        )
        connection.execute(of_lead.values(left_at=sa.bindparam("at")), left)
    entered = [
        (one.lead, one.stage, one.substage, moments[one.lead], None, one.because, one.by)
        for one in passages
        if one.stage is not None
    ]
    insert_rows(connection, STAGES_PASSED, _NAMES, entered)
    return moments


def _last_moments(connection: Connection, numbers: Iterable[int]) -> dict[int, int]:
    """Return when each lead came into a stage, or left one, for the last time."""
    moment = sa.func.max(sa.func.coalesce(STAGES_PASSED.c.left_at, STAGES_PASSED.c.entered_at))
    query = sa.select(STAGES_PASSED.c.lead, moment).group_by(STAGES_PASSED.c.lead)
    found: dict[int, int] = {}
    for batch in in_batches(numbers):
        rows = connection.execute(query.where(STAGES_PASSED.c.lead.in_(batch)))
        found.update((lead, at) for lead, at in rows)
    return found
