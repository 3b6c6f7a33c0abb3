"""The difference between two stations, parted by groups of features that speak of one thing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from models.changes.step import Part
from models.reasons.groups import groups_of, sums_by_group
from models.reasons.rest import in_order
from models.reasons.telling import GRAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.changes.stations import Station
    from models.reasons.groups import Group

    Say: TypeAlias = "Callable[[Group, list[float], list[float]], str | None]"
    """Says what a step did to a group, of its values before and after; None where it is not about it."""


@dataclass(frozen=True, slots=True)
class _Amount:
    """How much a group moved: in points, and in log-odds where there are any."""

    group: Group
    text: str
    is_own: bool
    effect: float
    log_odds: float | None


def parts_within(before: Station, after: Station, say: Say, beside: Callable[[Group], str]) -> list[Part]:
    """Return what moved between two stations of one model, the largest first.

    A part's log-odds are the difference of its contributions; its effect is that times the slope of 100 x
    rank between the two margins, as a reason's effect is (`LeadScorer.slope`). On the points rung the
    contributions are points. A group whose values are the same, or of which `say` says nothing, is said by
    `beside`: its contribution differs because of what stands beside it.
    """
    groups = groups_of(before.scorer.spec)
    sums = sums_by_group(np.stack([_contributions(before), _contributions(after)]), groups)
    moved = (sums[1] - sums[0]).tolist()
    start, end = before.score.margin, after.score.margin
    slope = 1.0 if start is None or end is None else before.scorer.slope(start, end)
    amounts = []
    for group, amount in zip(groups, moved, strict=True):
        if amount == 0.0:
            continue
        values = _values(before, group), _values(after, group)
        said = None if _same(*values) else say(group, *values)
        text = beside(group) if said is None else said
        log_odds = None if start is None else amount
        amounts.append(_Amount(group, text, said is not None, amount * slope, log_odds))
    return _told(amounts)


def parts_across(before: Station, after: Station, name: Callable[[Group], str]) -> list[Part]:
    """Return what two models make of the same lead, by the groups that both have, the largest first.

    Margins of two models are not on one scale, so there are no log-odds: a part is the difference of the
    points that each model gives it from its own average lead to this one.
    """
    old, new = _effects(before), _effects(after)
    amounts = [
        _Amount(group, name(group), True, new[group.key][1] - effect, None)
        for group, effect in old.values()
        if group.key in new and new[group.key][1] != effect
    ]
    return _told(amounts)


def _effects(station: Station) -> dict[tuple[bool, str], tuple[Group, float]]:
    groups = groups_of(station.scorer.spec)
    [sums] = sums_by_group(_contributions(station)[np.newaxis], groups)
    start, end = station.score.expected_margin, station.score.margin
    slope = 1.0 if start is None or end is None else station.scorer.slope(start, end)
    return {group.key: (group, amount * slope) for group, amount in zip(groups, sums.tolist(), strict=True)}


def _told(amounts: Sequence[_Amount]) -> list[Part]:
    """Return parts, the largest first. What is said in the same words is one part."""
    alike: dict[tuple[str, str], list[_Amount]] = {}
    for one in amounts:
        alike.setdefault((one.text, one.group.family), []).append(one)
    parts = [_part(same) for same in alike.values()]
    return sorted(parts, key=lambda part: (-abs(part.effect), -abs(part.log_odds or 0.0), part.features))


def _part(same: list[_Amount]) -> Part:
    log_odds = [one.log_odds for one in same if one.log_odds is not None]
    return Part(
        text=same[0].text,
        effect=round(in_order([one.effect for one in same]) * GRAIN) / GRAIN,
        log_odds=in_order(log_odds) if log_odds else None,
        family=same[0].group.family,
        features=tuple(feature.name for one in same for feature in one.group.features),
        is_own=any(one.is_own for one in same),
    )


def _contributions(station: Station) -> np.ndarray:
    held = station.score.contributions
    return np.zeros(len(station.scorer.spec.features)) if held is None else held


def _values(station: Station, group: Group) -> list[float]:
    held = station.score.vector
    return [] if held is None else held[list(group.positions)].tolist()


def _same(before: list[float], after: list[float]) -> bool:
    return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(before, after, strict=True))
