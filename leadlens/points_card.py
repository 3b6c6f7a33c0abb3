"""A scorecard for a company's data: bound to its features, and what is to be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.duplicates.merging import merge_duplicates
from features.history import History
from features.learning import spec_of
from features.snapshots import Lives, Moments
from leadlens.company import company_data
from models.scorecard.default_card import default_card
from models.scorecard.points import BoundCard
from models.scorecard.points_card import read_card
from models.scorecard.points_scorer import PointsScorer
from training.auditing.audit import audit_history, without_leaks
from training.examples import cut_examples, said_of_merging
from training.fitting.profile import ideal_profile
from training.fitting.scorecard import derived_card
from training.reports.about_trained import rows_sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from features.mapping import Mapping
    from features.spec import FeatureSpec
    from features.tables import Tables
    from models.scorecard.points_card import PointsCard
    from training.fitting.profile import Trait

    Say = Callable[[str], object]

NAME = "leadlens"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardOfData:
    """A scorecard on the features of a company's data.

    `points` float64 (n,): of the leads that are open at the end of the data, not clipped. `traits`: of those
    who win, where they were asked for. `leads`: how many there are in the data; `sha256`, in hexadecimal, of
    all of them at its end.
    """

    scorer: PointsScorer
    points: NDArray[np.float64]
    leads: int
    sha256: str
    traits: tuple[Trait, ...] = ()


def card_of_data(
    card: Path | None,
    *,
    config: Path | None,
    data: Path | None,
    leads: Path | None,
    lead_id: str | None,
    label: str | None,
    home: Path,
    learn: bool,
    report: Callable[[str], None],
    say: Say,
) -> CardOfData:
    """Read a company's data and bind a card to its features: a file's, one from the wins, or LeadLens's own.

    Leaks would be the best rules of all: where a card is learned, columns that know the answer are left out.
    Raises InputError as reading does, and where a card is to be learned and nothing says how leads ended.
    """
    given = None if card is None else read_card(card)
    mapping, tables = company_data(
        config=config,
        data=data,
        leads=leads,
        lead_id=lead_id,
        label=label,
        needs_label=learn,
        home=home,
        say=say,
    )
    if learn:
        report("auditing the columns")
        mapping = without_leaks(mapping, _leaks(tables, mapping, say))
        report("learning points from the wins")
        spec, chosen, traits = _learned(tables, mapping)
    tables, merged = merge_duplicates(tables, mapping)
    for line in said_of_merging(merged, mapping):
        report(line)
    history = History(tables, mapping)
    everyone = np.arange(len(history), dtype=np.int64)
    now = np.full(len(history), history.extract_at)
    if not learn:
        spec, traits = spec_of(history.survey(everyone, now), mapping), ()
        chosen = default_card(spec) if given is None else given
    is_open = (
        Lives(tables, history).is_open(everyone, now) if mapping.is_dated else np.ones(len(now), np.bool_)
    )
    values = history.vectors(spec, everyone[is_open], now[is_open]).values
    scorer = PointsScorer(name=NAME, version=None, mapping=mapping, spec=spec, card=chosen)
    return CardOfData(
        scorer=scorer,
        points=scorer.card.points(values),
        leads=len(history),
        sha256=rows_sha256(history, spec, Moments(everyone, now, np.full(len(now), np.nan))),
        traits=traits,
    )


def _leaks(tables: Tables, mapping: Mapping, say: Say) -> tuple[str, ...]:
    audit = audit_history(tables, mapping, cut_examples(tables, mapping))
    leaks = audit.left_out()
    for name in leaks:
        say(f"LEAK, LEFT OUT: {name} (why: leadlens audit)")
    return leaks


def _learned(tables: Tables, mapping: Mapping) -> tuple[FeatureSpec, PointsCard, tuple[Trait, ...]]:
    """Return features, points and profile, learned from the leads that were won."""
    cut = cut_examples(tables, mapping)
    history, learned = cut.history, cut.learned
    spec = spec_of(history.survey(learned.lead, learned.as_of), mapping)
    values = history.vectors(spec, learned.lead, learned.as_of).values
    card = derived_card(spec, values, learned.label, learned.weight)
    # A lead counts once in the profile: as it was last seen, and won if it was won after any of its rows.
    leads, first_from_the_end = np.unique(learned.lead[::-1], return_index=True)
    won = np.zeros(len(history), np.bool_)
    won[learned.lead[learned.label == 1.0]] = True
    last = len(learned) - 1 - first_from_the_end
    return spec, card, ideal_profile(spec, values[last], won[leads])


def unmatched_lines(card: PointsCard, spec: FeatureSpec) -> Iterator[str]:
    """Say which rules of a card can never match here, and why."""
    for rule in BoundCard(card, spec).unmatched:
        yield f"not used: a rule of [{rule.section}]: {rule.rule.said}: {rule.why}"


def trait_lines(traits: tuple[Trait, ...]) -> Iterator[str]:
    """Say who wins more than their share."""
    if not traits:
        yield "The wins show no ideal customer profile: no value of a fit column wins more than its share."
        return
    yield "The ideal customer profile, from the wins (99 % sure to win more than the others):"
    width = max(len(trait.said) for trait in traits)
    for trait in traits:
        yield (
            f"  {trait.said:{width}}  {trait.wins:,} of {trait.leads:,} won, "
            f"{trait.lift:.1f} times the average"
        )


def share_lines(found: CardOfData) -> Iterator[str]:
    """Say how many leads reach the threshold."""
    threshold, leads = found.scorer.card.card.threshold, len(found.points)
    reach = int((found.points >= threshold).sum())
    share = f" ({reach / leads:.0%})" if leads else ""
    yield f"{reach:,} of {leads:,} open leads{share} have {threshold} points or more."
