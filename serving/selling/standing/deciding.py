"""Decisions about stored leads: how each stands since, and every decision that differs from the last."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from decisions.deciding import Decision, Facts
from decisions.policy.attributes import ROUTED_BY
from serving.history.identity import locked
from serving.ledger.record_ids import record_id_after
from serving.selling.clocks.timers import IS_PENDING
from serving.selling.standing.stage_log import BY_POLICY, Passage, StageNow, pass_stages, stages_now
from serving.store.bulk import insert_rows
from serving.store.dialects import in_batches, insert_into
from serving.store.schema import LEADS
from serving.store.schema_selling import ASSIGNMENTS, DECISIONS, FEEDBACK, LEAD_STATES, TIMERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Row

ATTRIBUTES = (*ROUTED_BY, "deal_value")
"""What a lead's state keeps of its attributes: by these a rep is found, and the best are told apart."""

FOLLOWS_SCORES = frozenset({"why", "trace", "value"})
"""What is another with every score, and makes no other decision: sentences, and what the lead is worth."""

_IS_HERE = (LEADS.c.arrived_at, LEADS.c.deleted_at, LEADS.c.standing)
_STATES = tuple(LEAD_STATES.c[name] for name in ("lead", "decided_at", "decided_as", "decision_id", "action",
                                                 "queue", "stage_since", "qualified_at"))  # fmt: skip
_DECISION_NAMES = (
    "id", "lead", "decided_at", "policy_version", "policy_sha256", "record_id", "content", "facts",
)  # fmt: skip
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision about a stored lead, the facts that it was made from, and the policy that it was made by.

    `record_id` is the record of the score, None where that was not recorded or there is none.
    """

    number: int
    facts: Facts
    decision: Decision
    policy_version: int | None
    policy_sha256: str
    record_id: str | None = None


@dataclass(frozen=True, slots=True)
class KeptDecisions:
    """What is to be done about reps, by numbers of leads.

    `routed`: for sales, and nobody has them, or another queue was named. `withdrawn`: somebody has them,
    or they wait in a queue, and they are for sales no longer. `moved`: somebody has them, or they wait, and
    they came into another stage or part of it, or are open again: what is due of them is to be settled.
    """

    routed: tuple[int, ...]
    withdrawn: tuple[int, ...]
    moved: tuple[int, ...] = ()


def keep_decisions(connection: Connection, decided: Sequence[Decided], now: int) -> KeptDecisions:
    """Write how leads stand by these decisions, each lead once, and what differs from the decision before.

    Left as they are: leads that are gone, that stand otherwise than the facts say, whose stage somebody has
    changed since the facts were read, that sales gave back since, or that were decided on as of a later
    moment. Whoever changed them marked them stale, so that they are decided on again. `now` in microseconds
    UTC.
    """
    numbers = [one.number for one in decided]
    leads = locked(connection, numbers, *_IS_HERE)
    states, stages = _states(connection, numbers), stages_now(connection, numbers)
    kept = [
        one
        for one in decided
        if _still_holds(one, leads.get(one.number), states.get(one.number), stages.get(one.number))
    ]
    kept = _not_given_back(connection, kept, states)
    ids = _append(connection, kept, states, now)
    passages = [passage for one in kept if (passage := _passage(one, stages.get(one.number))) is not None]
    moved = pass_stages(connection, passages)
    rows = [_state(one, states.get(one.number), ids[one.number], moved) for one in kept]
    _write_states(connection, rows)
    return _for_reps(connection, kept, states, {row["lead"]: row["stage_since"] for row in rows})


def sameness(one: Decided) -> str:
    """Return a digest that is the same for two decisions that say the same by the same policy.

    Words and worth of a decision follow the score from day to day: they do not count, but which rules fired
    does.
    """
    said = {
        name: getattr(one.decision, name) for name in Decision.__struct_fields__ if name not in FOLLOWS_SCORES
    }
    said["fired"] = [fired.rule for fired in one.decision.trace]
    return hashlib.sha256(_encoder.encode([said, one.policy_version, one.policy_sha256])).hexdigest()


def _still_holds(one: Decided, lead: Row[Any] | None, state: Row[Any] | None, stage: StageNow | None) -> bool:
    if lead is None or lead.arrived_at is None or lead.deleted_at is not None:
        return False
    held, facts = one.facts.held, one.facts
    then = (held.standing, held.stage, held.substage, held.since)
    now = (
        lead.standing,
        *((None, None, None) if stage is None else (stage.stage, stage.substage, stage.since)),
    )
    return then == now and (state is None or state.decided_at <= facts.as_of)


def _not_given_back(
    connection: Connection, kept: Sequence[Decided], states: Mapping[int, Row[Any]]
) -> list[Decided]:
    """Leave out what would go to sales again by facts that do not know yet that sales gave it back."""
    turned = [
        one.number
        for one in kept
        if one.decision.action == "route" and one.number in states and states[one.number].action != "route"
    ]
    returns: dict[int, int] = {}
    count = sa.select(FEEDBACK.c.lead, sa.func.count()).where(FEEDBACK.c.kind == "rejected")
    for batch in in_batches(turned):
        rows = connection.execute(count.where(FEEDBACK.c.lead.in_(batch)).group_by(FEEDBACK.c.lead))
        returns.update((lead, known) for lead, known in rows)
    return [one for one in kept if returns.get(one.number, 0) <= one.facts.held.returns]


def _append(
    connection: Connection, kept: Sequence[Decided], states: Mapping[int, Row[Any]], now: int
) -> dict[int, tuple[str, str]]:
    """Append the decisions that differ; return by lead the id of what says it now, and its digest."""
    ids: dict[int, tuple[str, str]] = {}
    rows = []
    for one in kept:
        digest, state = sameness(one), states.get(one.number)
        if state is not None and state.decided_as == digest:
            ids[one.number] = (state.decision_id, digest)
            continue
        decision_id = record_id_after(None if state is None else state.decision_id, now)
        ids[one.number] = (decision_id, digest)
        told = (_encoder.encode(one.decision).decode(), _encoder.encode(one.facts).decode())
        rows.append(
            (
                decision_id,
                one.number,
                one.facts.as_of,
                one.policy_version,
                one.policy_sha256,
                one.record_id,
                *told,
            )
        )
    insert_rows(connection, DECISIONS, _DECISION_NAMES, rows)
    return ids


def _passage(one: Decided, stage: StageNow | None) -> Passage | None:
    """Return the passage into the stage that is decided; None where that is the one before, or still none."""
    decision, held = one.decision, one.facts.held
    was = (None, None) if stage is None else (stage.stage, stage.substage)
    if was == (decision.stage, decision.substage):
        return None
    by = held.ruled_out.by if decision.rule == "feedback" and held.ruled_out is not None else BY_POLICY
    return Passage(
        lead=one.number,
        stage=decision.stage,
        substage=decision.substage,
        at=one.facts.as_of,
        because=decision.why,
        by=by,
    )


def _state(
    one: Decided,
    before: Row[Any] | None,
    written: tuple[str, str],
    moved: Mapping[int, int],
) -> dict[str, Any]:
    decision, facts = one.decision, one.facts
    since = None if decision.stage is None else moved.get(one.number, facts.held.since)
    qualified_at = None if before is None else before.qualified_at
    if qualified_at is None and decision.qualified:
        qualified_at = facts.as_of
    return {
        "lead": one.number,
        "decision_id": written[0],
        "decided_at": facts.as_of,
        "decided_as": written[1],
        "policy_version": one.policy_version,
        "policy_sha256": one.policy_sha256,
        "action": decision.action,
        "stage": decision.stage,
        "substage": decision.substage,
        "stage_since": since,
        "temperature": decision.temperature,
        "queue": decision.queue,
        "track": decision.track,
        "rule": decision.rule,
        "value": decision.value,
        "segments": decision.segments,
        "attributes": {name: facts.attributes[name] for name in ATTRIBUTES if facts.attributes.get(name)},
        "over_threshold": decision.over_threshold,
        "qualified_at": qualified_at,
        "look_again_at": decision.look_again_at,
    }


def _write_states(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write states over those before; `owner` is not touched, which whoever assigns writes."""
    if not rows:
        return
    insert = insert_into(connection, LEAD_STATES)
    new = {name: insert.excluded[name] for name in rows[0] if name != "lead"}
    connection.execute(insert.on_conflict_do_update(index_elements=["lead"], set_=new), rows)


