"""Training, whole: from a company's tables to a scorer with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, Unpack

from training.evidence.flattery import flattery_of
from training.evidence.gather import gather_evidence
from training.evidence.rungs import said_of_rungs
from training.evidence.signal import find_signal
from training.evidence.split import refuse_small_parts, split_for
from training.examples import cut_examples, said_of_merging
from training.explaining.contributed import Contributed
from training.explaining.explain import explained
from training.fitting.enough import refuse_too_little
from training.fitting.fit import fit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from features.mapping import Mapping
    from features.past import Past
    from features.snapshots import Moments
    from features.tables import Tables
    from models.scorer import LeadScorer
    from training.evidence.evidence import Evidence
    from training.evidence.twin import Twin
    from training.examples import Examples, PastT
    from training.explaining.explanations import Explanations
    from training.fitting.fitted import Fitted
    from training.fitting.recipe import Recipe


class Searched(Protocol):
    """What a search found: the recipe to use, and what was tried on the way."""

    @property
    def recipe(self) -> Recipe:
        """The recipe with the settings that were best."""
        ...

    @property
    def trials(self) -> Sequence[Any]:
        """The settings that were tried, in order."""
        ...


class Asked(TypedDict, total=False):
    """What may be asked of a training besides its recipe.

    `search`: chooses settings on the examples and the census that it is given. `capacity`: how many leads a
    week the team can work. `report`: is told each step in words.
    """

    search: Callable[[Past, Moments, Moments], Searched] | None
    capacity: int | None
    report: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A scorer refitted on everything, with the evidence of its twins.

    `explanations`: what moves its scores, as the models of the folds show it. `trials`: the settings that a
    search tried, in order; none where none was asked for.
    """

    fitted: Fitted
    evidence: Evidence
    explanations: Explanations
    twins: tuple[Twin, ...]
    examples: Examples[Any]
    recipe: Recipe
    trials: tuple[Any, ...] = ()

    @property
    def scorer(self) -> LeadScorer:
        """The scorer that is registered."""
        return self.fitted.scorer


def train(tables: Tables, mapping: Mapping, recipe: Recipe, **asked: Unpack[Asked]) -> Trained:
    """Cut a company's tables into examples and train; see `train_on`."""
    return train_on(cut_examples(tables, mapping), recipe, **asked)


def train_on(examples: Examples[PastT], recipe: Recipe, **asked: Unpack[Asked]) -> Trained:
    """Look for a signal, judge twins on what they never saw, then fit the scorer on all matured examples.

    Raises NoSignalError where the data tell nobody apart, and RefusedError where there is too little to
    learn from; both before anything else is spent.
    """
    past, learned, census = examples.history, examples.learned, examples.census
    report, search = asked.get("report", _say_nothing), asked.get("search")
    for line in said_of_merging(examples.merged, past.mapping):
        report(line)
    refuse_too_little(past, learned, census)
    split = split_for(past, learned, census, recipe, is_searched=search is not None)
    refuse_small_parts(past, split)
    report(f"{len(learned):,} examples of {len(past):,} leads; is there any signal?")
    signal = find_signal(past, learned, census, recipe)
    trials: tuple[Any, ...] = ()
    if search is not None:
        report("searching for settings")
        found = search(past, *split.searched)
        recipe, trials = found.recipe, tuple(found.trials)
    report("judging a twin" if len(split.parts) == 1 else f"judging {len(split.parts)} twins")
    gathered = gather_evidence(
        past,
        split,
        recipe,
        card=recipe.card,
        leads_a_week=asked.get("capacity"),
        census_share=examples.census_share,
    )
    report("fitting on the whole history")
    fitted = fit(past, learned, census, recipe)
    evidence = replace(
        gathered.evidence,
        signal=signal,
        flattery=flattery_of(past, fitted, census, split, gathered.judged),
        notes=(*gathered.evidence.notes, *said_of_rungs(gathered.twins, fitted.scorer)),
    )
    return Trained(
        fitted=fitted,
        evidence=evidence,
        explanations=explained(fitted.scorer.spec, contributed(examples, fitted), seed=recipe.seed),
        twins=gathered.twins,
        examples=examples,
        recipe=recipe,
        trials=trials,
    )


def contributed(examples: Examples[Any], fitted: Fitted) -> Contributed:
    """Return the rows of the census whose margins were taken apart out of fold, with what explains them."""
    told = fitted.out_of_fold.told
    census = examples.census.where(told.rows)
    return Contributed(
        values=told.values,
        contributions=told.contributions,
        owner=examples.history.owner[census.lead],
        fold=fitted.out_of_fold.fold[told.rows],
        as_of=census.as_of if examples.history.mapping.is_dated else None,
    )


def _say_nothing(_: str) -> None:
    pass
