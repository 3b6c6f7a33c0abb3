"""Training, whole: from a company's tables to a scorer with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from training.evidence.gather import gather_evidence
from training.examples import cut_examples, said_of_merging
from training.fitting.fit import fit

if TYPE_CHECKING:
    from collections.abc import Callable

    from features.mapping import Mapping
    from features.tables import Tables
    from models.scorer import LeadScorer
    from training.evidence.evidence import Evidence
    from training.evidence.twin import Twin
    from training.examples import Examples, PastT
    from training.fitting.fitted import Fitted
    from training.fitting.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A scorer refitted on everything, with the evidence of its twins.

    `trials`: the settings that a search tried, in order; none where none was asked for.
    """

    fitted: Fitted
    evidence: Evidence
    twins: tuple[Twin, ...]
    examples: Examples[Any]
    recipe: Recipe
    trials: tuple[Any, ...] = ()

    @property
    def scorer(self) -> LeadScorer:
        """The scorer that is registered."""
        return self.fitted.scorer


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
    past = examples.history
    for line in said_of_merging(examples.merged, past.mapping):
        report(line)
    report(f"{len(examples.learned)} examples of {len(past)} leads; judging a twin")
    evidence = gather_evidence(past, examples.learned, examples.census, recipe)
    report("fitting on the whole history")
    fitted = fit(past, examples.learned, examples.census, recipe)
    return Trained(fitted=fitted, evidence=evidence, twins=(), examples=examples, recipe=recipe)
