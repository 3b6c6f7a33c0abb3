"""Examples: leads that nobody is, with the scores that a scorer gave them when its artifact was written.

They travel with the artifact. Whoever is to serve it scores them again, cells, events and all, and so finds
what no checksum finds: that another machine, library or LeadLens makes another score of the same model.

The leads are made of what the artifact says already: names that its vocabulary knows, which at least 20 leads
share each, and numbers around the census's medians. They hold no person's values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from features.batch import LeadBatch
from features.durations import DAY_US
from features.events import NO_TIME, event_log_of_rows
from models.score import Unscorable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from features.columns import Column
    from features.spec import FeatureSpec
    from models.score import Score
    from models.scoring import Scorer

EXAMPLES = 32
MOMENT = 1_767_225_600_000_000
"""The moment at which examples are scored: 2026-01-01, in microseconds UTC."""

TOLERANCE = 1e-9
"""By how much a margin, a probability or a reason's log-odds may differ, relative to max(1, its size)."""

EFFECT_TOLERANCE = 1e-6
"""An effect is log-odds times a slope, which is a difference over a distance of at least 0.1."""

_TITLES = ("VP Sales", "Head of IT", "Junior Analyst", "CEO", "Marketing Manager", "Student")
_ADDRESSES = ("office@acme.example", "someone@gmail.com", "info@uni.ac.uk")
_PLACES = ("DE", "France", "US", "Brazil")
_WAYS = ("google", "cpc", "newsletter", "https://www.linkedin.com/feed", "Referral", "Event")
_FURTHEST_DAYS = 120


@dataclass(frozen=True, slots=True)
class _Median:
    """What half of the census has no more of, by a feature's name; 1 where nothing is told."""

    of: dict[str, float]

    def __call__(self, name: str) -> float:
        found = self.of.get(name, 1.0)
        return found if np.isfinite(found) and found != 0.0 else 1.0


def examples_of(scorer: Scorer) -> list[dict[str, Any]]:
    """Return examples as JSON values: the lead, the moment, and what the scorer says. The same each time."""
    made = _made(scorer.spec, _medians(scorer), is_dated=scorer.mapping.is_dated)
    said = scorer.score(_batch(made, scorer.spec))
    return [{**lead, "expected": _told(score)} for lead, score in zip(made, said, strict=True)]


def differences(scorer: Scorer, examples: Sequence[dict[str, Any]]) -> list[str]:
    """Return what a scorer says otherwise than its examples do, in words; nothing where it is right.

    Scores and grades have to be equal; margins, probabilities and reasons within their tolerance. Raises
    KeyError, TypeError or ValueError where the examples are not of the form that `examples_of` gives.
    """
    said = scorer.score(_batch(examples, scorer.spec))
    return [
        f"example {number}: {name} is {told.get(name)}, expected {expected.get(name)}"
        for number, (expected, told) in enumerate(
            ((example["expected"], _told(score)) for example, score in zip(examples, said, strict=True)), 1
        )
        for name in dict.fromkeys([*expected, *told])
        if not _alike(expected.get(name), told.get(name), name)
    ]


def _told(score: Score | Unscorable) -> dict[str, Any]:
    if isinstance(score, Unscorable):
        return {"unscorable": [fault.where for fault in score.faults]}
    return {
        "score": score.score,
        "margin": score.margin,
        "probability": score.probability,
        "probability_low": score.probability_low,
        "probability_high": score.probability_high,
        "fit_score": score.fit_score,
        "engagement_score": score.engagement_score,
        "grade": score.grade,
        "log_odds": [reason.log_odds for reason in score.reasons],
        "effects": [reason.effect for reason in score.reasons],
    }


def _alike(expected: Any, found: Any, name: str) -> bool:
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(_alike, expected, found, [name] * len(expected)))
    if isinstance(expected, float) and isinstance(found, float):
        tolerance = EFFECT_TOLERANCE if name == "effects" else TOLERANCE
        return abs(expected - found) <= tolerance * max(1.0, abs(expected))
    return bool(expected == found)