def _for_reps(
    connection: Connection,
    kept: Sequence[Decided],
    states: Mapping[int, Row[Any]],
    since: Mapping[int, int | None],
) -> KeptDecisions:
    live = _assigned(connection, [one.number for one in kept])
    routed, withdrawn, moved = [], [], []
    for one in kept:
        state = states.get(one.number)
        if one.decision.action != "route":
            if one.number in live:
                withdrawn.append(one.number)
            continue
        if one.number not in live or state is None or state.queue != one.decision.queue:
            routed.append(one.number)
        is_elsewhere = state is not None and state.stage_since != since[one.number]
        if one.number in live and (is_elsewhere or live[one.number]):
            moved.append(one.number)
    return KeptDecisions(tuple(routed), tuple(withdrawn), tuple(moved))


def _assigned(connection: Connection, numbers: Iterable[int]) -> dict[int, bool]:
    """Return which leads somebody has, or wait in a queue; and of each whether its timers have been stopped.

    They are where the lead was won, or lost, and that was reversed before anybody took it from its rep.
    """
    of_it = TIMERS.c.assignment == ASSIGNMENTS.c.id
    unmet = sa.exists().where(of_it, TIMERS.c.cancelled_at.is_not(None), TIMERS.c.met_at.is_(None))
    stopped = (unmet & ~sa.exists().where(of_it, IS_PENDING)).label("stopped")
    live = sa.select(ASSIGNMENTS.c.lead, stopped).where(ASSIGNMENTS.c.ended_at.is_(None))
    found: dict[int, bool] = {}
    for batch in in_batches(numbers):
        rows = connection.execute(live.where(ASSIGNMENTS.c.lead.in_(batch)))
        found |= {lead: bool(is_stopped) for lead, is_stopped in rows}
    return found


def _states(connection: Connection, numbers: Iterable[int]) -> dict[int, Row[Any]]:
    found: dict[int, Row[Any]] = {}
    for batch in in_batches(numbers):
        query = sa.select(*_STATES).where(LEAD_STATES.c.lead.in_(batch))
        found |= {row.lead: row for row in connection.execute(query)}
    return found
