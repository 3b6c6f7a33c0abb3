"""A past to replay, from a company's own tables: leads on each Monday, as they were known, and scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from decisions.deciding import Decider
from decisions.deciding.knowing import FactsReader
from decisions.policy.attributes import ROUTED_BY
from decisions.simulation.past import LeadPast, Past
from features.cells import cell_rules
from features.history import microseconds_of
from models.grades import grade
from models.threads import threads_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from decisions.deciding import Facts
    from decisions.policy import Policy
    from features.history import History
    from features.snapshots import Moments
    from features.tables import Tables
    from models.artifact import AnyScorer
    from models.score import Confidence, Rung, Score

AT_ONCE = 10_000
"""So many moments are scored together."""

NEVER = np.iinfo(np.int64).max


class Said(NamedTuple):
    """What of a score decisions are made from; named as in `models.score.Score`."""

    score: int
    probability: float | None
    fit_score: int
    engagement_score: int | None
    grade: str
    rung: Rung
    confidence: Confidence
    base_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Moments of whole leads in the order of lead and time, and what is said of each; None: unreadable."""

    history: History
    moments: Moments
    said: tuple[Said | None, ...]


def some_leads(moments: Moments, owner_hash: NDArray[np.uint32], most: int) -> tuple[Moments, float]:
    """Return the moments of as many whole leads as make up at most `most` moments, and of how many leads.

    Leads are taken by their hash, so the same of them each time.
    """
    ordered = moments.where(np.lexsort((moments.as_of, moments.lead)))
    if len(ordered) <= most:
        return ordered, 1.0
    leads, counts = np.unique(ordered.lead, return_counts=True)
    by_hash = np.lexsort((leads, owner_hash[leads]))
    taken = int(np.searchsorted(np.cumsum(counts[by_hash]), most, side="right"))
    chosen = leads[by_hash[: max(1, taken)]]
    return ordered.where(np.isin(ordered.lead, chosen)), len(chosen) / len(leads)


def whole_leads(moments: Moments, since: int) -> Moments:
    """Return all moments of the leads that have one at `since` (microseconds UTC) or later."""
    return moments.where(np.isin(moments.lead, moments.lead[moments.as_of >= since]))


def scored(
    history: History, moments: Moments, scorer: AnyScorer, report: Callable[[int, int], None] | None = None
) -> Scored:
    """Return what a scorer says of leads at moments. `moments` are in the order of lead and time."""
    said: list[Said | None] = []
    for start in range(0, len(moments), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        batch = history.at(moments.lead[some], moments.as_of[some])
        vectors = scorer.vectors(batch)
        rows = scorer.rows(vectors.values, shown=1, threads=threads_for(len(batch))).rows
        said += [
            None
            if at in vectors.faults
            else Said(
                row.score, row.probability, row.fit_score, row.engagement_score,
                grade(row.fit_score, row.engagement_score), scorer.rung, row.confidence, scorer.base_rate,
            )
            for at, row in enumerate(rows)
        ]  # fmt: skip
        if report is not None:
            report(min(start + AT_ONCE, len(moments)), len(moments))
    return Scored(history=history, moments=moments, said=tuple(said))


def past_of(
    scored_leads: Scored,
    policy: Policy,
    tables: Tables,
    *,
    since: int = 0,
    share: float = 1.0,
    cautions: Sequence[str] = (),
) -> Past:
    """Return the past of scored leads with the facts that a policy asks for."""
    history, moments = scored_leads.history, scored_leads.moments
    facts = _facts(scored_leads, policy)
    won_at, won_value = _first_wins(tables, history)
    starts = np.flatnonzero(np.diff(moments.lead, prepend=-1))
    ends = np.append(starts[1:], len(moments))
    leads = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        lead = int(moments.lead[start])
        owner = int(history.owner[lead])
        won = int(won_at[owner])
        value = float(won_value[owner])
        leads.append(
            LeadPast(
                lead_id=history.lead_ids[lead],
                facts=tuple(facts[start:end]),
                won_at=None if won == NEVER else won,
                won_value=None if np.isnan(value) else value,
            )
        )
    horizon = history.mapping.training.horizon
    if horizon is None:
        raise TypeError("a past with time needs a horizon; the mapping refuses to go without")
    return Past(
        leads=tuple(leads),
        horizon=horizon,
        known_until=history.extract_at,
        since=since,
        share=share,
        cautions=tuple(cautions),
    )


def _facts(scored_leads: Scored, policy: Policy) -> list[Facts]:
    history, moments = scored_leads.history, scored_leads.moments
    leads = history.mapping.leads
    wanted = dict.fromkeys((*Decider(policy).needs, *ROUTED_BY))
    asked = [name for name in wanted if name in policy.attributes]
    reader = FactsReader(policy, asked, cell_rules(leads.missing, leads.decimal))
    facts: list[Facts] = []
    for start in range(0, len(moments), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        batch = history.at(moments.lead[some], moments.as_of[some])
        said = cast("Any", scored_leads.said[some])  # what facts ask of a score stands in Said too
        facts += reader.of_batch(batch, cast("Sequence[Score | None]", said))
    return facts


def _first_wins(tables: Tables, history: History) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return when each owner won first, NEVER where that is not known, and what it was worth, else NaN."""
    owners = int(history.owner.max(initial=-1)) + 1
    won_at, value = np.full(owners, NEVER), np.full(owners, np.nan)
    if tables.outcomes is None:
        return won_at, value
    rows = tables.outcomes[(tables.outcomes["outcome"] == "won").to_numpy()]
    owner = history.owners_of(rows["lead_id"])
    at, known = (microseconds_of(rows[name]) for name in ("occurred_at", "known_at"))
    counts = (owner >= 0) & (np.maximum(at, known) <= history.extract_at)
    worth = rows["value"].to_numpy(np.float64)
    order = np.flatnonzero(counts)[np.argsort(-at[counts], kind="stable")]
    won_at[owner[order]] = at[order]  # the earliest comes last, and stands
    value[owner[order]] = worth[order]
    return won_at, value
