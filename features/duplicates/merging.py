"""Duplicates made one: the lead that was created first stands for all of them.

The rule. Of leads that are the same person (see `identity`), the first created survives. The others'
events, outcomes and values become its own, and are known of it once the other lead was created: before
that, nobody could tell that the two are one. So what is known at a moment never depends on leads that
were created after it. Which columns hold an address is read from the table of leads as it is: like any
value without history, an address counts as known from the creation of its lead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.duplicates.borrowing import Members, with_borrowed_values
from features.duplicates.identity import Identity, Placeholder, identify
from features.history import microseconds_of

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

    from numpy.typing import NDArray

    from features.mapping import Mapping
    from features.tables import Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What merging did. `alias`: the survivor's id for the id of each lead that was merged into it.

    `repeated_events` are those that stood with several leads and count once; `borrowed_values` the
    (lead, column) whose value was taken from a duplicate; `apart` and `placeholders` as in `Identity`.
    """

    alias: MappingOf[str, str]
    repeated_events: int
    borrowed_values: int
    apart: int
    placeholders: tuple[Placeholder, ...]

    def __add__(self, other: Merged) -> Merged:
        """Return what was done in two parts of a company, none of whose leads were merged across them."""
        return Merged(
            alias={**self.alias, **other.alias},
            repeated_events=self.repeated_events + other.repeated_events,
            borrowed_values=self.borrowed_values + other.borrowed_values,
            apart=self.apart + other.apart,
            placeholders=(*self.placeholders, *other.placeholders),
        )

    @property
    def leads(self) -> int:
        """How many leads were merged into others."""
        return len(self.alias)

    @property
    def people(self) -> int:
        """How many leads took others in."""
        return len(set(self.alias.values()))


NOTHING_MERGED = Merged(alias={}, repeated_events=0, borrowed_values=0, apart=0, placeholders=())


def merge_duplicates(
    tables: Tables, mapping: Mapping, identity: Identity | None = None
) -> tuple[Tables, Merged]:
    """Return the tables with duplicates merged into one lead each, and what was done.

    Dated leads: the others' rows of `leads` are gone, their events, changes and outcomes bear the
    survivor's id. An event counts once where several of the leads hold it: by its id, or by time, type,
    page and value (of two alike with one lead and one with another, two count). Of two known values the
    survivor's stands; one that it lacks is taken from the next lead created, from then on.

    Flat data: each row is an example and stays; `person` groups the rows of one person, so that they
    fall into the same fold.

    `identity`: who is who, row by row of the distinct leads, where that was decided on more leads than
    these. Everybody whom one of them is a duplicate of must be among them.

    Without duplicates the very same tables come back. Merging twice is merging once.
    """
    leads = tables.leads
    first = leads if leads["lead_id"].is_unique else leads.drop_duplicates("lead_id")
    who = identify(first, mapping) if identity is None else identity
    ids = first["lead_id"].to_numpy(object)
    others = who.repeats
    alias = dict(zip(ids[others].tolist(), ids[who.survivor[others]].tolist(), strict=True))
    nothing = Merged(
        alias=alias, repeated_events=0, borrowed_values=0, apart=who.apart, placeholders=who.placeholders
    )
    if not alias:
        return tables, nothing
    if not mapping.is_dated:
        return replace(tables, person=_survivors(leads["lead_id"], alias)), nothing
    members = Members(leads=first.reset_index(drop=True), survivor=who.survivor)
    events, repeated = _events(tables.events, members, alias)
    changes, borrowed, taken = with_borrowed_values(tables.changes, members, mapping)
    merged = replace(
        tables,
        leads=leads[~leads["lead_id"].isin(list(alias))].reset_index(drop=True),
        events=events,
        changes=changes,
        outcomes=_rewritten(tables.outcomes, members, alias),
        borrowed=tuple(dict.fromkeys((*tables.borrowed, *borrowed))),
    )
    return merged, replace(nothing, repeated_events=repeated, borrowed_values=taken)


def _survivors(ids: pd.Series[str], alias: MappingOf[str, str]) -> pd.Series[str]:
    return ids.map(alias).fillna(ids).astype("str")


def _rewritten(
    rows: pd.DataFrame | None, members: Members, alias: MappingOf[str, str]
) -> pd.DataFrame | None:
    """Return rows under the survivors' ids, known from the creation of the lead that they came with."""
    if rows is None:
        return None
    came = np.flatnonzero(rows["lead_id"].isin(list(alias)).to_numpy())
    if not len(came):
        return rows
    of = rows["lead_id"].iloc[came]
    known = rows["known_at"].copy()
    created = of.map(members.created_at)
    known.iloc[came] = known.iloc[came].where(known.iloc[came] >= created, created)
    owner = rows["lead_id"].copy()
    owner.iloc[came] = of.map(alias).to_numpy()
    return rows.assign(lead_id=owner, known_at=known)


def _events(
    events: pd.DataFrame | None, members: Members, alias: MappingOf[str, str]
) -> tuple[pd.DataFrame | None, int]:
    rewritten = _rewritten(events, members, alias)
    if events is None or rewritten is None or rewritten is events:
        return events, 0
    of_merged = np.flatnonzero(rewritten["lead_id"].isin(set(alias.values())).to_numpy())
    rows = rewritten.iloc[of_merged]
    origin = events["lead_id"].iloc[of_merged].to_numpy(object)
    repeated = of_merged[_repeats(rows, origin, members)]
    if not len(repeated):
        return rewritten, 0
    return rewritten.drop(index=rewritten.index[repeated]).reset_index(drop=True), len(repeated)


def _repeats(rows: pd.DataFrame, origin: NDArray[np.object_], members: Members) -> NDArray[np.int64]:
    """Return the positions of events that another lead of the same person holds too, and was known first."""
    visible = np.maximum(microseconds_of(rows["occurred_at"]), microseconds_of(rows["known_at"]))
    created = microseconds_of(pd.Series(origin).map(members.created_at))
    order = np.lexsort((pd.Series(origin).rank().to_numpy(), created, visible))
    sorted_rows = rows.iloc[order].assign(origin=origin[order])
    named = sorted_rows["event_id"].notna()
    same_id = named & sorted_rows.duplicated(["lead_id", "event_id"])
    rest = sorted_rows[~same_id]
    alike = ["lead_id", "occurred_at", "type", "detail", "value"]
    # Two alike events of one lead are two, so the n-th of one lead is the n-th of another.
    nth = rest.groupby([*alike, "origin"], dropna=False, observed=True, sort=False).cumcount()
    again = rest.assign(nth=nth).duplicated([*alike, "nth"])
    gone = same_id.to_numpy(bool, copy=True)
    gone[~gone] = again.to_numpy()
    return np.sort(order[gone])
