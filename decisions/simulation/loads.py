"""What each queue, and each rep, would have to do: leads a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from decisions.simulation.assigning import NEVER, Given
from decisions.simulation.draws import Doubted, doubted

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from decisions.simulation.draws import Draws
    from decisions.simulation.past import LeadPast, Past
    from decisions.simulation.replay import Path, Replayed

    Names = tuple[tuple[str | None, ...], ...]
    """To whom each handover of each lead goes, in the order of the leads; None: to nobody."""

    Assign = Callable[[Given], str | None]
    """Told of each handover in the order of time; answers with the id of a rep, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Leads a day to one queue or rep, under both policies, and other - present."""

    name: str
    present: Doubted
    other: Doubted
    difference: Doubted


def by_queue(replayed: Replayed) -> Names:
    """Return the queue of each handover."""
    return tuple(tuple(one.decision.queue for one in path.handovers) for path in replayed.paths)


def by_rep(past: Past, replayed: Replayed, assign: Assign) -> Names:
    """Return who gets each handover, asked in the order of time; on the same moment by id."""
    names: list[list[str | None]] = [[None] * len(path.handovers) for path in replayed.paths]
    asked = [
        (one.at, past.leads[lead].lead_id, lead, number)
        for lead, path in enumerate(replayed.paths)
        for number, one in enumerate(path.handovers)
    ]
    for _, _, lead, number in sorted(asked):
        names[lead][number] = assign(_given(past.leads[lead], replayed, replayed.paths[lead], number))
    return tuple(map(tuple, names))


def _given(lead: LeadPast, replayed: Replayed, path: Path, number: int) -> Given:
    one = path.handovers[number]
    left = (step.at for step in path.steps[one.place :] if step.action != "route")
    until = min(next(left, NEVER), NEVER if lead.won_at is None else lead.won_at)
    return Given(lead.lead_id, lead.facts[one.place], one.decision, until, replayed.length_of(one.at))


def loads(
    past: Past, present: tuple[Replayed, Names], other: tuple[Replayed, Names], draws: Draws
) -> tuple[Load, ...]:
    """Return the load of each name, in order. Handovers that do not count are no load."""
    names = sorted({name for _, of in (present, other) for path in of for name in path if name is not None})
    if not names:
        return ()
    columns = {
        f"{side}.{name}": _column(replayed, of, name, past.share)
        for side, (replayed, of) in (("present", present), ("other", other))
        for name in names
    }
    sums = draws.sums(columns)
    return tuple(_load(name, sums[f"present.{name}"], sums[f"other.{name}"]) for name in names)


def _load(name: str, present: NDArray[np.float64], other: NDArray[np.float64]) -> Load:
    found = [doubted(drawn) for drawn in (present, other, other - present)]
    before, after, difference = (one or Doubted(0.0, 0.0, 0.0) for one in found)
    return Load(name=name, present=before, other=after, difference=difference)


def _column(replayed: Replayed, names: Names, name: str, share: float) -> NDArray[np.float64]:
    counts = [
        sum(to == name and one.counts for one, to in zip(path.handovers, of, strict=True))
        for path, of in zip(replayed.paths, names, strict=True)
    ]
    return np.asarray(counts, np.float64) / replayed.days / share
