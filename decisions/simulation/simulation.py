"""What another policy would have done, beside what the present one would have."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING, Any

import msgspec

from decisions.simulation.draws import Draws
from decisions.simulation.figures import Compared, compared
from decisions.simulation.loads import Load, by_queue, by_rep, loads
from decisions.simulation.replay import replay
from decisions.simulation.responses import Responses, responses
from decisions.simulation.sides import Sides, sides
from decisions.simulation.thresholds import Curve, curve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from decisions.policy import Policy
    from decisions.policy.handoff import Value
    from decisions.simulation.loads import Assign
    from decisions.simulation.past import Past
    from decisions.simulation.replay import Replayed
    from decisions.simulation.responses import Allowed

HINDSIGHT = (
    "These leads were treated under the policy of their time: what sales did is in their acts and outcomes. "
    "Nobody knows which of them would have bought had they been treated otherwise."
)
AS_NOW = "Leads are given to the reps as they are now, taken to be at work: nobody knows who was there then."
SEED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A policy by its name and digest."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A past under the present policy and another.

    `first`, `last`: the days of the first and last moment, counted from 1970; `days`: what leads a day are
    of. `share`: of how many of the leads. `of_reps` is empty where none are known. `curves`: what other
    thresholds on the score and on the value would have given, all else as the other policy has it.
    `cautions`: what a reader has to know.
    """

    present: Named
    other: Named
    first: int
    last: int
    days: int
    leads: int
    moments: int
    share: float
    horizon: int
    figures: Compared
    sides: Sides
    of_queues: tuple[Load, ...]
    of_reps: tuple[Load, ...]
    responses_present: Responses
    responses_other: Responses
    curves: tuple[Curve, ...]
    cautions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON has."""
        content: dict[str, Any] = msgspec.to_builtins(self)
        return content


@dataclass(frozen=True, slots=True, kw_only=True)
class Sales:
    """What is known of the team. `assigning`: gives what a replay asks to whom each handover goes.

    `recorded`: by lead id, from assignment to first contact in microseconds. `allowed`: until when a policy
    demands the first contact. `capacity`: leads a day that the team has room for.
    """

    assigning: Callable[[Policy], Assign] | None = None
    recorded: Mapping[str, int] = field(default_factory=dict)
    allowed: Callable[[Policy], Allowed] | None = None
    capacity: float | None = None


def simulate(
    present: tuple[Past, Policy],
    other: tuple[Past, Policy],
    sales: Sales | None = None,
    *,
    seed: int = SEED,
    report: Callable[[int, int], None] | None = None,
) -> Simulation:
    """Replay a past under two policies, and compare them.

    The pasts hold the same leads at the same moments; their facts differ only in what each policy asks for.
    Both policies are valued by the deal value and the touch cost of the other one. `report` is told of how
    many decisions are made. The same arguments give the same answer.
    """
    past, policy = other
    team = sales or Sales()
    moments = past.moments
    first = replay(*present, report and (lambda done, _: report(done, 2 * moments)))
    second = replay(past, policy, report and (lambda done, _: report(moments + done, 2 * moments)))
    draws = Draws(len(past.leads), seed=seed)
    worth = policy.handoff.value
    capacity = team.capacity if policy.handoff.a_day is None else float(policy.handoff.a_day)
    return Simulation(
        present=Named(name=present[1].name, sha256=present[1].sha256),
        other=Named(name=policy.name, sha256=policy.sha256),
        first=second.first,
        last=second.last,
        days=second.days,
        leads=len(past.leads),
        moments=moments,
        share=past.share,
        horizon=past.horizon,
        figures=compared(past, first, second, worth, draws),
        sides=sides(past, first, second),
        of_queues=loads(past, (first, by_queue(first)), (second, by_queue(second)), draws),
        of_reps=_of_reps(past, first, second, team, draws),
        responses_present=_responses(past, first, team),
        responses_other=_responses(past, second, team),
        curves=tuple(curve(past, second, by, worth, capacity, draws) for by in ("score", "value")),
        cautions=(*_cautions(past, present[0], worth), *([AS_NOW] if team.assigning is not None else [])),
    )


def _of_reps(past: Past, present: Replayed, other: Replayed, team: Sales, draws: Draws) -> tuple[Load, ...]:
    if team.assigning is None:
        return ()
    before, after = (by_rep(past, one, team.assigning(one.policy)) for one in (present, other))
    return loads(past, (present, before), (other, after), draws)


def _responses(past: Past, replayed: Replayed, team: Sales) -> Responses:
    allowed = None if team.allowed is None else team.allowed(replayed.policy)
    return responses(past, replayed, team.recorded, allowed)


def _cautions(past: Past, of_present: Past, worth: Value) -> tuple[str, ...]:
    said = [HINDSIGHT, *past.cautions, *of_present.cautions]
    if past.share < 1:
        said.append(
            f"{past.share:.1%} of the leads were replayed, taken at random; counts are scaled to all of them."
        )
    values = [lead.won_value for lead in past.leads if lead.won_value is not None]
    if not values:
        said.append("No outcome says what it was worth: wins are valued by the deal value of the policy.")
    elif not 0.5 <= fmean(values) / max(worth.deal, 1e-9) <= 2:
        said.append(
            f"Wins were worth {fmean(values):,.0f} on average, where the policy takes {worth.deal:,.0f} for "
            "a deal that is not known: expected values and those caught are not alike. Set "
            "handoff.value.deal."
        )
    return tuple(dict.fromkeys(said))
