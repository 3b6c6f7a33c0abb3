"""Which stage a lead is in: what it entered, what it has left, and what sales has said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from decisions.policy.rules import LADDER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from decisions.deciding.facts import Held
    from decisions.policy.rules import Stage, StageRules

BY_RULES: tuple[Stage, ...] = ("IQL", "MQL", "PQL", "SQL")
"""The stages that conditions lead to; the others follow from what people say, or from an outcome."""


class Staged(NamedTuple):
    """A stage (a Stage, None: none yet) and its part, by which rule, and the sentence that says so."""

    stage: Any
    substage: str | None
    rule: str
    said: str


def stage_of(
    held: Held, enter: frozenset[Stage], leave: frozenset[Stage], rules: Mapping[Stage, StageRules]
) -> Staged:
    """Return the stage of a lead, given the stages whose conditions to enter and to leave hold.

    What an outcome or sales said stands. Else it is the furthest stage that is entered; one that is behind
    the present stage only where the condition to leave that one holds.
    """
    settled = _settled(held, leave, rules)
    if settled is not None:
        return settled
    entered = [stage for stage in BY_RULES if stage in enter and not rules[stage].off]
    best = entered[-1] if entered else None
    now = held.stage if held.stage in BY_RULES and not rules[held.stage].off else None
    if now is not None and _place(best) < _place(now) and now not in leave:
        return Staged(now, _part(now), f"stages.{now}.leave", f"{now}: it was, and nothing has ended that.")
    if best is None:
        return Staged(None, None, "stages", "No stage yet: no condition to enter one holds.")
    return Staged(best, _part(best), f"stages.{best}.enter", f"{best}: {rules[best].words}.")


def _settled(held: Held, leave: frozenset[Stage], rules: Mapping[Stage, StageRules]) -> Staged | None:
    """Return the stage that an outcome or sales has settled, None where conditions decide."""
    if held.standing == "won":
        return Staged("customer", None, "stages.customer", f"customer: {rules['customer'].words}.")
    if held.standing == "disqualified":
        return Staged("disqualified", None, "stages.disqualified", "disqualified: its outcome says so.")
    if held.standing == "lost":
        return Staged("recycled", None, "stages.recycled", "recycled: it was lost, and has not acted since.")
    if not held.by_sales:
        return None
    if held.stage == "opportunity" or (held.stage == "SQL" and held.substage == "accepted"):
        part = f", {held.substage}" if held.substage else ""
        return Staged(
            held.stage, held.substage, f"stages.{held.stage}", f"{held.stage}{part}: sales said so."
        )
    if held.stage == "recycled" and "recycled" not in leave:
        return Staged("recycled", None, "stages.recycled", f"recycled: {rules['recycled'].words}.")
    return None


def _place(stage: Stage | None) -> int:
    return -1 if stage is None else LADDER.index(stage)


def _part(stage: Stage) -> str | None:
    return "offered" if stage == "SQL" else None
