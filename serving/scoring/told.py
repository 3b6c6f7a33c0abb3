"""The answer for one lead, in the order of the design: as it is encoded, and as members for who adds some."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from serving.wire.encoding import encode, rfc_3339, to_json, whole_where_it_is

if TYPE_CHECKING:
    from collections.abc import Sequence

    from decisions.advise import Advice
    from models.score import Score


class ToldReason(msgspec.Struct, gc=False):
    """A reason as it is answered: without the phrase."""

    text: str
    effect: float
    log_odds: float | None
    family: str | None
    features: tuple[str, ...]


class ToldModel(msgspec.Struct, gc=False):
    """Which model gave the score."""

    name: str
    version: int | None


class Told(msgspec.Struct, gc=False):
    """The members of an answer."""

    lead_id: str
    as_of: str
    score: int
    probability: float | None
    probability_low: float | None
    probability_high: float | None
    horizon_days: float | None
    fit_score: int
    engagement_score: int | None
    grade: str
    rung: str
    confidence: str
    baseline_score: int
    baseline_probability: float | None
    base_rate: float | None
    reasons: list[ToldReason]
    advice: Advice
    model: ToldModel
    features_sha256: str
    warnings: list[str]


def told_of(score: Score, advice: Advice, warnings: Sequence[str] = ()) -> Told:
    """Return the answer that tells a score with its advice."""
    return Told(
        score.lead_id,
        rfc_3339(score.as_of),
        score.score,
        score.probability,
        score.probability_low,
        score.probability_high,
        whole_where_it_is(score.horizon_days),
        score.fit_score,
        score.engagement_score,
        score.grade,
        score.rung,
        score.confidence,
        score.baseline_score,
        score.baseline_probability,
        score.base_rate,
        [
            ToldReason(reason.text, reason.effect, reason.log_odds, reason.family, reason.features)
            for reason in score.reasons
        ],
        advice,
        ToldModel(score.model_name, score.model_version),
        score.features_sha256,
        [*score.warnings, *warnings],
    )


def told_document(told: Told) -> dict[str, Any]:
    """Return an answer as dictionaries and lists, whose JSON is the same."""
    return msgspec.structs.asdict(told) | {
        "reasons": [
            msgspec.structs.asdict(reason) | {"features": list(reason.features)} for reason in told.reasons
        ],
        "advice": msgspec.structs.asdict(told.advice),
        "model": msgspec.structs.asdict(told.model),
    }


def told_json(told: Told) -> bytes:
    """Return the JSON of an answer, as `to_json` writes its document; it raises ValueError where that does.

    Numbers that are not finite are looked for in the few places where there may be one.
    """
    sums = (told.baseline_probability or 0.0) + (told.base_rate or 0.0) + (told.horizon_days or 0.0)
    sums += (told.probability or 0.0) + (told.probability_low or 0.0) + (told.probability_high or 0.0)
    for reason in told.reasons:
        sums += reason.effect + (reason.log_odds or 0.0)
    if math.isfinite(sums):
        with suppress(UnicodeEncodeError):  # half a surrogate pair
            return encode(told)
    return to_json(told_document(told))
