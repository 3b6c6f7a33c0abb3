"""Examples: what is learned from, and the population that is scored, cut from a company's past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from features.bucketed import BucketedHistory
from features.duplicates.merging import NOTHING_MERGED, Merged, merge_duplicates
from features.errors import Fault, InputError
from features.history import History
from features.past import Past
from features.snapshots import (
    CENSUS_SIZE,
    Lives,
    candidates,
    census,
    flat_examples,
    joined_moments,
    snapshots,
)

if TYPE_CHECKING:
    from features.cluster import Engine
    from features.duplicates.identity import Identity
    from features.mapping import Mapping
    from features.prepared import Prepared
    from features.snapshots import Moments
    from features.tables import Tables

PastT = TypeVar("PastT", bound=Past)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples(Generic[PastT]):
    """What is learned from (`learned`) and the population that is scored (`census`), cut from a past.

    `merged`: which of the company's leads were taken for one, just now. `census_share` (0-1): the share of
    all candidates that the census was cut from; below 1 where there were too many.
    """

    history: PastT
    learned: Moments
    census: Moments
    merged: Merged = NOTHING_MERGED
    census_share: float = 1.0


def cut_examples(tables: Tables, mapping: Mapping, identity: Identity | None = None) -> Examples[History]:
    """Cut a history into examples: snapshots and census where it is dated, its rows where it is flat.

    Duplicates are merged before anything is counted; `identity` says who is who where that is known.

    Raises InputError where the mapping does not say how leads ended.
    """
    _say_how_leads_ended(mapping)
    tables, merged = merge_duplicates(tables, mapping, identity)
    history = History(tables, mapping)
    if not mapping.is_dated:
        rows = flat_examples(tables, history)
        return Examples(history=history, learned=rows, census=rows, merged=merged)
    lives = Lives(tables, history)
    taken, there = candidates(history, lives, mapping)
    return Examples(
        history=history,
        learned=snapshots(history, lives, mapping),
        census=census(history, lives, mapping),
        merged=merged,
        census_share=taken / there if there else 1.0,
    )


def cut_prepared(prepared: Prepared, mapping: Mapping, on: Engine | None = None) -> Examples[BucketedHistory]:
    """Cut a prepared history into examples, bucket by bucket.

    Who is whose duplicate was found when it was prepared, with the mapping of that time; they are merged in
    each bucket. A census that is too large is cut down in each bucket alike. Features are made `on` an
    engine: here, or on a cluster that sees the folder.
    Raises InputError where the mapping does not say how leads ended.
    """
    _say_how_leads_ended(mapping)
    past = BucketedHistory(prepared, mapping, on)
    size = CENSUS_SIZE // max(1, len(prepared))
    learned, judged = [], []
    taken = there = 0
    for number in range(len(prepared)):
        (tables, history), start = past.bucket(number), int(past.starts[number])
        if mapping.is_dated:
            lives = Lives(tables, history)
            learned.append(snapshots(history, lives, mapping).shifted(start))
            judged.append(census(history, lives, mapping, size=size).shifted(start))
            of_bucket = candidates(history, lives, mapping, size=size)
            taken, there = taken + of_bucket[0], there + of_bucket[1]
        else:
            learned.append(flat_examples(tables, history).shifted(start))
    examples = joined_moments(learned)
    return Examples(
        history=past,
        learned=examples,
        census=joined_moments(judged) if judged else examples,
        merged=past.merged,
        census_share=taken / there if there else 1.0,
    )


def said_of_merging(merged: Merged, mapping: Mapping) -> list[str]:
    """Return what merging did, in words; nothing where there were no duplicates."""
    if not merged.leads:
        return []
    if not mapping.is_dated:
        return [f"{merged.leads:,} rows repeat a person of another row; no fold parts the two"]
    said = (
        f"{merged.leads:,} leads were duplicates of {merged.people:,} others and were merged into them; "
        f"{merged.repeated_events:,} events that stood with both count once"
    )
    return [said]


def _say_how_leads_ended(mapping: Mapping) -> None:
    if mapping.outcomes is None:
        wanted = "how leads ended: a label column, a table of outcomes, or a rule over events"
        remedy = 'Add an [outcomes] section to the mapping, for example: label = "Converted" and positive = 1'
        raise InputError(Fault("the mapping, outcomes", wanted, "nothing", remedy))
