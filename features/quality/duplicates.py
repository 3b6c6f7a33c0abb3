"""Leads that stand twice, for certain or by their looks, and events that do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from features.duplicates.identity import PLACEHOLDER_LEADS, identify
from features.duplicates.likeness import LIKE_PERCENT, Alike, alike_addresses, alike_names
from features.quality.finding import EXAMPLES, Finding, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from features.duplicates.identity import Identity
    from features.mapping import Mapping
    from features.tables import Tables


def duplicate_leads(tables: Tables, mapping: Mapping) -> Iterator[Finding]:
    """Yield what is merged (exact), what only looks alike (never merged), and what is a placeholder."""
    leads = tables.leads.drop_duplicates("lead_id").reset_index(drop=True)
    ids = leads["lead_id"].to_numpy(object)
    who = identify(leads, mapping)
    repeats = who.repeats
    if len(repeats):
        people = len(np.unique(who.survivor[repeats]))
        deed = "merged for features" if mapping.is_dated else "kept in one fold when a model is judged"
        yield Finding(
            topic="duplicates",
            name="same_person",
            severity="warn" if len(repeats) >= 0.01 * len(leads) else "note",
            text=f"{len(repeats):,} leads are the same person as one of {people:,} earlier leads, by e-mail "
            f"address, or by phone and name; they are {deed}",
            count=len(repeats),
            of=len(leads),
            examples=tuple(f"{ids[row]} = {ids[who.survivor[row]]}" for row in repeats[:EXAMPLES]),
        )
    if who.apart:
        yield Finding(
            topic="duplicates",
            name="left_apart",
            severity="note",
            text=f"{who.apart:,} leads match two earlier leads that nothing tied together before; they are "
            "merged into the first, and the two stay apart",
            count=who.apart,
            of=len(leads),
        )
    yield from _placeholders(who, len(leads))
    for alike in (alike_names(leads, mapping), alike_addresses(leads, mapping)):
        if alike is not None:
            yield from _looks(alike, who, leads)


def repeated_events(tables: Tables) -> Iterator[Finding]:
    """Yield events without an id that repeat another of their lead in time, type, page and value."""
    if tables.events is None:
        return
    unnamed = tables.events[tables.events["event_id"].isna()]
    repeated = unnamed.duplicated(["lead_id", "occurred_at", "type", "detail", "value"])
    if not repeated.any():
        return
    share = float(repeated.sum()) / len(tables.events)
    yield Finding(
        topic="events",
        name="repeated_events",
        severity="warn" if share >= 0.01 else "note",
        text=f"{int(repeated.sum()):,} events without an id repeat another of their lead in time, type, page "
        "and value; each counts, because nobody can tell: name the column events.event_id if there is one",
        count=int(repeated.sum()),
        of=len(tables.events),
        examples=some(unnamed["lead_id"][repeated].drop_duplicates()),
    )


def _placeholders(who: Identity, leads: int) -> Iterator[Finding]:
    for held in who.placeholders:
        yield Finding(
            topic="duplicates",
            name="placeholder",
            severity="warn",
            text=f"One {held.kind} stands with {len(held.lead_ids):,} leads, more than {PLACEHOLDER_LEADS}: "
            "it is taken for a placeholder, and merges nobody",
            count=len(held.lead_ids),
            of=leads,
            examples=some(held.lead_ids),
        )


def _looks(alike: Alike, who: Identity, leads: pd.DataFrame) -> Iterator[Finding]:
    apart = who.survivor[alike.pairs[:, 0]] != who.survivor[alike.pairs[:, 1]]
    pairs = alike.pairs[apart]
    if not len(pairs):
        return
    ids = leads["lead_id"].to_numpy(object)
    how = f"{LIKE_PERCENT:.0f} % alike" if alike.what == "company and name" else "one or two letters apart"
    yield Finding(
        topic="duplicates",
        name="look_alike_" + ("names" if alike.what == "company and name" else "addresses"),
        severity="note",
        text=f"{len(pairs):,} pairs of leads look alike by {alike.what} ({how}); they are not merged",
        count=len(np.unique(pairs)),
        of=len(leads),
        examples=tuple(f"{ids[one]} ~ {ids[other]}" for one, other in pairs[:EXAMPLES]),
    )
