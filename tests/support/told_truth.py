"""Generated histories whose truth is known, what is learned of them, and reasons beside the truth's terms.

Some of the leads are held out, by a hash of the id, and everything is asked of them: of each at one of its
census dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import spearmanr

from features.duplicates.merging import merge_duplicates
from features.mapping import read_mapping
from features.reading.company_files import read_tables
from models.reasons.groups import groups_of, sums_by_group
from training.examples import cut_examples
from training.fitting.fit import fit_scorer
from training.fitting.folds import parts_of
from training.synthetic import generate
from training.synthetic.intent import LOST
from training.synthetic.recipe import DAY_US
from training.synthetic.terms import STATE, Background, terms
from training.synthetic.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from features.history import History
    from features.snapshots import Moments
    from features.tables import Tables
    from models.reasons.groups import Group
    from models.scorer import LeadScorer
    from training.fitting.recipe import Recipe
    from training.synthetic import History as Synthetic

RECORDED_AS = {
    "revenue_band": "employees",
    "detected_technologies": "technologies",
    "utm_source": "channel",
    "lead.source": "channel",
    "owner_region": STATE,
}
"""Columns that record another's value once more; a lead has an owner once sales works it."""

WITHOUT_EFFECT = frozenset({"consent", "form_seconds", "founded_year", "lead.completeness", "lead.age"})
"""What bears on nothing: where the state is known, so is the age."""


@dataclass(frozen=True)
class Learned:
    """A scorer, and leads that it has not seen, each at one moment of the census."""

    scorer: LeadScorer
    tables: Tables
    history: History
    examples: Moments
    held_out: Moments


def learned_of(made: Synthetic, out: Path, recipe: Recipe) -> Learned:
    """Generate a history and learn from three quarters of its leads."""
    mapping = read_mapping(generate(made, out).mapping)
    tables, _ = merge_duplicates(read_tables(mapping, out), mapping)
    cut = cut_examples(tables, mapping)
    held_out = parts_of(cut.history.owner_hash, 4, "held out") < 1
    examples = cut.learned.where(~held_out[cut.learned.lead])
    census = cut.census.where(~held_out[cut.census.lead])
    tested = cut.census.where(held_out[cut.census.lead])
    return Learned(
        fit_scorer(cut.history, examples, census, recipe),
        tables,
        cut.history,
        examples,
        _one_each(tested, made.seed),
    )


def _one_each(moments: Moments, seed: int) -> Moments:
    """Return one moment of each lead, at random."""
    shuffled = np.random.default_rng(seed).permutation(len(moments))
    _, first = np.unique(moments.lead[shuffled], return_index=True)
    chosen = np.zeros(len(moments), bool)
    chosen[shuffled[first]] = True
    return moments.where(chosen)


@dataclass(frozen=True)
class Told:
    """What the reasons say, and what is true: log-odds, float64 (n, terms), by the names of the terms.

    `known` (n, terms): whether the lead's record holds anything of it. `idle` float64 (n,): the sum of the
    sizes of what is said of things without any effect.
    """

    names: tuple[str, ...]
    said: NDArray[np.float64]
    true: NDArray[np.float64]
    known: NDArray[np.bool_]
    idle: NDArray[np.float64]

    def by_lead(self) -> NDArray[np.float64]:
        """Return Spearman's rank correlation over each lead's terms, float64 (n,)."""
        return np.asarray([_rank_correlation(a, b) for a, b in zip(self.said, self.true, strict=True)])

    def by_lead_of_known(self) -> NDArray[np.float64]:
        """Return the same over those of its terms of which the lead's record holds anything."""
        rows = zip(self.said, self.true, self.known, strict=True)
        return np.asarray([_rank_correlation(a[known], b[known]) for a, b, known in rows])

    def by_term(self) -> dict[str, float]:
        """Return Spearman's rank correlation over the leads, of each term."""
        columns = zip(self.names, self.said.T, self.true.T, strict=True)
        return {name: _rank_correlation(said, true) for name, said, true in columns}


def _rank_correlation(said: NDArray[np.float64], true: NDArray[np.float64]) -> float:
    """Return Spearman's; 0 where one of them never differs: then nothing is told."""
    if np.ptp(said) == 0 or np.ptp(true) == 0:
        return 0.0
    return float(spearmanr(said, true).statistic)


def told_of(learned: Learned, made: Synthetic) -> Told:
    """Return what the reasons of the held-out leads say of each of the truth's terms.

    A group of a column is matched with the term of the column that it records, all groups of events with the
    state. What is not known stands for the examples, as it does in the expected margin.
    """
    world = World.of(made)
    number = {f"lead-{n:07d}": lead for lead, n in enumerate(world.lead_numbers()[0].tolist())}
    lead_of = np.asarray([number.get(lead_id, -1) for lead_id in learned.history.lead_ids], np.int64)
    own, asked = learned.examples, learned.held_out
    own, asked = own.where(lead_of[own.lead] >= 0), asked.where(lead_of[asked.lead] >= 0)
    # A lead that has won or been lost without anybody knowing yet looks open, and has no log-odds.
    asked = asked.where(world.stints.state_at(lead_of[asked.lead], asked.as_of) < LOST)
    day = (asked.as_of - made.start_us) // DAY_US
    true = terms(world, lead_of[asked.lead], day, Background.of(world, lead_of[own.lead], own.as_of))
    scorer = learned.scorer
    values = learned.history.vectors(scorer.spec, asked.lead, asked.as_of).values
    groups = groups_of(scorer.spec)
    sums = sums_by_group(scorer.margins(values).contributions, groups)
    said, idle = np.zeros_like(true.values), np.zeros(len(asked))
    known = np.zeros(said.shape, bool)
    for group, amounts in zip(groups, sums.T, strict=True):
        term = _term_of(group)
        if term is None:
            idle += np.abs(amounts)
        else:
            said[:, true.names.index(term)] += amounts
            held = ~np.isnan(values[:, list(group.positions)]).all(axis=1)
            known[:, true.names.index(term)] |= held
    return Told(true.names, said, true.values, known, idle)


def _term_of(group: Group) -> str | None:
    if group.about in WITHOUT_EFFECT:
        return None
    return RECORDED_AS.get(group.about, group.about) if group.is_of_column else STATE
