"""Who would change sides: leads that go to sales under one policy and not under the other, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decisions.simulation.past import Past
    from decisions.simulation.replay import Replayed


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A lead that goes to sales under one policy alone.

    `why` it goes; `why_not`: what the other decided then. `at`: when it goes (microseconds UTC). `won`:
    whether it won afterwards.
    """

    lead_id: str
    at: int
    why: str
    why_not: str
    won: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Leads that would go to sales (`to_sales`) and that would no longer (`from_sales`), by id.

    `earlier`, `later`: how many go under both, but sooner or later than under the present policy.
    """

    to_sales: tuple[Changed, ...]
    from_sales: tuple[Changed, ...]
    earlier: int
    later: int


def sides(past: Past, present: Replayed, other: Replayed) -> Sides:
    """Return who changes sides from the present policy to the other."""
    earlier = later = 0
    for before, after in zip(present.paths, other.paths, strict=True):
        if before.handovers and after.handovers:
            earlier += after.handovers[0].at < before.handovers[0].at
            later += after.handovers[0].at > before.handovers[0].at
    return Sides(
        to_sales=_only(past, other, present),
        from_sales=_only(past, present, other),
        earlier=earlier,
        later=later,
    )


def _only(past: Past, under: Replayed, not_under: Replayed) -> tuple[Changed, ...]:
    found = []
    for lead, path, other in zip(past.leads, under.paths, not_under.paths, strict=True):
        if path.handovers and path.handovers[0].counts and not other.handovers:
            first = path.handovers[0]
            found.append(
                Changed(
                    lead_id=lead.lead_id,
                    at=first.at,
                    why=first.decision.why,
                    why_not=other.steps[first.place].why,
                    won=lead.won_at is not None and lead.won_at > first.at,
                )
            )
    return tuple(sorted(found, key=lambda one: one.lead_id))
