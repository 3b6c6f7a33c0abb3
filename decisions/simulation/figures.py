"""What a policy did to leads, in figures: how many went to sales, what of it came, what it was worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from decisions.policy.checking import DEAL_VALUE
from decisions.simulation.draws import Doubted, doubted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from decisions.deciding import Facts
    from decisions.policy.handoff import Value
    from decisions.simulation.draws import Draws
    from decisions.simulation.past import LeadPast, Past
    from decisions.simulation.replay import Path, Replayed

NAMES = (
    "leads_a_day", "handed_over", "again", "conversions", "caught", "share_caught", "precision",
    "expected_value", "realised_value",
)  # fmt: skip
"""The figures, in their order.

`handed_over`: leads that go to sales for the first time, and `leads_a_day` of them; `again`: how often one
comes back to sales. `conversions`: leads that won within the horizon after one of their moments; `caught`:
those of them that were handed over before they won, and `share_caught` of how many. `precision`: of leads
handed over, how many won within the horizon after it; those whose horizon has not passed are left out.
`expected_value`: over leads handed over, probability x deal value - the cost of a touch, at that moment; None
where there are no probabilities. `realised_value`: what the conversions that were caught were worth - the
cost of a touch for each lead handed over. All but shares are scaled to all leads where only some were
replayed.
"""

Figures = dict[str, "Doubted | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The figures of both policies, and other - present: of the same draws of leads."""

    present: Figures
    other: Figures
    difference: Figures


def compared(past: Past, present: Replayed, other: Replayed, worth: Value, draws: Draws) -> Compared:
    """Return the figures of two policies for the same past. `worth`: what both are valued by."""
    columns = {
        f"{side}.{name}": column
        for side, replayed in (("present", present), ("other", other))
        for name, column in _columns(past, replayed, worth).items()
    }
    sums = draws.sums(columns)
    drawn = [
        _figures({name: sums[f"{side}.{name}"] for name in _COLUMNS}, replayed.days, past.share)
        for side, replayed in (("present", present), ("other", other))
    ]
    return Compared(
        present={name: doubted(drawn[0][name]) for name in NAMES},
        other={name: doubted(drawn[1][name]) for name in NAMES},
        difference={name: doubted(drawn[1][name] - drawn[0][name]) for name in NAMES},
    )


_COLUMNS = (
    "handed", "again", "conversion", "caught", "matured", "won_after", "expected", "foretold", "realised",
)  # fmt: skip


def _columns(past: Past, replayed: Replayed, worth: Value) -> dict[str, NDArray[np.float64]]:
    """Return of each lead what the figures are sums of, float64 (leads,) each."""
    rows = [_row(past, lead, path, worth) for lead, path in zip(past.leads, replayed.paths, strict=True)]
    held = np.asarray(rows, np.float64).reshape(len(rows), len(_COLUMNS))
    return dict(zip(_COLUMNS, held.T, strict=True))


def _row(past: Past, lead: LeadPast, path: Path, worth: Value) -> tuple[float, ...]:
    converts = past.converts(lead)
    if not path.handovers:
        return (0, 0, converts, 0, 0, 0, 0, 0, 0)
    first = path.handovers[0]
    again = sum(one.counts for one in path.handovers[1:])
    outcome = outcome_of(past, lead, lead.facts[first.place], worth, converts=converts)
    if not first.counts:
        return (0, again, converts, outcome.caught, 0, 0, 0, 0, outcome.realised)
    is_foretold = lead.facts[first.place].probability is not None
    return (
        1, again, converts, outcome.caught, outcome.matured, outcome.won, outcome.expected, is_foretold,
        outcome.realised,
    )  # fmt: skip


class Outcome(NamedTuple):
    """What comes of a handover at a moment.

    `expected` and `realised` in money; `matured`: its horizon has passed, and then `won` within it.
    """

    caught: bool
    matured: bool
    won: bool
    expected: float
    realised: float


def outcome_of(past: Past, lead: LeadPast, facts: Facts, worth: Value, *, converts: bool) -> Outcome:
    """Return what comes of handing a lead over at the moment of these facts."""
    later = 0 if lead.won_at is None else lead.won_at - facts.as_of
    caught = converts and later > 0
    matured = facts.as_of + past.horizon <= past.known_until
    deal = deal_of(facts, worth)
    value = (deal if lead.won_value is None else lead.won_value) if caught else 0.0
    cost = worth.touch_cost if facts.as_of >= past.since else 0.0
    return Outcome(
        caught=caught,
        matured=matured,
        won=matured and 0 < later <= past.horizon,
        expected=(facts.probability or 0.0) * deal - cost,
        realised=value - cost,
    )


def deal_of(facts: Facts, worth: Value) -> float:
    """Return what a deal with a lead would be worth: its own attribute, else the policy's."""
    deal = facts.attributes.get(DEAL_VALUE)
    return worth.deal if deal is None else float(deal)


def _figures(sums: dict[str, NDArray[np.float64]], days: int, share: float) -> dict[str, NDArray[np.float64]]:
    nothing = np.full_like(sums["handed"], np.nan)

    def ratio(over: str, under: str) -> NDArray[np.float64]:
        return np.divide(sums[over], sums[under], out=nothing.copy(), where=sums[under] > 0)

    all_foretold = sums["foretold"] == sums["handed"]
    return {
        "leads_a_day": sums["handed"] / days / share,
        "handed_over": sums["handed"] / share,
        "again": sums["again"] / share,
        "conversions": sums["conversion"] / share,
        "caught": sums["caught"] / share,
        "share_caught": ratio("caught", "conversion"),
        "precision": ratio("won_after", "matured"),
        "expected_value": np.where(all_foretold, sums["expected"] / share, np.nan),
        "realised_value": sums["realised"] / share,
    }