def _batch(examples: Sequence[dict[str, Any]], spec: FeatureSpec) -> LeadBatch:
    names = dict.fromkeys(name for example in examples for name in example["cells"])
    return LeadBatch(
        lead_ids=[f"example {number}" for number in range(1, len(examples) + 1)],
        created_at=np.asarray(
            [NO_TIME if one["created_at"] is None else one["created_at"] for one in examples], np.int64
        ),
        as_of=np.asarray([example["as_of"] for example in examples], np.int64),
        cells={name: [example["cells"].get(name) for example in examples] for name in names},
        events=event_log_of_rows([example["events"] for example in examples], frozenset(spec.touch_keys)),
        owner=np.arange(len(examples), dtype=np.int64),
    )


def _medians(scorer: Scorer) -> _Median:
    population = getattr(scorer, "population", None)
    usual = None if population is None else population.usual
    return _Median({} if usual is None else dict(zip(scorer.spec.names, usual.tolist(), strict=True)))


def _made(spec: FeatureSpec, median: _Median, *, is_dated: bool) -> list[dict[str, Any]]:
    """Return leads: the first with nothing known of it, the others with more and more."""
    chance = np.random.default_rng(0)
    made = []
    for number in range(EXAMPLES):
        known = number / (EXAMPLES - 1)
        age = float(chance.uniform(0, 2 * _FURTHEST_DAYS))
        made.append(
            {
                "created_at": MOMENT - int(age * DAY_US) if is_dated else None,
                "as_of": MOMENT,
                "cells": _cells(spec, median, chance, known),
                "events": _events(spec, median, chance, known) if spec.has_events else [],
            }
        )
    return made


def _cells(spec: FeatureSpec, median: _Median, chance: np.random.Generator, known: float) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for column in spec.columns:
        read = [name for _, name in column.reads] if column.is_derived else [column.name]
        for name in read:
            held = cells.get(name)
            drawn = _cell(column, median, chance, spec.decimal) if chance.random() < known else None
            cells[name] = drawn if held is None else held
    return cells


def _cell(column: Column, median: _Median, chance: np.random.Generator, decimal: str) -> Any:
    match column.kind:
        case "number":
            value = median(column.name) * float(np.round(chance.lognormal(0.0, 0.8), 3))
            return value if chance.random() < 0.5 else f"{value:.3f}".replace(".", decimal)
        case "boolean":
            return str(chance.choice(["yes", "no"]))
        case "multi":
            size = min(len(column.vocabulary), int(chance.integers(1, 4)))
            return f"{column.separator} ".join(chance.choice(column.vocabulary, size, replace=False).tolist())
        case "title":
            return str(chance.choice(_TITLES))
        case "email":
            return str(chance.choice(_ADDRESSES))
        case "source":
            return str(chance.choice(_WAYS))
        case "completeness":
            return None  # it reads columns that are drawn themselves
        case _:
            known = column.vocabulary or (_PLACES if column.kind == "country" else ("other",))
            return str(chance.choice(known))


def _events(
    spec: FeatureSpec, median: _Median, chance: np.random.Generator, known: float
) -> list[dict[str, Any]]:
    keys = [*spec.event_keys, *spec.touch_keys]
    if not keys:
        return []
    details, values = set(spec.detail_keys), set(spec.value_keys)
    made = []
    for number in range(int(chance.integers(0, 2 + int(24 * known)))):
        key = str(chance.choice(keys))
        kind, detail = key, None
        if key in details and "." in key:
            kind, _, detail = key.partition(".")
        size = median(f"{key}.value_max") * float(np.round(chance.lognormal(0.0, 0.8), 3))
        # A few come after the moment, or are known only then: they must not count.
        at = MOMENT - int(chance.uniform(-3, _FURTHEST_DAYS) * DAY_US)
        made.append(
            {
                "type": kind,
                "occurred_at": at,
                "known_at": at + (2 * DAY_US if chance.random() < 0.1 else 0),
                "detail": detail,
                "value": size if key in values else None,
                "event_id": f"e{number}",
            }
        )
    return made
