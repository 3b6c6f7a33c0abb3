"""What makes two versions incomparable: another horizon, another label, another mapping."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from features.mapping import Mapping

_PLACE = {"source", "path", "url", "query", "encoding", "delimiter", "time_format", "decimal", "exclude"}
"""Where and how the data are written, and which columns are left out: the leads stay the same leads."""

_STRUCTURE = {
    "id", "created_at", "lead_id", "occurred_at", "event_id", "value", "known_at", "column", "changed_at",
    "key", "known_from", "type", "outcome",
}  # fmt: skip
"""Names of columns that say who and when, not what: only whether there is such a column matters."""

_EXTENT = {"from", "extract_at"}
"""From when to when history is read. It moves with each training."""

_FIRST = ("training.horizon", "outcomes.label", "outcomes.positive", "outcomes.won_when")


def differences(one: Mapping, other: Mapping) -> tuple[str, ...]:
    """Return in words what differs between two mappings that a comparison rests on; none where nothing does.

    Horizon and label come first. That data lie elsewhere, or reach further, is no difference.
    """
    of_one, of_other = dict(_settings(one)), dict(_settings(other))
    names = sorted(of_one.keys() | of_other.keys(), key=lambda name: (name not in _FIRST, name))
    return tuple(
        f"{name} is {_said(of_one.get(name))} for the one and {_said(of_other.get(name))} for the other"
        for name in names
        if of_one.get(name) != of_other.get(name)
    )


def _settings(mapping: Mapping) -> Iterator[tuple[str, Any]]:
    content = json.loads(mapping.frozen())
    for section, held in _sections(content):
        for name, value in held.items():
            if name in _PLACE or (section == "training" and name in _EXTENT) or value in ([], {}):
                continue
            if section == "training" and name.startswith("snapshot_") and not _is_scored_at_ages(content):
                continue  # what is learned from, not what is scored
            told = "a column" if name in _STRUCTURE and isinstance(value, str) else _unordered(value)
            if section == "outcomes" and name == "value":
                continue  # what a win was worth is no part of a label
            yield f"{section}.{name}", told
        if section != "training":
            yield section, "there"


def _sections(content: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, section in content.items():
        if isinstance(section, dict):
            yield name, section
        else:
            yield from ((f"{name}[{place}]", part) for place, part in enumerate(section))


def _unordered(value: Any) -> Any:
    """Return a value, a list sorted: all lists of a mapping name what belongs to a set."""
    return sorted(value, key=str) if isinstance(value, list) else value


def _is_scored_at_ages(content: dict[str, Any]) -> bool:
    return bool(content.get("training", {}).get("census") == "snapshots")


def _said(value: Any) -> str:
    if value is None:
        return "not there"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
