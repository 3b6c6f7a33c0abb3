"""From what changed about a lead to the JSON that a caller receives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.changes.step import shortened
from serving.wire.encoding import rfc_3339

if TYPE_CHECKING:
    from models.changes.step import Part, Step
    from models.score import Score
    from serving.ledger.newest import NewestRecord
    from serving.scoring.changes import Told


def changes_document(told: Told, shown: int | None) -> dict[str, Any]:
    """Return the members of the answer, each step with `shown` reasons before the last (None: all)."""
    changes = shortened(told.changes, shown)
    return {
        "lead_id": changes.until.lead_id,
        "text": told.text,
        "since": _moment(changes.since),
        "until": _moment(changes.until),
        "effect": changes.effect,
        "log_odds": changes.log_odds,
        "steps": [_step(step) for step in changes.steps],
        "recorded": None if told.recorded is None else _recorded(told.recorded),
        "warnings": list(told.warnings),
    }


def _moment(score: Score) -> dict[str, Any]:
    return {
        "as_of": rfc_3339(score.as_of),
        "score": score.score,
        "probability": score.probability,
        "grade": score.grade,
        "rung": score.rung,
        "model": {"name": score.model_name, "version": score.model_version},
    }


def _recorded(record: NewestRecord) -> dict[str, Any]:
    return {
        "record_id": record.id,
        "recorded_at": rfc_3339(record.recorded_at),
        "as_of": rfc_3339(record.as_of),
        "score": record.score,
        "model": {"name": record.model_name, "version": record.model_version},
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "text": step.text,
        "score": step.score,
        "effect": step.effect,
        "log_odds": step.log_odds,
        "happened": [
            {"text": one.text, "effect": one.effect, "log_odds": one.log_odds} for one in step.happened
        ],
        "reasons": [_reason(part) for part in step.parts],
    }


def _reason(part: Part) -> dict[str, Any]:
    return {
        "text": part.text,
        "effect": part.effect,
        "log_odds": part.log_odds,
        "family": part.family,
        "features": list(part.features),
    }
