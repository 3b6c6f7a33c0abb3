"""Stages: what each means, how it is entered and left, who owns a lead in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisions.agreement.content import Table, Written

if TYPE_CHECKING:
    from decisions.agreement.content import Part
    from decisions.policy import Policy
    from decisions.policy.rules import Stage

WHAT_IS_DONE = {
    "route": "it goes to a rep",
    "nurture": "it is nurtured",
    "out": "nothing is sent",
    "none": "it is left to its team",
}


def stages(policy: Policy) -> tuple[Part, ...]:
    """Return the table of all stages, and how they are entered and left."""
    there = {stage: rules for stage, rules in policy.stages.items() if not rules.off}
    table = Table(
        ("Stage", "A lead in it", "Owned by", "What is done"),
        tuple(
            (
                stage,
                rules.words + (f" ({', '.join(rules.substages)})" if rules.substages else ""),
                rules.team,
                WHAT_IS_DONE[rules.action],
            )
            for stage, rules in there.items()
        ),
    )
    others: list[Part] = []
    for stage, rules in there.items():
        if stage in {"MQL", "SQL"}:
            continue
        others += [Written(f"{stage} is entered where", rules.enter)] if rules.enter else []
        others += [Written(f"{stage} is left where", rules.leave)] if rules.leave else []
    off = [stage for stage, rules in policy.stages.items() if rules.off]
    without = f"Not used: {', '.join(off)}." if off else ""
    later = (
        "A lead is in the furthest stage whose condition holds. It stays in the one it has, until the "
        "condition to leave that one holds. Outcomes, and what sales says, stand before all conditions."
    )
    return (table, later, *others, *([without] if without else []))


def definition(policy: Policy, stage: Stage) -> tuple[Part, ...]:
    """Return the definition of one stage, in words and as it is written."""
    rules = policy.stages[stage]
    if rules.off:
        return (f"{stage} is not used.",)
    parts: list[Part] = [f"{stage}: a lead that {rules.words}. The {rules.team} team owns it."]
    if rules.enter:
        parts.append(Written("As it is written", rules.enter))
    if rules.leave:
        parts.append(Written("It ends where", rules.leave))
    if stage == "SQL":
        parts.append(
            "An SQL is offered to sales first; once sales accepts it, it is accepted, and has a clock of its "
            f"own. Below a fit score of {policy.handoff.fit} nothing but a raised hand makes an SQL: a "
            "lead that "
            f"{policy.signals['hand_raised'].words}. Grade A1 is served first, then raised hands and hot "
            "leads."
        )
        parts.append(Written("A hand is raised where", policy.signals["hand_raised"].when))
    return tuple(parts)
