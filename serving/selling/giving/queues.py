"""Queues as they stand: who waits, whose turn it was, and what is carried over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from decisions.routing.turns import LEAD
from serving.history.identity import IS_SHOWN
from serving.selling.giving.kept_turns import turns_kept
from serving.selling.giving.reps import reps_of
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS, LEAD_STATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from decisions.routing.policy import Routing
    from decisions.routing.turns import Pool

POOLS_TOLD = 20
_BEST = "A1"

IS_WAITING = ASSIGNMENTS.c.ended_at.is_(None) & ASSIGNMENTS.c.rep.is_(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a rep was given in a pool since it changed last, in leads. `deficit`: what is due, less that."""

    rep_id: str
    weight: int
    given: int
    deficit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolNow:
    """A pool of a queue: the leads given in it since its eligible reps or weights changed, and the shares."""

    leads: int
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of a queue. `carried`: the deficit over all pools and queues, in leads."""

    rep_id: str
    name: str
    status: str
    weight: int
    carried: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueNow:
    """A queue: how it chooses, how many leads wait since when, its members, and its newest pools."""

    name: str
    choose: str
    claim: bool
    waiting: int
    oldest_at: int | None
    members: tuple[Member, ...]
    pools: tuple[PoolNow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLead:
    """A lead that waits in a queue."""

    lead_id: str
    assignment_id: str
    since: int
    score: int | None
    grade: str | None
    temperature: str | None
    hops: int


def queues_now(connection: Connection, routing: Routing) -> list[QueueNow]:
    """Return the queues of the policy, by name."""
    counted = sa.select(ASSIGNMENTS.c.queue, sa.func.count(), sa.func.min(ASSIGNMENTS.c.assigned_at))
    waiting = {
        row[0]: (row[1], row[2])
        for row in connection.execute(counted.where(IS_WAITING).group_by(ASSIGNMENTS.c.queue))
    }
    turns, reps = turns_kept(connection), reps_of(connection)
    found = []
    for name, rules in sorted(routing.queues.items()):
        members = tuple(
            Member(
                rep_id=rep.rep_id,
                name=rep.name,
                status=rep.status,
                weight=rep.queues[name],
                carried=turns.carried.get(rep.rep_id, 0) / LEAD,
            )
            for rep in reps.values()
            if name in rep.queues and rep.status != "left"
        )
        count, oldest = waiting.get(name, (0, None))
        found.append(
            QueueNow(
                name=name,
                choose=rules.choose,
                claim=rules.claim,
                waiting=count,
                oldest_at=oldest,
                members=members,
                pools=_pools(turns.of(name).pools),
            )
        )
    return found


def waiting_in(connection: Connection, queue: str, limit: int) -> list[WaitingLead]:
    """Return the leads that wait in a queue, those that are served first before others."""
    columns = (
        LEADS.c.lead_id,
        LEADS.c.score,
        LEADS.c.grade,
        LEAD_STATES.c.temperature,
        ASSIGNMENTS.c.id,
        ASSIGNMENTS.c.assigned_at,
        ASSIGNMENTS.c.hops,
    )
    query = (
        sa.select(*columns)
        .select_from(FROM_WAITING)
        .where(ASSIGNMENTS.c.queue == queue, IS_WAITING, IS_SHOWN)
    )
    return [
        WaitingLead(
            lead_id=row.lead_id,
            assignment_id=row.id,
            since=row.assigned_at,
            score=row.score,
            grade=row.grade,
            temperature=row.temperature,
            hops=row.hops,
        )
        for row in connection.execute(query.order_by(*served_first()).limit(limit))
    ]


FROM_WAITING = ASSIGNMENTS.join(LEADS, LEADS.c.number == ASSIGNMENTS.c.lead).outerjoin(
    LEAD_STATES, LEAD_STATES.c.lead == ASSIGNMENTS.c.lead
)


def served_first() -> tuple[sa.ColumnElement[Any], ...]:
    """Return the order in which waiting leads are served: A1, then hot ones, then by score, then by age."""
    return (
        sa.case((LEADS.c.grade == _BEST, 0), else_=1),
        sa.case((LEAD_STATES.c.temperature == "hot", 0), else_=1),
        sa.func.coalesce(LEADS.c.score, -1).desc(),
        ASSIGNMENTS.c.assigned_at,
        ASSIGNMENTS.c.id,
    )


def _pools(pools: Mapping[str, Pool]) -> tuple[PoolNow, ...]:
    newest = sorted(pools.values(), key=lambda pool: -pool.last_round)[:POOLS_TOLD]
    return tuple(
        PoolNow(
            leads=pool.leads,
            shares=tuple(
                Share(
                    rep_id=rep_id,
                    weight=weight,
                    given=pool.given.get(rep_id, 0),
                    deficit=pool.deficit(rep_id),
                )
                for rep_id, weight in pool.weights.items()
            ),
        )
        for pool in newest
    )
