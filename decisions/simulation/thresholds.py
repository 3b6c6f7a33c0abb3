"""What each threshold would have given: a curve, and the best of it that the team has room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from decisions.simulation.draws import Doubted, doubted
from decisions.simulation.figures import deal_of, outcome_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from decisions.deciding import Facts
    from decisions.policy.handoff import Value
    from decisions.simulation.draws import Draws
    from decisions.simulation.past import LeadPast, Past
    from decisions.simulation.replay import Path, Replayed

By = Literal["score", "value"]
MOST_POINTS = 50
GAINS = ("handed", "caught", "matured", "won", "expected", "realised")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One threshold: leads a day to sales, the share of conversions caught, the share of leads that won.

    `expected`: what the leads would be worth by their probabilities, None where there are none; `realised`:
    what the conversions that it catches were worth. Both less the cost of touches, in money.
    """

    threshold: float
    leads_a_day: float
    share_caught: float | None
    precision: float | None
    expected: float | None
    realised: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The threshold with the largest realised value among those that the team has room for.

    `threshold`, `realised` with 95 % intervals: of the best thresholds of draws of leads. `capacity`: leads a
    day, None without limit.
    """

    threshold: Doubted
    realised: Doubted
    leads_a_day: float
    capacity: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Thresholds from the lowest to the highest, and the best of them; None where nothing can be said."""

    by: By
    points: tuple[Point, ...]
    best: Best | None


def curve(
    past: Past, replayed: Replayed, by: By, worth: Value, capacity: float | None, draws: Draws
) -> Curve:
    """Return what thresholds would have given, all else as in a replay.

    A lead goes to sales at the first moment at which it reaches the threshold and nothing but the threshold
    keeps it (fit, disqualifiers and required fields as the policy has them), or raises its hand. Who goes
    before what happens is counted, is with sales already.
    """
    rows = [_row(past, *one, by, worth) for one in zip(past.leads, replayed.paths, strict=True)]
    grid = _grid(rows, by)
    if not len(grid):
        return Curve(by=by, points=(), best=None)
    gains = np.asarray([row.at(grid) for row in rows])
    conversions = sum(past.converts(lead) for lead in past.leads)
    has_chances = all(facts.probability is not None for lead in past.leads for facts in lead.facts)
    totals = dict(zip(GAINS, gains.sum(axis=0), strict=True))
    per_day, scale = 1 / replayed.days / past.share, 1 / past.share
    points = tuple(
        Point(
            threshold=float(threshold),
            leads_a_day=float(totals["handed"][at] * per_day),
            share_caught=_ratio(totals["caught"][at], conversions),
            precision=_ratio(totals["won"][at], totals["matured"][at]),
            expected=float(totals["expected"][at] * scale) if has_chances else None,
            realised=float(totals["realised"][at] * scale),
        )
        for at, threshold in enumerate(grid)
    )
    if not conversions:
        return Curve(by=by, points=points, best=None)
    flow, realised = gains[:, GAINS.index("handed")] * per_day, gains[:, GAINS.index("realised")] * scale
    return Curve(by=by, points=points, best=_best(grid, draws.summed(flow), draws.summed(realised), capacity))


def _ratio(over: float, under: float) -> float | None:
    return float(over / under) if under else None


def _best(
    grid: NDArray[np.float64],
    flow: NDArray[np.float64],
    worth: NDArray[np.float64],
    capacity: float | None,
) -> Best | None:
    """Return the best threshold; `flow` and `worth` (1 + draws, thresholds) are of all leads, then draws."""
    fits = flow <= (np.inf if capacity is None else capacity)
    if not fits[0].any():
        return None
    at = np.argmax(np.where(fits, worth, -np.inf), axis=1)
    threshold = doubted(np.where(fits.any(axis=1), grid[at], np.nan))
    realised = doubted(worth[:, at[0]])  # of this threshold in each draw: the luck of a choice is no worth
    if threshold is None or realised is None:
        return None
    return Best(threshold=threshold, realised=realised, leads_a_day=float(flow[0, at[0]]), capacity=capacity)


class _Row(NamedTuple):
    """One lead: each moment at which its worth is higher than ever before, and what a handover then gives.

    `records` float64 (k,), `gains` float64 (k + 1, gains) as GAINS names them. The last
    row is that of the moment at which it raises its hand, or nothing.
    """

    records: NDArray[np.float64]
    gains: NDArray[np.float64]

    def at(self, grid: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each threshold gives, float64 (gains, thresholds)."""
        return np.asarray(self.gains[np.searchsorted(self.records, grid, side="left")].T)


def _row(past: Past, lead: LeadPast, path: Path, by: By, worth: Value) -> _Row:
    records: list[float] = []
    gains: list[tuple[float, ...]] = []
    raised: tuple[float, ...] = (0.0,) * len(GAINS)
    converts = past.converts(lead)
    for facts, step in zip(lead.facts, path.steps, strict=True):
        gain = _gain(past, lead, facts, worth, converts=converts)
        if step.action == "route" and step.hand_raised:
            raised = gain
            break
        told = _worth(facts, by, worth)
        if step.may and told is not None and (not records or told > records[-1]):
            records.append(told)
            gains.append(gain)
    return _Row(np.asarray(records, np.float64), np.asarray([*gains, raised], np.float64))


def _gain(past: Past, lead: LeadPast, facts: Facts, worth: Value, *, converts: bool) -> tuple[float, ...]:
    outcome = outcome_of(past, lead, facts, worth, converts=converts)
    if facts.as_of < past.since:
        return (0.0, outcome.caught, 0.0, 0.0, 0.0, outcome.realised)
    return (1.0, outcome.caught, outcome.matured, outcome.won, outcome.expected, outcome.realised)


def _worth(facts: Facts, by: By, worth: Value) -> float | None:
    if by == "score":
        return None if facts.score is None else float(facts.score)
    if facts.probability is None:
        return None
    return facts.probability * deal_of(facts, worth) - worth.touch_cost


def _grid(rows: list[_Row], by: By) -> NDArray[np.float64]:
    """Return the thresholds that are tried: each score from the least, or as many values, evenly by rank.

    By value one is 0: from there on a lead is worth a touch.
    """
    told = np.unique(np.concatenate([row.records for row in rows])) if rows else np.zeros(0)
    if len(told) > MOST_POINTS:
        told = np.unique(np.quantile(told, np.linspace(0, 1, MOST_POINTS), method="lower"))
    return np.unique(np.append(told, 0.0)) if by == "value" and len(told) else told
