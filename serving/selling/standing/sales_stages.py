"""The stages that sales sets: accepted, an opportunity in one of its parts, given back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from serving.history.stale import mark_stale
from serving.selling.standing.stage_log import Passage, pass_stages, stages_now

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from decisions.policy import Policy

SalesStage = Literal["SQL", "opportunity", "recycled"]
SALES_STAGES: tuple[SalesStage, ...] = ("SQL", "opportunity", "recycled")
ACCEPTED = "accepted"


def substages_of(stage: SalesStage, policy: Policy) -> tuple[str, ...]:
    """Return the parts of a stage that sales may name; the first stands where it names none."""
    if stage == "SQL":
        return (ACCEPTED,)
    return policy.stages[stage].substages


def set_stage(
    connection: Connection,
    lead: int,
    stage: SalesStage,
    substage: str | None,
    now: int,
    *,
    at: int,
    author: str,
    because: str,
) -> bool:
    """Put a lead where sales says that it is, since `at`, and have it decided on again.

    Return whether it was elsewhere, or there by the policy alone. Times are microseconds UTC. What sales says
    stands until sales says something else, an outcome comes, or a recycled lead acts itself.
    """
    held = stages_now(connection, [lead]).get(lead)
    if held is not None and held.is_said and (held.stage, held.substage) == (stage, substage):
        return False
    passage = Passage(lead=lead, stage=stage, substage=substage, at=at, because=because, by=author)
    pass_stages(connection, [passage])
    mark_stale(connection, [lead], now)
    return True
