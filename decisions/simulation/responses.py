"""How soon sales answers: as it was recorded, else as the policy demands."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from decisions.deciding import Decision
    from decisions.policy import Policy
    from decisions.simulation.past import Past
    from decisions.simulation.replay import Replayed

    Allowed = Callable[[Decision], int | None]
    """How long the policy allows until the first contact, in microseconds of working time."""

HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses:
    """The median time to the first contact, in hours, of leads handed over.

    `how`: 'recorded', from assignment to contact as it was (`known` of `handed_over` leads); 'allowed', what
    the policy demands at the latest, in working time; 'unknown', where neither says anything.
    """

    how: Literal["recorded", "allowed", "unknown"]
    median_hours: float | None
    known: int
    handed_over: int


def responses(
    past: Past, replayed: Replayed, recorded: Mapping[str, int], allowed: Allowed | None
) -> Responses:
    """Return how soon leads handed over were answered. `recorded`: by lead id, in microseconds."""
    firsts = [
        (lead.lead_id, path.handovers[0])
        for lead, path in zip(past.leads, replayed.paths, strict=True)
        if path.handovers
    ]
    times = [recorded[lead_id] for lead_id, _ in firsts if lead_id in recorded]
    how: Literal["recorded", "allowed", "unknown"] = "recorded"
    if not times:
        demanded = [] if allowed is None else [allowed(one.decision) for _, one in firsts]
        times = [one for one in demanded if one is not None]
        how = "allowed" if times else "unknown"
    hours = median(times) / HOUR_US if times else None
    return Responses(how=how, median_hours=hours, known=len(times), handed_over=len(firsts))


def demanded(policy: Policy) -> Allowed:
    """Return what tells until when a policy demands the first contact, else the acknowledgement."""

    def allowed(decision: Decision) -> int | None:
        found = policy.clocks.sla_for(decision.stage, decision.temperature, decision.segments)
        if found is None:
            return None
        _, sla = found
        return sla.acknowledge if sla.first_contact is None else sla.first_contact

    return allowed
