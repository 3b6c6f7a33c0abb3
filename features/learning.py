"""Learning the spec: what training rows show of each column and type of event, and what is worth measuring.

A survey is made of counts alone, so that surveys of parts of the leads merge to exactly the survey of all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from features.cells import cell_rules, distinct_cells, key_of_cell
from features.columns import SUPPORT, Column, Unused, learn_counted
from features.columns.derived import derived_columns
from features.event_features import CHANNEL
from features.feature import ACTIVITY, RESPONSE, STEP, TOUCHES
from features.fit import column_features
from features.spec import FeatureSpec
from features.vocabulary import channel_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.mapping import Mapping

MOST_TYPES = 24
"""The largest number of types of events that are measured: those that most leads show."""

MOST_DETAILS = 12
"""The largest number of types with a detail that are measured."""

REPEATED_SHARE = 0.1
"""Where fewer of the leads that show a type show it twice, it is one that happens once."""

_RESERVED = {ACTIVITY, TOUCHES, RESPONSE, STEP.partition(".")[0], CHANNEL}
"""Features of other subjects begin so: a type of such a name is counted nowhere."""


@dataclass(frozen=True, slots=True)
class CellCount:
    """A distinct cell of a column, and how many leads hold it."""

    cell: Any
    leads: int


@dataclass(frozen=True, slots=True)
class KeyCount:
    """How many leads show a type of event (or a type with its detail), with what.

    `touched`: how many of its events were touches; `with_value`: how many leads show it with a value;
    `repeated`: how many show it more than once.
    """

    leads: int
    repeated: int
    touched: int
    with_value: int
    is_detail: bool


@dataclass(frozen=True, slots=True)
class Survey:
    """What rows show: for each column its distinct cells, for each key of events who shows it."""

    columns: dict[str, dict[Any, CellCount]]
    keys: dict[str, KeyCount]


def merged_surveys(parts: Iterable[Survey]) -> Survey:
    """Return the survey of all parts, each read once. No lead may be in two."""
    columns: dict[str, dict[Any, CellCount]] = {}
    keys: dict[str, KeyCount] = {}
    for part in parts:
        for name, counts in part.columns.items():
            _add_cells(columns.setdefault(name, {}), counts)
        for key, count in part.keys.items():
            keys[key] = _merged_keys(keys[key], count) if key in keys else count
    return Survey(columns, keys)


def _add_cells(held: dict[Any, CellCount], counts: dict[Any, CellCount]) -> None:
    for key, count in counts.items():
        before = held.get(key)
        held[key] = count if before is None else CellCount(count.cell, count.leads + before.leads)


def _merged_keys(*counts: KeyCount) -> KeyCount:
    return KeyCount(
        sum(c.leads for c in counts),
        sum(c.repeated for c in counts),
        sum(c.touched for c in counts),
        sum(c.with_value for c in counts),
        any(c.is_detail for c in counts),
    )


def survey(batch: LeadBatch) -> Survey:
    """Return what training rows show: each lead counts once, by its last row."""
    last = {owner: row for row, owner in enumerate(batch.owner.tolist())}
    rows = np.asarray(sorted(last.values()), np.int64)
    columns = {name: _counted(cells, rows) for name, cells in batch.cells.items()}
    return Survey(columns, _keys_shown(batch, rows))


def learn_spec(batch: LeadBatch, mapping: Mapping) -> FeatureSpec:
    """Learn what to measure from training rows: each lead counts once, by its last row."""
    return spec_of(survey(batch), mapping)


def spec_of_parts(surveys: Iterable[Survey], mapping: Mapping) -> FeatureSpec:
    """Learn what to measure from the surveys of parts of the leads."""
    return spec_of(merged_surveys(surveys), mapping)


def spec_of(found: Survey, mapping: Mapping) -> FeatureSpec:
    """Return what to measure: columns and types of events that at least SUPPORT leads share."""
    leads = mapping.leads
    rules = cell_rules(leads.missing, leads.decimal)
    learned = [
        learn_counted(
            name,
            [count.cell for count in counts.values()],
            [count.leads for count in counts.values()],
            rules,
            context=name in leads.context,
            separator=leads.multi.get(name),
        )
        for name, counts in found.columns.items()
    ]
    return _with_columns(_of_events(found, mapping), learned, list(found.columns))


def _of_events(found: Survey, mapping: Mapping) -> FeatureSpec:
    """Return a spec without columns."""
    keys = _worth_measuring(found.keys)
    touches = [key for key in keys if found.keys[key].touched]
    return FeatureSpec(
        columns=(),
        unused=(),
        event_keys=tuple(keys),
        touch_keys=tuple(touches),
        has_age=mapping.is_dated,
        has_events=mapping.events is not None,
        missing=mapping.leads.missing,
        decimal=mapping.leads.decimal,
        detail_keys=tuple(key for key in keys if found.keys[key].is_detail),
        single_keys=tuple(key for key in keys if _is_single(found.keys[key])),
        value_keys=tuple(
            key for key in keys if found.keys[key].with_value >= SUPPORT and not found.keys[key].is_detail
        ),
        channels=_channels([key for key in keys if key not in touches and not found.keys[key].is_detail]),
    )


def _with_columns(spec: FeatureSpec, learned: list[Column | Unused], names: list[str]) -> FeatureSpec:
    """Return the spec with its columns; one whose features would be called like others is not used."""
    others = set(spec.names)
    why = "a feature of LeadLens is called so: rename the column"
    told = [
        Unused(column.name, why)
        if isinstance(column, Column) and others & {feature.name for feature in column_features(column)}
        else column
        for column in learned
    ]
    columns = tuple(column for column in told if isinstance(column, Column))
    return replace(
        spec,
        columns=(*columns, *derived_columns(columns, names)),
        unused=tuple(column for column in told if isinstance(column, Unused)),
    )


def _worth_measuring(keys: dict[str, KeyCount]) -> list[str]:
    """Return the keys that enough leads show, in alphabetical order."""
    chosen: list[str] = []
    for is_detail, most in ((False, MOST_TYPES), (True, MOST_DETAILS)):
        shared = [k for k, c in keys.items() if c.is_detail == is_detail and c.leads >= SUPPORT]
        chosen += sorted(shared, key=lambda key: (-keys[key].leads, key))[:most]
    return sorted(key for key in chosen if key.partition(".")[0] not in _RESERVED)


def _is_single(count: KeyCount) -> bool:
    """Return whether hardly any lead shows it twice."""
    return count.repeated < max(SUPPORT, REPEATED_SHARE * count.leads)


def _channels(acts: list[str]) -> tuple[str, ...]:
    """Return the channels over which the lead acts in several ways."""
    ways = Counter(channel for key in acts if (channel := channel_of(key)) is not None)
    return tuple(sorted(channel for channel, count in ways.items() if count > 1))


def _counted(cells: Any, rows: NDArray[np.int64]) -> dict[Any, CellCount]:
    taken = cells.iloc[rows] if hasattr(cells, "iloc") else [cells[row] for row in rows]
    codes, distinct = distinct_cells(taken)
    counts = np.bincount(codes, minlength=len(distinct)).tolist()
    return {key_of_cell(cell): CellCount(cell, count) for cell, count in zip(distinct, counts, strict=True)}


def _keys_shown(batch: LeadBatch, rows: NDArray[np.int64]) -> dict[str, KeyCount]:
    """Return who shows each key by their row's moment."""
    log = batch.events
    latest = np.full(log.owners, np.iinfo(np.int64).min)
    latest[batch.owner[rows]] = batch.as_of[rows]
    owner = np.repeat(np.arange(log.owners), np.diff(log.offsets))
    seen = (log.occurred_at <= latest[owner]) & (log.known_at <= latest[owner])
    valued = ~np.isnan(log.value)
    shown: dict[str, KeyCount] = {}
    for codes, is_detail in ((log.detail_key, True), (log.key, False)):
        here = seen & (codes >= 0)
        leads, repeated = _leads_with(codes[here], owner[here], len(log.keys))
        with_value, _ = _leads_with(codes[here & valued], owner[here & valued], len(log.keys))
        touched = np.bincount(codes[here], weights=log.is_touch[here], minlength=len(log.keys))
        shown |= {
            log.keys[i]: KeyCount(
                int(leads[i]), int(repeated[i]), int(touched[i]), int(with_value[i]), is_detail
            )
            for i in np.flatnonzero(leads)
        }
    return shown


def _leads_with(
    codes: NDArray[np.int32], owner: NDArray[np.int64], keys: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many owners show each key, and how many more than once; one code and owner an event."""
    pairs, times = np.unique(owner * max(keys, 1) + codes, return_counts=True)
    shown = pairs % max(keys, 1)
    return np.bincount(shown, minlength=keys), np.bincount(shown[times > 1], minlength=keys)
