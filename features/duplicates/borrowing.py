"""What a lead's duplicates know and it does not: their values, from the moment they were created on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.history import microseconds_of
from features.tables import CHANGES

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

    from numpy.typing import NDArray

    from features.mapping import Mapping

    Step = tuple[pd.Timestamp | None, Any]
    """A value and since when it stands; None: always."""

_OWN = frozenset({"lead_id", "created_at"})


@dataclass(frozen=True)
class Members:
    """The leads, one row each, and the row of each one's survivor (int64, its own where it stands)."""

    leads: pd.DataFrame
    survivor: NDArray[np.int64]

    @cached_property
    def created_at(self) -> pd.Series[Any]:
        """The creation of each lead, by its id."""
        return self.leads.set_index("lead_id")["created_at"]

    @cached_property
    def together(self) -> dict[int, list[int]]:
        """The rows of each survivor that took others in: itself, and the others as they were created."""
        others = np.flatnonzero(self.survivor != np.arange(len(self.survivor)))
        created = microseconds_of(self.leads["created_at"])[others]
        names = self.leads["lead_id"].iloc[others].rank().to_numpy()
        ordered = others[np.lexsort((names, created, self.survivor[others]))].tolist()
        grouped = groupby(ordered, key=lambda row: int(self.survivor[row]))
        return {survivor: [survivor, *rows] for survivor, rows in grouped}


def with_borrowed_values(
    changes: pd.DataFrame | None, members: Members, mapping: Mapping
) -> tuple[pd.DataFrame | None, list[str], int]:
    """Return the changes of the merged leads, the columns that have borrowed values alone, and how many.

    At every moment the survivor has the first known value among its own and those of its duplicates
    created by then, in the order of creation. A lead's own value is what `History` takes it to be: its
    last change, or the table's value before its first. Where nothing is borrowed, the survivor's
    own rows stay as they are, and those of its duplicates are gone.
    """
    dated = set() if changes is None else set(changes["column"])
    own = [name for name in members.leads.columns if name not in _OWN | set(mapping.leads.exclude)]
    logs = _logs(changes, members)
    rows: list[tuple[str, str, Any, Any]] = []
    rewritten: set[tuple[str, str]] = set()
    only_borrowed = []
    ids = members.leads["lead_id"].to_numpy(object)
    for name in own:
        before = len(rewritten)
        for group in _lacking(members, name, logs if name in dated else {}):
            steps = [_steps(row, name, members, logs) for row in group]
            merged = _coalesced(steps)
            if _alike(merged, _coalesced(steps[:1])):
                continue
            survivor = str(ids[group[0]])
            rewritten.add((survivor, name))
            rows += [(survivor, name, since, value) for since, value in merged if since is not None]
        if name not in dated and len(rewritten) > before:
            only_borrowed.append(name)
    return _table(changes, rows, rewritten, members), only_borrowed, len(rewritten)


def _logs(changes: pd.DataFrame | None, members: Members) -> dict[tuple[int, str], list[Step]]:
    """Return the changes of the leads that are merged, by row and column, as they follow in time."""
    if changes is None:
        return {}
    involved = [row for group in members.together.values() for row in group]
    row_of = pd.Series(involved, index=members.leads["lead_id"].iloc[involved].to_numpy(object))
    kept = changes[changes["lead_id"].isin(row_of.index)].sort_values("changed_at", kind="stable")
    of = kept["lead_id"].map(row_of)
    cells = zip(of, kept["column"], kept["changed_at"], kept["value"], strict=True)
    logs: dict[tuple[int, str], list[Step]] = {}
    for row, column, since, value in cells:
        logs.setdefault((int(row), str(column)), []).append((since, value))
    return logs


def _lacking(members: Members, name: str, logs: MappingOf[tuple[int, str], list[Step]]) -> list[list[int]]:
    """Return the groups in which a survivor may lack a value of a column that another lead has."""
    known = members.leads[name].notna().to_numpy()
    return [
        group
        for group in members.together.values()
        if ((group[0], name) in logs or not known[group[0]])
        and any((row, name) in logs or known[row] for row in group[1:])
    ]


def _steps(row: int, name: str, members: Members, logs: MappingOf[tuple[int, str], list[Step]]) -> list[Step]:
    """Return what stood with one lead, first to last; of a duplicate, from its creation on."""
    cell = members.leads[name].iloc[row]
    own = [(None, cell), *logs.get((row, name), [])]
    if members.survivor[row] == row:
        return own
    created = members.leads["created_at"].iloc[row]
    before = [step for step in own if step[0] is None or step[0] <= created]
    start = [(created, before[-1][1])] if before else []
    return [*start, *own[len(before) :]]


def _coalesced(steps: list[list[Step]]) -> list[Step]:
    """Return the first known value of several leads at each moment at which it changes."""
    moments = sorted(
        ((since, place, value) for place, own in enumerate(steps) for since, value in own),
        key=lambda step: (step[0] is not None, step[0]),
    )
    now: list[Any] = [None] * len(steps)
    merged: list[Step] = []
    for since, at_once in groupby(moments, key=itemgetter(0)):
        for _, place, value in at_once:
            now[place] = None if _is_missing(value) else value
        value = next((held for held in now if held is not None), None)
        if not merged or not _same(merged[-1][1], value):
            merged.append((since, value))
    return merged


def _is_missing(value: Any) -> bool:
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))


def _alike(one: list[Step], other: list[Step]) -> bool:
    return len(one) == len(other) and all(
        a[0] == b[0] and _same(a[1], b[1]) for a, b in zip(one, other, strict=True)
    )


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return one is other
    return type(one) is type(other) and bool(one == other)


def _table(
    changes: pd.DataFrame | None,
    rows: list[tuple[str, str, Any, Any]],
    rewritten: set[tuple[str, str]],
    members: Members,
) -> pd.DataFrame | None:
    ids = members.leads["lead_id"].to_numpy(object)
    gone = {ids[row] for group in members.together.values() for row in group[1:]}
    if changes is not None:
        stays = ~changes["lead_id"].isin(gone).to_numpy()
        survivors = np.flatnonzero(changes["lead_id"].isin({lead for lead, _ in rewritten}).to_numpy())
        pairs = zip(changes["lead_id"].iloc[survivors], changes["column"].iloc[survivors], strict=True)
        stays[survivors] &= np.asarray([pair not in rewritten for pair in pairs], np.bool_)
        changes = changes if stays.all() else changes[stays].reset_index(drop=True)
    if not rows:
        return changes
    added = pd.DataFrame(rows, columns=["lead_id", "column", "changed_at", "value"])
    added = added.astype({"lead_id": "str", "column": "str", "value": object})
    added["changed_at"] = pd.to_datetime(added["changed_at"], utc=True).dt.as_unit("us")
    parts = [added] if changes is None else [changes, added]
    return pd.DataFrame(CHANGES.validate(pd.concat(parts, ignore_index=True)))
