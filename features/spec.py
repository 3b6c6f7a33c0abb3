"""The feature spec: what is known about a lead, in which order, learned once and frozen with the model."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import TypeAdapter

from features.cells import CellRules, cell_rules
from features.columns import Column, Unused  # noqa: TC001  # pydantic reads the annotations
from features.event_features import event_features
from features.feature import Family, Feature
from features.fit import column_features

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


@dataclass(frozen=True)
class FeatureSpec:
    """What a vector holds.

    `event_keys` are types and type.detail. Of these, `touch_keys` are our touches, `detail_keys` those with
    a detail, `single_keys` those that hardly any lead shows twice, `value_keys` those whose `value` is added
    up. `channels` are those over which the lead acts in several ways.
    """

    columns: tuple[Column, ...]
    unused: tuple[Unused, ...]
    event_keys: tuple[str, ...]
    touch_keys: tuple[str, ...]
    has_age: bool
    has_events: bool
    missing: tuple[str, ...]
    decimal: str
    detail_keys: tuple[str, ...] = ()
    single_keys: tuple[str, ...] = ()
    value_keys: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

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


def _features(spec: FeatureSpec) -> Iterable[Feature]:
    for column in spec.columns:
        yield from column_features(column)
    if spec.has_age:
        yield Feature("lead.age_days", "age", "context", "lead.age")
    if spec.has_events:
        yield from event_features(spec)
