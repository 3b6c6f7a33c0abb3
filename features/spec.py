"""The feature spec: what is known about a lead, in which order, learned once and frozen with the model."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import TypeAdapter

from features.cells import CellRules, cell_rules
from features.columns import SUPPORT, Column, Unused, learn_column
from features.derived import derived_columns
from features.feature import Family, Feature
from features.fit import column_features

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.mapping import Mapping

WINDOWS = (7, 30, 90)
"""Lengths in days of the windows that events are counted in, besides all time."""

ACTIVITY = "activity"
"""Stands for every act of the lead, whatever its type."""

TOUCHES = "touches"
"""Stands for every touch by us."""


@dataclass(frozen=True)
class FeatureSpec:
    """What a vector holds. `event_keys` are types and type.page; `touch_keys` those that are our touches."""

    columns: tuple[Column, ...]
    unused: tuple[Unused, ...]
    event_keys: tuple[str, ...]
    touch_keys: tuple[str, ...]
    has_age: bool
    has_events: bool
    missing: tuple[str, ...]
    decimal: str

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """The features in the order of the vector."""
        return tuple(_features(self))

    @cached_property
    def rules(self) -> CellRules:
        """How cells are read."""
        return cell_rules(self.missing, self.decimal)

    @property
    def names(self) -> list[str]:
        """The names of the features, in order."""
        return [feature.name for feature in self.features]

    def only(self, *families: Family) -> NDArray[np.int64]:
        """Return the positions of the features of some families."""
        return np.asarray([i for i, f in enumerate(self.features) if f.family in families], np.int64)

    def to_json(self) -> str:
        """Return the spec as JSON that `spec_from_json` reads back."""
        return json.dumps({**asdict(self), "names": self.names}, ensure_ascii=False, indent=1)


_SPEC = TypeAdapter(FeatureSpec)


def spec_from_json(text: str) -> FeatureSpec:
    """Read a spec back. Raises ValueError where the names of its features are not those it was saved with."""
    content: dict[str, Any] = json.loads(text)
    names = content.pop("names")
    spec = _SPEC.validate_python(content)
    if spec.names != names:
        raise ValueError(
            "the feature spec was written by a version that orders or names features differently"
        )
    return spec


def learn_spec(batch: LeadBatch, mapping: Mapping) -> FeatureSpec:
    """Learn what to measure from training rows: each lead counts once, by its last row.

    Columns without shared values and event types of fewer than SUPPORT leads become no features.
    """
    leads = mapping.leads
    rules = cell_rules(leads.missing, leads.decimal)
    last = {owner: row for row, owner in enumerate(batch.owner.tolist())}
    rows = np.asarray(sorted(last.values()), np.int64)
    learned = [
        learn_column(
            name,
            _taken(cells, rows),
            rules,
            context=name in leads.context,
            separator=leads.multi.get(name),
        )
        for name, cells in batch.cells.items()
    ]
    keys = _supported_keys(batch, rows)
    columns = tuple(column for column in learned if isinstance(column, Column))
    return FeatureSpec(
        columns=(*columns, *derived_columns(columns, list(batch.cells))),
        unused=tuple(column for column in learned if isinstance(column, Unused)),
        event_keys=tuple(keys),
        touch_keys=tuple(key for key, is_touch in keys.items() if is_touch),
        has_age=mapping.is_dated,
        has_events=mapping.events is not None,
        missing=leads.missing,
        decimal=leads.decimal,
    )


def _taken(cells: Any, rows: NDArray[np.int64]) -> Any:
    return cells.iloc[rows] if hasattr(cells, "iloc") else [cells[row] for row in rows]


def _supported_keys(batch: LeadBatch, rows: NDArray[np.int64]) -> dict[str, bool]:
    """Return the keys that enough leads show by their row's moment, and whether each is a touch."""
    log = batch.events
    latest = np.full(log.owners, np.iinfo(np.int64).min)
    latest[batch.owner[rows]] = batch.as_of[rows]
    owner = np.repeat(np.arange(log.owners), np.diff(log.offsets))
    seen = (log.occurred_at <= latest[owner]) & (log.known_at <= latest[owner])
    leads_with: dict[str, bool] = {}
    for codes in (log.key, log.page_key):
        here = seen & (codes >= 0)
        pairs = np.unique(np.stack([codes[here].astype(np.int64), owner[here]]), axis=1)
        support = np.bincount(pairs[0], minlength=len(log.keys))
        touched = np.bincount(codes[here], weights=log.is_touch[here], minlength=len(log.keys)) > 0
        leads_with |= {log.keys[i]: bool(touched[i]) for i in np.flatnonzero(support >= SUPPORT)}
    # A type of these names is counted among all acts or touches, and has no features of its own.
    return {key: leads_with[key] for key in sorted(leads_with) if key not in {ACTIVITY, TOUCHES}}


def _features(spec: FeatureSpec) -> Iterable[Feature]:
    for column in spec.columns:
        yield from column_features(column)
    if spec.has_age:
        yield Feature("lead.age_days", "age", "context", "lead.age")
    if not spec.has_events:
        return
    for key in (*spec.event_keys, ACTIVITY, TOUCHES):
        family: Family = "context" if key in (*spec.touch_keys, TOUCHES) else "engagement"
        for window in (*WINDOWS, None):
            yield Feature(f"{key}.count.{_said(window)}", "count", family, key, window=window)
        yield Feature(f"{key}.days_since", "days_since", family, key)
    for window in (*WINDOWS, None):
        name = f"{ACTIVITY}.active_days.{_said(window)}"
        yield Feature(name, "active_days", "engagement", ACTIVITY, window=window)
    for measure in ("days_since_first", "days_since_previous"):
        yield Feature(f"{ACTIVITY}.{measure}", measure, "engagement", ACTIVITY)


def _said(window: int | None) -> str:
    return "ever" if window is None else f"{window}d"
