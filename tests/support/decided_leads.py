"""Deciding on stored leads without a model: whatever is known of them is said by the test."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from decisions.deciding import Decider, Facts, Held
from decisions.policy import Policy
from serving.selling.standing.deciding import Decided, KeptDecisions, keep_decisions
from serving.selling.standing.how_leads_stand import held_of
from serving.store.database import Store
from serving.store.schema_selling import DECISIONS, LEAD_STATES, STAGES_PASSED

DEFAULT = Policy()
QUIET: dict[str, Any] = {
    "hand_raises": 0.0, "acts_30d": 0.0, "acts_90d": 0.0, "demos_14d": 0.0, "pricing_14d": 0.0,
}  # fmt: skip


_DECIDERS: dict[str, Decider] = {}


def decider(policy: Policy) -> Decider:
    """Return what decides by a policy, compiled once."""
    return _DECIDERS.get(policy.sha256) or _made(policy)


def _made(policy: Policy) -> Decider:
    made = _DECIDERS[policy.sha256] = Decider(policy)
    return made


def facts(held: Held, as_of: int, *, policy: Policy = DEFAULT, **said: Any) -> Facts:
    """Return the facts of a lead: score 40, fits, no acts, nothing in its columns, unless said otherwise.

    `acts` are its own of the last days; `raised`: whether it asked for a demo.
    """
    acts = float(said.pop("acts", 0))
    raised = float(said.pop("raised", False))
    history = dict.fromkeys(policy.history, 0.0) | {
        "acts_30d": acts, "acts_90d": acts, "hand_raises": raised, "demos_14d": raised,
    }  # fmt: skip
    unknown: dict[str, Any] = {"number": None, "given": False, "yes_no": "unknown", "words": []}
    attributes = {name: unknown.get(one.kind, "") for name, one in policy.attributes.items()}
    known: dict[str, Any] = {
        "score": 40, "probability": 0.1, "fit_score": 60, "engagement_score": 30, "grade": "B3",
        "rung": "model", "confidence": "high", "base_rate": 0.05, "age_days": 10.0,
    }  # fmt: skip
    return Facts(
        as_of=as_of,
        attributes=attributes | said.pop("attributes", {}),
        history=history,
        acts=acts + raised,
        days_since_act=1.0 if acts + raised else 36_500.0,
        held=held,
        days_since_raise=0.0 if raised else 36_500.0,
        **(known | said),
    )


def decided(number: int, said: Facts, *, policy: Policy = DEFAULT, version: int | None = None) -> Decided:
    """Return the decision about a lead."""
    return Decided(
        number=number,
        facts=said,
        decision=decider(policy).decide(said),
        policy_version=version,
        policy_sha256=policy.sha256,
    )


def decide(
    store: Store,
    numbers: Sequence[int],
    now: int,
    *,
    policy: Policy = DEFAULT,
    version: int | None = None,
    each: Mapping[int, Mapping[str, Any]] | None = None,
    **said: Any,
) -> KeptDecisions:
    """Decide on leads as they stand, and keep it. `each`: what is known of one lead alone."""
    with store.snapshot() as connection:
        held = held_of(connection, numbers, now, policy.handoff)
    made = [
        decided(
            number,
            facts(one, now, policy=policy, **(said | dict((each or {}).get(number, {})))),
            policy=policy,
            version=version,
        )
        for number, one in held.items()
    ]
    return store.write(lambda connection: keep_decisions(connection, made, now))


def state_of(store: Store, number: int) -> Any:
    """Return what is decided of a lead now; None where nothing is."""
    with store.reading() as connection:
        return connection.execute(LEAD_STATES.select().where(LEAD_STATES.c.lead == number)).first()


def decisions_of(store: Store, number: int) -> list[Any]:
    """Return all decisions about a lead, the oldest first."""
    with store.reading() as connection:
        query = DECISIONS.select().where(DECISIONS.c.lead == number)
        return list(connection.execute(query.order_by(DECISIONS.c.decided_at, DECISIONS.c.id)))


def stages_of(store: Store, number: int) -> list[tuple[Any, ...]]:
    """Return the stages of a lead in order: stage, part, since, until, by whom."""
    with store.reading() as connection:
        passed = STAGES_PASSED.c
        query = sa.select(passed.stage, passed.substage, passed.entered_at, passed.left_at, passed.by)
        rows = connection.execute(
            query.where(passed.lead == number).order_by(passed.entered_at, passed.number)
        )
        return [tuple(row) for row in rows]


__all__ = ["decide", "decided", "decisions_of", "facts", "stages_of", "state_of"]
