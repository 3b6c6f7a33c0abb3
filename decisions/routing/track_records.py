"""How good reps are at closing, and how quick at answering, with little known of some of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from decisions.routing.rep import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from decisions.routing.rep import Load

_NONE = Record()
WEAKEST, USUAL, STRONGEST = 10.0, 30.0, 1000.0
"""How many leads the prior may weigh as, and how many where the reps' records do not tell."""

RESPONSES_OF_PRIOR = 10
"""A median of so many responses counts half, the colleagues' the other half."""


def win_rates(loads: Mapping[str, Load], segment: str) -> dict[str, float]:
    """Return each rep's rate of winning leads of a segment, shrunk towards that of all these reps together.

    Wins are binomial, rates beta about the common one: the mean after having seen w of n is (w + m·μ)/(n +
    m), with μ = Σw/Σn. The strength m = 1/r - 1 follows from the spread of the rates, by moments: with k
    reps and S = Σn·(w/n - μ)², E(S) = μ(1 - μ)·((k - 1) + r·(N - Σn²/N - (k - 1))) (J. C. Kleinman,
    "Proportions with extraneous variance", JASA 68, 1973, 46-54), held between WEAKEST and STRONGEST. Where
    nobody has a record in the segment, that over all segments counts; where there is none either, all are
    0.5.

    >>> from decisions.routing.rep import Load, Record
    >>> rates = win_rates({"new": Load(), "ana": Load(records={"": Record(40, 60)})}, "")
    >>> round(rates["new"], 2), round(rates["ana"], 2)
    (0.4, 0.4)
    """
    records = {rep_id: load.records.get(segment, _NONE) for rep_id, load in loads.items()}
    if segment and not any(record.ended for record in records.values()):
        return win_rates(loads, "")
    ended = sum(record.ended for record in records.values())
    mean = sum(record.wins for record in records.values()) / ended if ended else 0.5
    strength = _strength([record for record in records.values() if record.ended], mean)
    return {
        rep_id: (record.wins + strength * mean) / (record.ended + strength)
        for rep_id, record in records.items()
    }


def response_times_us(loads: Mapping[str, Load]) -> dict[str, float]:
    """Return each rep's median response, shrunk towards the colleagues', in microseconds.

    Logarithms of times are shrunk, since times are skewed, by n/(n + RESPONSES_OF_PRIOR), the weight of a
    mean of n under a normal prior (B. Efron and C. Morris, "Data analysis using Stein's estimator and its
    generalizations", JASA 70, 1975, 311-319), towards their mean weighted by n. Who has no response yet is
    taken for an average colleague; where nobody has one, all are alike.
    """
    known = {
        rep_id: (math.log(max(load.median_response_us, 1)), load.responses)
        for rep_id, load in loads.items()
        if load.median_response_us is not None and load.responses > 0
    }
    seen = sum(count for _, count in known.values())
    mean = sum(median * count for median, count in known.values()) / seen if seen else 0.0
    return {rep_id: math.exp(_towards(mean, *known.get(rep_id, (mean, 0)))) for rep_id in loads}


def _towards(mean: float, median: float, count: int) -> float:
    return mean + (median - mean) * count / (count + RESPONSES_OF_PRIOR)


def _strength(records: list[Record], mean: float) -> float:
    spread_free = len(records) - 1
    ended = sum(record.ended for record in records)
    if spread_free < 1 or not 0 < mean < 1:
        return USUAL
    told = ended - sum(record.ended**2 for record in records) / ended - spread_free
    if told <= 0:
        return USUAL
    spread = sum(record.ended * (record.wins / record.ended - mean) ** 2 for record in records)
    alike = (spread / (mean * (1 - mean)) - spread_free) / told
    return STRONGEST if alike <= 0 else max(WEAKEST, min(STRONGEST, 1 / alike - 1))
