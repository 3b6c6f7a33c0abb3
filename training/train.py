"""Training, whole: from a company's tables to a scorer with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from training.evidence.gather import gather_evidence
from training.examples import cut_examples, said_of_merging
from training.fitting.fit import fit_scorer

if TYPE_CHECKING:
    from collections.abc import Callable

    from features.mapping import Mapping
    from features.tables import Tables
    from models.scorer import LeadScorer
    from training.evidence.evidence import Evidence
    from training.examples import Examples, PastT
    from training.fitting.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A scorer refitted on everything, with the evidence of its twin."""

    scorer: LeadScorer
    evidence: Evidence
    examples: Examples[Any]


def train(
    tables: Tables, mapping: Mapping, recipe: Recipe, *, report: Callable[[str], None] = lambda _: None
) -> Trained:
    """Cut a company's tables into examples and train; see `train_on`."""
    return train_on(cut_examples(tables, mapping), recipe, report=report)


def train_on(
    examples: Examples[PastT], recipe: Recipe, *, report: Callable[[str], None] = lambda _: None
) -> Trained:
    """Judge a twin on the later period, then fit the scorer on all matured examples.

    `report` is told each step in words. Raises RefusedError where there is too little to learn from.
    """
    for line in said_of_merging(examples.merged, examples.history.mapping):
        report(line)
    report(f"{len(examples.learned)} examples of {len(examples.history)} leads; judging a twin")
    evidence = gather_evidence(examples.history, examples.learned, examples.census, recipe)
    report("fitting on the whole history")
    scorer = fit_scorer(examples.history, examples.learned, examples.census, recipe)
    return Trained(scorer=scorer, evidence=evidence, examples=examples)
